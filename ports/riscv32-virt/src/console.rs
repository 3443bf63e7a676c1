//! Text out, by semihosting: the emulator's standard output, or the debugger's.

use semihosting::io::{self, Stdout, Write as _};

/// Writes all of it. A console that is gone is no reason to stop.
pub(crate) fn write(console: Option<&mut Stdout>, bytes: &[u8]) {
    if let Some(console) = console {
        _ = console.write_all(bytes);
    }
}

/// Tells of a fault, on whatever stack there is.
pub(crate) fn fault(cause: usize, place: usize, address: usize) {
    if let Ok(mut console) = io::stdout() {
        _ = writeln!(console, "fault: cause {cause} at {place:#x}, address {address:#x}");
    }
}
