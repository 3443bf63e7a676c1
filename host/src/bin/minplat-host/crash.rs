//! The end of a device: where a board would reset, this process says what happened and fails.
//!
//! A library that panics executes an invalid instruction, and a fault that is no trap of a guest's has nobody else to take
//! it. The handlers are installed first of all, so the platform's handler for traps hands on to them what is not its own.

use std::ffi::{CStr, c_int, c_void};
use std::sync::OnceLock;

use crate::report::Report;

const SIGNALS: [(c_int, &str); 4] = [
    (
        libc::SIGILL,
        "an invalid instruction: the library panicked, as it does when its heap gets no memory or the platform breaks its contract",
    ),
    (libc::SIGSEGV, "a fault in memory, or the end of the native stack"),
    (libc::SIGBUS, "a fault in memory"),
    (libc::SIGFPE, "an arithmetic fault"),
];

/// What is said of all of them, before the signal's own text.
const STOPPED: &str = "the device stopped where a board would reset: ";

/// Takes the signals that would kill the process without a word.
pub(crate) fn install() {
    for (signal, _) in SIGNALS {
        // SAFETY: zeros are a valid `sigaction`, and `crashed` has the form that SA_SIGINFO asks for.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = crashed as *const () as usize;
            action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_RESETHAND;
            libc::sigaction(signal, &action, std::ptr::null_mut());
        }
    }
}

/// For each of the signals what `--json` prints: a handler cannot make JSON, but it can write what lies ready.
static JSON: OnceLock<[String; SIGNALS.len()]> = OnceLock::new();

/// Lets a crash print the report as JSON on standard output, besides the text.
pub(crate) fn prepare(report: &Report) {
    let lines = SIGNALS.map(|(_, what)| report.crashed(&format!("{STOPPED}{what}; standard error says where")));
    // The process makes one report, so a second is not known to be needed.
    let _ = JSON.set(lines);
}

/// Says where, and ends the process. Nothing here allocates or takes a lock of this program's.
extern "C" fn crashed(signal: c_int, info: *mut libc::siginfo_t, _context: *mut c_void) {
    let which = SIGNALS.iter().position(|(number, _)| *number == signal);
    say(b"error: ");
    say(STOPPED.as_bytes());
    say(which.map_or("a signal", |which| SIGNALS[which].1).as_bytes());
    // SAFETY: SA_SIGINFO gives the information.
    let address = unsafe { (*info).si_addr() };
    say(b"\n  at address ");
    say_hex(address.addr());
    if matches!(signal, libc::SIGILL | libc::SIGFPE) {
        // SAFETY: zeros are a valid `Dl_info`; any address is a fair question.
        let (found, place) = unsafe {
            let mut place: libc::Dl_info = std::mem::zeroed();
            (libc::dladdr(address, &mut place), place)
        };
        if found != 0 && !place.dli_fname.is_null() {
            say(b", which is ");
            // SAFETY: the loader's name of an object that stays open.
            say(unsafe { CStr::from_ptr(place.dli_fname) }.to_bytes());
            say(b"+");
            say_hex(address.addr().wrapping_sub(place.dli_fbase.addr()));
        }
    }
    say(b"\n  --trace shows the platform calls before it\n");
    // With --json the guest's output goes to standard error, so nothing of this program waits in a buffer for this one.
    if let (Some(lines), Some(which)) = (JSON.get(), which) {
        write(libc::STDOUT_FILENO, lines[which].as_bytes());
    }
    // SAFETY: ends the process at once; nothing may run after a crash.
    unsafe { libc::_exit(1) }
}

fn say(text: &[u8]) {
    write(libc::STDERR_FILENO, text);
}

fn write(to: c_int, mut text: &[u8]) {
    while !text.is_empty() {
        // SAFETY: the text is valid.
        let written = unsafe { libc::write(to, text.as_ptr().cast(), text.len()) };
        match usize::try_from(written) {
            Ok(written) if written > 0 => text = &text[written..],
            // If nobody reads, there is nobody to tell.
            _ => return,
        }
    }
}

fn say_hex(number: usize) {
    let mut digits = [0; 2 + usize::BITS as usize / 4];
    let mut at = digits.len();
    let mut rest = number;
    loop {
        at -= 1;
        digits[at] = b"0123456789abcdef"[rest % 16];
        rest /= 16;
        if rest == 0 {
            break;
        }
    }
    digits[at - 2..at].copy_from_slice(b"0x");
    say(&digits[at - 2..]);
}
