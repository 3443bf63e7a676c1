//! What is printed, for people or as JSON.

use std::fmt;
use std::io;

use minplat_host::device::{HeapStats, MemoryStats};
use minplat_host::entry::EXTERN;
use minplat_host::output::Output;
use minplat_host::text::{backtrace, failure};
use minplat_host::{Error, Store, Value, platform, text};
use serde::Serialize;
use serde_json::json;

use crate::guest_run::Lap;
use crate::out;

/// How talkative to be.
#[derive(Clone, Copy)]
pub(crate) struct Voice(pub(crate) Output);

impl Voice {
    /// Something to know, unless --quiet.
    pub(crate) fn note(self, text: fmt::Arguments<'_>) {
        if !self.0.quiet {
            out::say(text);
        }
    }

    /// A detail, with --verbose.
    pub(crate) fn detail(self, text: fmt::Arguments<'_>) {
        if self.0.verbose {
            out::say(text);
        }
    }

    /// What the guest says: standard output, unless that is for JSON.
    ///
    /// # Errors
    /// Standard output does not take it.
    pub(crate) fn guest(self, text: &str) -> io::Result<()> {
        if self.0.json {
            out::say(format_args!("{text}"));
            Ok(())
        } else {
            out::print(&format!("{text}\n"))
        }
    }
}

/// The code of a wrong command line.
const USAGE: &str = "usage";

/// Why a run failed.
#[derive(Clone)]
pub(crate) struct Failure {
    /// What `--json` calls it, unless the library has a code for it.
    code: &'static str,
    /// What was attempted, if it is not in the text.
    doing: Option<String>,
    text: String,
    device: Option<Box<Error>>,
}

impl Failure {
    pub(crate) fn usage(text: String) -> Self {
        Self { code: USAGE, doing: None, text, device: None }
    }

    pub(crate) fn plain(text: String) -> Self {
        Self { code: "host", doing: None, text, device: None }
    }

