//! QEMU, with a port's firmware in it.

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use minplat_builder::interrupt;

use crate::port::Port;
use crate::record::{Record, START};

/// How the machine is run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options<'a> {
    /// How long it may take; `None`: for ever.
    pub time_out: Option<Duration>,
    /// Waits for a debugger at this address, `HOST:PORT`, before the first instruction.
    pub debugger: Option<&'a str>,
    /// Counts instructions instead of time, so that every run is the same.
    pub counts: bool,
}

/// What a machine says.
#[derive(Clone, Debug)]
pub enum Said {
    /// A line of a guest.
    Line(String),
    /// A record of the firmware.
    Record(Record),
}

/// How many lines may wait to be heard: a guest that says more than can be heard waits.
const WAITING: usize = 64;

/// Bytes after which a line is taken for two.
const LONGEST: u64 = 1 << 20;

/// How many lines an error shows.
const LAST: usize = 12;

/// Where `gdb` usually finds a machine that waits.
pub const DEBUGGER: &str = "localhost:1234";

/// Runs the machine until it ends, and tells each thing that it says as it comes. The answer is the firmware's exit code.
///
/// QEMU has a process group of its own: who is to end by a signal calls [`interrupt::watch`] first, and QEMU ends too.
///
/// # Errors
/// There is no QEMU, the bundle is too large, the machine takes too long, it ends without a word of the firmware, or a signal came.
pub fn run(
    port: &Port,
    firmware: &Path,
    bundle: &[u8],
    options: Options<'_>,
    mut hear: impl FnMut(Said),
) -> Result<u8> {
    let mut file = tempfile::NamedTempFile::new().context("cannot make a temporary file")?;
    file.write_all(bundle).and_then(|()| file.flush()).context("cannot write a temporary file")?;
    let boot = port.about.boot;
    if bundle.len() as u64 > boot.size {
        bail!(
            "{} has room for {} bytes of modules and {} are to be given to it: give it fewer at once, or link them in with \
             --linked",
            port.name,
            boot.size,
            bundle.len()
        );
    }
    let mut command = Command::new(&port.about.qemu.program);
    command.args(["-display", "none", "-monitor", "none", "-no-reboot", "-chardev", "stdio,id=console,signal=off"]);
    command.args(&port.about.qemu.args).arg("-kernel").arg(firmware);
    let loader = format!("loader,file={},addr={:#x},force-raw=on", comma(file.path()), boot.address);
    command.args(["-device", &loader]);
    if options.counts {
        command.args(["-icount", "shift=0"]);
    }
    if let Some(address) = options.debugger {
        command.args(["-S", "-gdb", &format!("tcp:{address}")]);
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut heard = None;
    let ended = interrupt::run(&mut command, |child| heard = Some(listen(child, port, options, &mut hear)));
    let Some(heard) = heard else {
        return Err(ended.err().unwrap_or_else(|| anyhow::anyhow!("QEMU was not heard"))).with_context(|| {
            format!(
                "cannot start {}; install QEMU, on Debian: apt-get install --no-install-recommends {}",
                port.about.qemu.program, port.about.qemu.package
            )
        });
    };
    let (status, heard) = (ended?, heard?);
    heard.code.with_context(|| {
        let complaints = heard.complaints.trim();
        let complaints = if complaints.is_empty() { String::new() } else { format!("\n{complaints}") };
        format!(
            "{} crashed: QEMU ended with {status} before the firmware did{}{complaints}",
            port.name,
            shown(&heard.last)
        )
    })
}

/// A path in an option of QEMU's.
fn comma(path: &Path) -> String {
    path.display().to_string().replace(',', ",,")
}

/// A machine that is stopped when nobody listens to it any more.
struct Running<'a> {
    child: &'a mut Child,
    has_ended: bool,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if !self.has_ended {
            // It may have ended by itself; whoever started it waits for it.
            _ = self.child.kill();
        }
    }
}

/// What was heard until the console was closed.
struct Heard {
    code: Option<u8>,
    last: VecDeque<String>,
    complaints: String,
}

fn listen(child: &mut Child, port: &Port, options: Options<'_>, hear: &mut impl FnMut(Said)) -> Result<Heard> {
    let mut running = Running { child, has_ended: false };
    let console = running.child.stdout.take().context("QEMU's output is not connected")?;
    let mut complaints = running.child.stderr.take().context("QEMU's output is not connected")?;
    let (sender, lines) = mpsc::sync_channel(WAITING);
    let reader = thread::spawn(move || {
        let mut console = BufReader::new(console);
        let mut line = Vec::new();
        while console.by_ref().take(LONGEST).read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            let text = line.strip_suffix(b"\n").unwrap_or(&line);
            if sender.send(String::from_utf8_lossy(text).into_owned()).is_err() {
                return;
            }
            line.clear();
        }
    });
    let complaints = thread::spawn(move || {
        let mut text = String::new();
        // What is not text is no message.
        _ = complaints.read_to_string(&mut text);
        text
    });

    let begin = Instant::now();
    let mut last = VecDeque::new();
    let mut code = None;
    loop {
        let line = match options.time_out {
            None => lines.recv().map_err(|_| mpsc::RecvTimeoutError::Disconnected),
            Some(limit) => match limit.checked_sub(begin.elapsed()) {
                // Lines that wait are no reason to go on.
                None => Err(mpsc::RecvTimeoutError::Timeout),
                Some(left) => lines.recv_timeout(left),
            },
        };
        match line {
            Ok(line) => {
                let said = match line.strip_prefix(START).map(Record::parse) {
                    Some(Record::Line(text)) => Said::Line(text),
                    Some(record) => Said::Record(record),
                    None => Said::Line(line.clone()),
                };
                last.push_back(line.replace(START, ""));
                if last.len() > LAST {
                    last.pop_front();
                }
                if let Said::Record(Record::End(said)) = &said {
                    code = Some(*said);
                }
                hear(said);
            }
            Err(mpsc::RecvTimeoutError::Timeout) => {
                let seconds = begin.elapsed().as_secs();
                bail!(
                    "{} did not end within {seconds} s{}\ngive it longer with --timeout, or a guest less with --fuel",
                    port.name,
                    shown(&last)
                );
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
        }
    }
    running.has_ended = true;
    // Both end when QEMU has ended; neither panics.
    _ = reader.join();
    let complaints = complaints.join().unwrap_or_default();
    Ok(Heard { code, last, complaints })
}

fn shown(last: &VecDeque<String>) -> String {
    if last.is_empty() {
        return "; it has said nothing".into();
    }
    let lines: Vec<_> = last.iter().map(|line| format!("\n  {line}")).collect();
    format!("; its last lines:{}", lines.concat())
}
