//! An error of the library in one line, for people.

use std::fmt;

use crate::device::{ErrorCode, Trap};

/// What was being done, if it is known, and why it failed: a trap with its number, everything else with the name of its code.
///
/// # Errors
/// The formatter's.
pub fn write(
    f: &mut fmt::Formatter<'_>,
    doing: Option<&str>,
    (code, text): (ErrorCode, &str),
    trap: Option<&Trap>,
) -> fmt::Result {
    if let Some(doing) = doing {
        write!(f, "{doing}: ")?;
    }
    match trap {
        Some(trap) => write!(f, "trap {}: {}", trap.code, trap.text),
        None => write!(f, "{text} ({})", code.name()),
    }
}