    /// The end of the device.
    pub(crate) fn crash(text: String) -> Self {
        Self { code: "crash", doing: None, text, device: None }
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
        Self { code: "host", doing: None, text: error.message.clone(), device: Some(Box::new(error)) }
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::plain(format!("{error:#}"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(error) = &self.device else {
            return f.write_str(&self.text);
        };
        failure::write(f, self.doing.as_deref(), (error.code, &self.text), error.trap.as_ref())?;
        if let (Some(limit), Some(more)) = (platform::memory_limit(), platform::last_refused()) {
            write!(f, "\nthe device has {limit} bytes of memory and was asked for {more} more: see --memory-limit")?;
        }
        backtrace::write(f, &error.frames, error.frames_truncated)
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

/// Bytes of the native stack that the steps used at most, the host's own frames included; `None`: there was no such step. A call
/// that trapped stands as `trap`.
#[derive(Clone, Copy, Default, Serialize)]
pub(crate) struct Depths {
    pub(crate) open: Option<usize>,
    pub(crate) load: Option<usize>,
    pub(crate) instantiate: Option<usize>,
    pub(crate) call: Option<usize>,
    pub(crate) trap: Option<usize>,
}

/// What --stats prints.
#[derive(Clone, Serialize)]
pub(crate) struct Stats {
    pub(crate) platform: platform::Stats,
    /// `None` where the library could not be asked.
    pub(crate) heap: Option<HeapStats>,
    /// What memory was used for after the call; `None` where nothing was called.
    pub(crate) memory: Option<MemoryStats>,
    pub(crate) native_stack: Option<Depths>,
    #[serde(rename = "times_us")]
    /// `None` where the steps are still going on.
    pub(crate) times: Option<Times>,
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Stats { platform, heap, memory, native_stack, times } = self;
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
        if let Some(heap) = heap {
            row("heap, allocated", heap.used as u64, heap.peak as u64)?;
            writeln!(f, "  {:<34}{:>12}", "heap, taken from the platform", heap.mapped)?;
        }
        if let Some(memory) = memory {
            writeln!(f, "memory by purpose after the call, bytes")?;
            for (name, bytes) in [
                ("code", memory.code),
                ("memories", memory.memories),
                ("tables", memory.tables),
                ("instances", memory.instances),
                ("types", memory.types),
                ("metadata", memory.metadata),
                ("other", memory.other),
                ("waste of the heap", memory.waste),
                ("total", memory.total),
            ] {
                writeln!(f, "  {name:<34}{bytes:>12}")?;
            }
        }
        if let Some(Depths { open, load, instantiate, call, trap }) = native_stack {
            writeln!(f, "native stack, bytes")?;
            let rows = [("open", open), ("load", load), ("instantiate", instantiate), ("call", call), ("trap", trap)];
            for (name, used) in rows {
                if let Some(used) = used {
                    writeln!(f, "  {name:<34}{used:>12}")?;
                }
            }
        }
        let Some(times) = times else { return Ok(()) };
        writeln!(f, "times, µs")?;
        for (name, lap) in
            [("open", times.open), ("load", times.load), ("instantiate", times.instantiate), ("call", times.call)]
        {
            writeln!(f, "  {name:<34}{:>12.1}", lap.0)?;
        }
        Ok(())
    }
}

/// A result as it is printed.
#[derive(Clone)]
pub(crate) struct Shown {
    kind: &'static str,
    text: String,
}

impl Shown {
    pub(crate) fn of(value: Value, store: &mut Store) -> Self {
        let text = match value.text_behind(store) {
            Some(text) => format!("{EXTERN}{text}"),
            None => text::print(&value),
        };
        Self { kind: value.kind().name(), text }
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
    pub(crate) results: Vec<Shown>,
    pub(crate) failure: Option<Failure>,
    pub(crate) stats: Option<Stats>,
}

impl Report {
    /// Prints it; the answer is the exit code.
    pub(crate) fn print(&self) -> u8 {
        let lost = out::print(&self.text()).inspect_err(out::lost).is_err();
        if !self.voice.0.json {
            if let Some(failure) = &self.failure {
                out::say(format_args!("error: {failure}"));
            }
            if let Some(stats) = &self.stats {
                out::say(format_args!("{}", stats.to_string().trim_end()));
            }
        }
        match &self.failure {
            Some(failure) if failure.code == USAGE => 2,
            None if !lost => 0,
            _ => 1,
        }
    }

    /// What standard output gets.
    fn text(&self) -> String {
        if self.voice.0.json {
            return format!("{}\n", self.json());
        }
        self.results.iter().map(|value| format!("{}\n", value.text)).collect()
    }

    /// What standard output gets with `--json` if the device ends like this.
    pub(crate) fn crashed(&self, what: &str) -> String {
        Self { failure: Some(Failure::crash(what.to_owned())), ..self.clone() }.text()
    }

    fn json(&self) -> serde_json::Value {
        let values = |values: &[Value]| -> Vec<_> {
            values.iter().map(|v| json!({ "type": v.kind().name(), "value": text::print(v) })).collect()
        };
        let results: Vec<_> = self.results.iter().map(|v| json!({ "type": v.kind, "value": v.text })).collect();
        let error = self.failure.as_ref().map(|failure| {
            let device = failure.device.as_ref();
            let frames: Vec<_> = device.map_or(&[][..], |error| &error.frames).iter().map(backtrace::json).collect();
            json!({
                "message": failure.text,
                "while": failure.doing,
                "code": device.map_or_else(|| failure.code.to_owned(), |error| error.code.name()),
                "trap": device.and_then(|e| e.trap.as_ref()).map(|trap| json!({ "code": trap.code, "text": trap.text })),
                "frames": frames,
                "frames_truncated": device.is_some_and(|error| error.frames_truncated),
                "exception": device.and_then(|error| error.exception.as_deref()).map(values),
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
