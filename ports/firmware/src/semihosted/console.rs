//! Text out: the emulator's standard output, or the debugger's.

use core::fmt;

use semihosting::io::{self, Stdout, Write as _};

/// The console, if there is one.
pub fn open() -> Option<Stdout> {
    io::stdout().ok()
}

/// Writes all of it. A console that is gone is no reason to stop.
pub fn write(console: Option<&mut Stdout>, bytes: &[u8]) {
    if let Some(console) = console {
        _ = console.write_all(bytes);
    }
}

/// Tells of a fault, on whatever stack there is.
pub fn fault(what: fmt::Arguments<'_>) {
    if let Some(mut console) = open() {
        _ = writeln!(console, "fault: {what}");
    }
}
