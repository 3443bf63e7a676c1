//! Standard output and standard error: a result that is lost is a failure, a reader who has heard enough is none.

use std::fmt;
use std::io::{self, Write as _};

/// Writes to standard output, at once.
///
/// # Errors
/// The text is lost, and not because whoever reads has closed the pipe.
pub(crate) fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    wanted(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
}

/// A write as it came out, but a closed pipe counts as written.
pub(crate) fn wanted(outcome: io::Result<()>) -> io::Result<()> {
    match outcome {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        outcome => outcome,
    }
}

/// Says what failed, and where JSON is wanted, says it there too.
pub(crate) fn failed(json: bool, error: &anyhow::Error) {
    say(format_args!("error: {error:#}"));
    let report = serde_json::json!({ "error": { "code": "host", "message": format!("{error:#}") } });
    if json && let Err(error) = print(&format!("{report}\n")) {
        lost(&error);
    }
}

/// A line on standard error. If it is lost there is nobody left to tell.
pub(crate) fn say(line: fmt::Arguments<'_>) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Says that standard output did not take it all.
pub(crate) fn lost(error: &io::Error) {
    say(format_args!("error: cannot write to standard output; its file or device must take what is printed: {error}"));
}
