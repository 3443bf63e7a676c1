//! A debugger at a machine: gdb's remote protocol, as far as the tests need it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

/// An address on this computer that nobody listens at.
pub(crate) fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

/// A connection to a machine.
pub(crate) struct Debugger {
    stream: BufReader<TcpStream>,
}

impl Debugger {
    /// Connects, once the machine listens.
    #[track_caller]
    pub(crate) fn new(address: &str) -> Self {
        let stream = super::wait_for("a machine that waits for a debugger", || TcpStream::connect(address).ok());
        // A machine that never answers is a failure, and no test without end.
        stream.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
        let mut debugger = Self { stream: BufReader::new(stream) };
        // Who does not ask what registers there are can change none.
        let registers = debugger.ask("qXfer:features:read:target.xml:0,ffb");
        assert!(registers.starts_with(['l', 'm']), "{registers}");
        debugger
    }

    /// Sends a packet.
    pub(crate) fn send(&mut self, packet: &str) {
        let sum = packet.bytes().fold(0u8, u8::wrapping_add);
        self.stream.get_mut().write_all(format!("${packet}#{sum:02x}").as_bytes()).unwrap();
    }

    /// The next packet.
    #[track_caller]
    pub(crate) fn receive(&mut self) -> String {
        let mut bytes = Vec::new();
        self.stream.read_until(b'$', &mut bytes).unwrap();
        bytes.clear();
        self.stream.read_until(b'#', &mut bytes).unwrap();
        assert_eq!(bytes.pop(), Some(b'#'), "the machine is gone");
        self.stream.read_exact(&mut [0; 2]).unwrap();
        self.stream.get_mut().write_all(b"+").unwrap();
        String::from_utf8(bytes).unwrap()
    }

    /// Sends a packet; gives the answer.
    #[track_caller]
    pub(crate) fn ask(&mut self, packet: &str) -> String {
        self.send(packet);
        self.receive()
    }

    /// All registers.
    #[track_caller]
    pub(crate) fn registers(&mut self) -> Vec<u8> {
        let text = self.ask("g");
        assert!(text.is_ascii() && text.len().is_multiple_of(2), "{text}");
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap_or(0)).collect()
    }

    /// A register, of so many bytes.
    #[track_caller]
    pub(crate) fn register(&mut self, number: usize, size: usize) -> u64 {
        let bytes = self.registers();
        bytes[number * size..][..size].iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte))
    }

    /// Changes a register, of so many bytes.
    #[track_caller]
    pub(crate) fn set_register(&mut self, number: usize, size: usize, value: u64) {
        let bytes: String = value.to_le_bytes()[..size].iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(self.ask(&format!("P{number:x}={bytes}")), "OK");
    }

    /// Runs on to an instruction.
    #[track_caller]
    pub(crate) fn run_to(&mut self, address: u64) {
        assert_eq!(self.ask(&format!("Z0,{address:x},2")), "OK");
        let stopped = self.ask("c");
        assert!(stopped.starts_with("T05") || stopped.starts_with("S05"), "{stopped}");
        assert_eq!(self.ask(&format!("z0,{address:x},2")), "OK");
    }
}
