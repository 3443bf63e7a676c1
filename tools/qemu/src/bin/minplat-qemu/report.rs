//! What is printed, for people or as JSON: as `minplat-host run` prints it.

use std::borrow::Cow;
use std::fmt;
use std::io::Write as _;

use minplat_host::text::{backtrace, failure};
use minplat_host::{ErrorCode, Frame};
use minplat_qemu::record::{Printed, Told, list};
use serde_json::json;

/// Why there is nothing to print.
pub(crate) enum Failure {
    /// The command line makes no sense.
    Usage(String),
    /// Something failed on this side.
    Host(anyhow::Error),
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Failure::Host(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Usage(text) => f.write_str(text),
            Failure::Host(error) => write!(f, "{error:#}"),
        }
    }
}

/// Says what failed; gives the exit code.
pub(crate) fn failed(json: bool, failure: &Failure) -> u8 {
    let (code, name) = match failure {
        Failure::Usage(_) => (2, "usage"),
        Failure::Host(_) => (1, "host"),
    };
    if json {
        _ = print(&format!("{}\n", json!({ "error": { "code": name, "message": failure.to_string() } })));
    } else {
        say(format_args!("error: {failure}"));
    }
    code
}

/// Writes to standard output. A reader who has heard enough is no failure.
///
/// # Errors
/// The text is lost.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Failure::Host(
            anyhow::Error::new(error)
                .context("cannot write to standard output; its file or device must take what is printed"),
        )),
        _ => Ok(()),
    }
}

/// A line on standard error. If it is lost there is nobody left to tell.
pub(crate) fn say(line: fmt::Arguments<'_>) {
    _ = writeln!(std::io::stderr(), "{line}");
}

/// An error of the device, with the functions that were running.
#[derive(Clone)]
pub(crate) struct Problem {
    pub(crate) told: Told,
    pub(crate) frames: Vec<Frame>,
    /// What the exception carries that nobody caught.
    pub(crate) exception: Vec<Printed>,
}

impl Problem {
    /// One of which nothing more was told yet.
    pub(crate) fn new(told: Told) -> Self {
        Self { told, frames: Vec::new(), exception: Vec::new() }
    }

    /// What the exception carries, if it is one.
    fn carried(&self) -> Option<&[Printed]> {
        (self.told.code == ErrorCode::EXCEPTION.0).then_some(&self.exception)
    }

    /// The text, with what an exception carries.
    fn text(&self) -> Cow<'_, str> {
        match self.carried() {
            Some(values) => format!("an exception was not caught; it carries ({})", list(values)).into(),
            None => (&self.told.text).into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Told { doing, code, trap, truncated, .. } = &self.told;
        failure::write(f, Some(doing), (ErrorCode(*code), &self.text()), trap.as_ref())?;
        backtrace::write(f, &self.frames, *truncated)
    }
}

/// How a run went.
#[derive(Default)]
pub(crate) struct Report {
    pub(crate) file: String,
    pub(crate) port: String,
    pub(crate) platform: String,
    pub(crate) function: Option<String>,
    pub(crate) results: Vec<Printed>,
    pub(crate) problem: Option<Problem>,
    pub(crate) stats: Vec<(String, u64)>,
}

impl Report {
    /// Prints it.
    pub(crate) fn print(&self, json: bool) -> Result<(), Failure> {
        if json {
            return print(&format!("{}\n", self.json()));
        }
        print(&self.results.iter().map(|value| format!("{}\n", value.text)).collect::<String>())?;
        if let Some(problem) = &self.problem {
            say(format_args!("error: {problem}"));
        }
        if !self.stats.is_empty() {
            say(format_args!("memory by purpose after the call, the stack, and what the machine has"));
        }
        for (name, number) in &self.stats {
            say(format_args!("  {name:<34}{number:>12}"));
        }
        Ok(())
    }

    fn json(&self) -> serde_json::Value {
        let values = |values: &[Printed]| -> Vec<_> {
            values.iter().map(|value| json!({ "type": value.kind.name(), "value": value.text })).collect()
        };
        let error = self.problem.as_ref().map(|problem| {
            let Problem { told, frames, .. } = problem;
            json!({
                "message": problem.text(),
                "while": told.doing,
                "code": ErrorCode(told.code).name(),
                "trap": told.trap.as_ref().map(|trap| json!({ "code": trap.code, "text": trap.text })),
                "frames": frames.iter().map(backtrace::json).collect::<Vec<_>>(),
                "frames_truncated": told.truncated,
                "exception": problem.carried().map(values),
            })
        });
        let stats: serde_json::Map<_, _> =
            self.stats.iter().map(|(name, number)| (name.clone(), json!(number))).collect();
        json!({
            "file": self.file,
            "port": self.port,
            "platform": self.platform,
            "function": self.function,
            "results": values(&self.results),
            "error": error,
            "stats": if stats.is_empty() { serde_json::Value::Null } else { stats.into() },
        })
    }
}
