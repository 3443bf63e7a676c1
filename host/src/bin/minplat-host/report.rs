//! What is printed, for people or as JSON.

use std::fmt;
use std::io::Write as _;

use minplat_host::device::HeapStats;
use minplat_host::{Error, Value, platform, text};
use serde::Serialize;
use serde_json::json;

use crate::backtrace;
use crate::session::Lap;

/// How talkative to be.
#[derive(Clone, Copy)]
pub(crate) struct Voice {
    pub(crate) json: bool,
    pub(crate) quiet: bool,
    pub(crate) verbose: bool,
}

impl Voice {
    /// Something to know, unless --quiet.
    pub(crate) fn note(self, text: fmt::Arguments<'_>) {
        if !self.quiet {
            eprintln!("{text}");
        }
    }

    /// A detail, with --verbose.
    pub(crate) fn detail(self, text: fmt::Arguments<'_>) {
        if self.verbose {
            eprintln!("{text}");
        }
    }

    /// What the guest says: standard output, unless that is for JSON.
    pub(crate) fn guest(self, text: &str) {
        if self.json {
            eprintln!("{text}");
        } else {
            // Whoever closed the pipe does not want to hear it.
            let _ = writeln!(std::io::stdout(), "{text}");
        }
    }
}

/// Why a run failed.
#[derive(Clone)]
pub(crate) struct Failure {
    pub(crate) usage: bool,
    /// What was attempted, if it is not in the text.
    doing: Option<String>,
    text: String,
    device: Option<Box<Error>>,
}

impl Failure {
    pub(crate) fn usage(text: String) -> Self {
        Self { usage: true, doing: None, text, device: None }
    }

    pub(crate) fn plain(text: String) -> Self {
        Self { usage: false, doing: None, text, device: None }
    }

    /// An error of the library while it was busy with `what`.
    pub(crate) fn device(what: &str, error: Error) -> Self {
        Self { doing: Some(what.to_owned()), ..error.into() }
    }

    /// Says what was going on, if nobody has said so.
    pub(crate) fn during(mut self, what: &str) -> Self {
        if self.device.is_some() {
            self.doing.get_or_insert_with(|| what.to_owned());
        }
        self
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { usage: false, doing: None, text: error.message.clone(), device: Some(Box::new(error)) }
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::plain(format!("{error:#}"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let doing = self.doing.as_deref().map(|doing| format!("{doing}: ")).unwrap_or_default();
        let trap = self.device.as_ref().and_then(|error| error.trap.as_ref());
        match trap {
            Some(trap) => write!(f, "{doing}trap {}: {}", trap.code, trap.text)?,
            None => write!(f, "{doing}{}", self.text)?,
        }
        if let (Some(_), Some(limit), Some(more)) = (&self.device, platform::memory_limit(), platform::last_refused()) {
            write!(f, "\nthe device has {limit} bytes of memory and was asked for {more} more: see --memory-limit")?;
        }
        backtrace::write(f, self.device.as_ref().map_or(&[], |error| &error.frames))
    }
}

/// Times of the steps, microseconds.
#[derive(Clone, Copy, Default, Serialize)]
pub(crate) struct Times {
    pub(crate) open: Lap,
    pub(crate) load: Lap,
    pub(crate) instantiate: Lap,
    pub(crate) call: Lap,
}

/// What --stats prints.
#[derive(Clone, Serialize)]
pub(crate) struct Stats {
    pub(crate) platform: platform::Stats,
    pub(crate) heap: HeapStats,
    pub(crate) native_stack: Option<usize>,
    #[serde(rename = "times_us")]
    pub(crate) times: Times,
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Stats { platform, heap, native_stack, times } = self;
        writeln!(f, "platform calls")?;
        for call in &platform.calls {
            writeln!(f, "  {:<34}{:>12}", call.name, call.count)?;
        }
        if platform.faults > 0 {
            writeln!(f, "  {:<34}{:>12}", "(faults delivered)", platform.faults)?;
        }
        writeln!(f, "memory, bytes                              now        peak")?;
        let mut row = |name: &str, now: u64, peak: u64| writeln!(f, "  {name:<34}{now:>12}{peak:>12}");
        row("mapped", platform.mapped, platform.mapped_peak)?;
        row("backed", platform.backed, platform.backed_peak)?;
        row("heap, allocated", heap.used as u64, heap.peak as u64)?;
        writeln!(f, "  {:<34}{:>12}", "heap, taken from the platform", heap.mapped)?;
        if let Some(used) = native_stack {
            writeln!(f, "  {:<34}{:>12}{used:>12}", "native stack", "")?;
        }
        writeln!(f, "times, µs")?;
        for (name, lap) in
            [("open", times.open), ("load", times.load), ("instantiate", times.instantiate), ("call", times.call)]
        {
            writeln!(f, "  {name:<34}{:>12.1}", lap.0)?;
        }
        Ok(())
    }
}

/// How a run went.
#[derive(Clone)]
pub(crate) struct Report {
    pub(crate) voice: Voice,
    pub(crate) file: String,
    pub(crate) platform: Option<String>,
    pub(crate) library: Option<String>,
    pub(crate) function: Option<String>,
    pub(crate) results: Vec<Value>,
    pub(crate) failure: Option<Failure>,
    pub(crate) stats: Option<Stats>,
}

impl Report {
    /// Prints it; the answer is the exit code.
    pub(crate) fn print(&self) -> u8 {
        let mut out = std::io::stdout().lock();
        // A closed pipe is no failure of the run.
        let _ = if self.voice.json {
            writeln!(out, "{}", self.json())
        } else {
            self.results.iter().try_for_each(|value| writeln!(out, "{}", text::print(value)))
        };
        let _ = out.flush();
        if !self.voice.json {
            if let Some(failure) = &self.failure {
                eprintln!("error: {failure}");
            }
            if let Some(stats) = &self.stats {
                eprint!("{stats}");
            }
        }
        match &self.failure {
            None => 0,
            Some(failure) if failure.usage => 2,
            Some(_) => 1,
        }
    }

    fn json(&self) -> serde_json::Value {
        let results: Vec<_> =
            self.results.iter().map(|v| json!({ "type": v.kind().name(), "value": text::print(v) })).collect();
        let error = self.failure.as_ref().map(|failure| {
            let device = failure.device.as_ref();
            let frames: Vec<_> = device.map_or(&[][..], |error| &error.frames).iter().map(backtrace::json).collect();
            json!({
                "message": failure.text,
                "while": failure.doing,
                "code": device.map_or_else(|| if failure.usage { "usage" } else { "host" }.to_owned(), |error| error.code.name()),
                "trap": device.and_then(|e| e.trap.as_ref()).map(|trap| json!({ "code": trap.code, "text": trap.text })),
                "frames": frames,
            })
        });
        json!({
            "file": self.file,
            "platform": self.platform,
            "library": self.library,
            "function": self.function,
            "results": results,
            "error": error,
            "stats": self.stats,
        })
    }
}
