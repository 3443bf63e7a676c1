//! Standard output.

use std::io::Write as _;

use anyhow::{Context, Result};

/// Writes to standard output. A reader who has heard enough is no failure.
///
/// # Errors
/// What is behind it takes no more.
pub fn say(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => written.context("cannot write to standard output; its file or device must take what is printed"),
    }
}
