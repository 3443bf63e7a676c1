//! The end of a device: where a board would reset, this process says what happened and fails.
//!
//! A library that panics executes an invalid instruction, and a fault that is no trap of a guest's has nobody else to take
//! it. The handlers are installed first of all, so the platform's handler for traps hands on to them what is not its own.

use std::ffi::{CStr, c_int, c_void};

const SIGNALS: [(c_int, &str); 4] = [
    (
        libc::SIGILL,
        "an invalid instruction: the library panicked, as it does when its heap gets no memory or the platform breaks its contract",
    ),
    (libc::SIGSEGV, "a fault in memory, or the end of the native stack"),
    (libc::SIGBUS, "a fault in memory"),
    (libc::SIGFPE, "an arithmetic fault"),
];

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

/// Says where, and ends the process. Nothing here allocates or takes a lock of this program's.
extern "C" fn crashed(signal: c_int, info: *mut libc::siginfo_t, _context: *mut c_void) {
    let what = SIGNALS.iter().find(|(number, _)| *number == signal).map_or("a signal", |(_, what)| what);
    say(b"error: the device stopped where a board would reset: ");
    say(what.as_bytes());
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
    // SAFETY: ends the process at once; nothing may run after a crash.
    unsafe { libc::_exit(1) }
}

fn say(text: &[u8]) {
    // SAFETY: the text is valid. If nobody reads, there is nobody to tell.
    unsafe { libc::write(libc::STDERR_FILENO, text.as_ptr().cast(), text.len()) };
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
