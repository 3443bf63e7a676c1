//! What the user sees while it runs: lines on standard error. Results go to standard output.

use std::io::{IsTerminal, Write};
use std::time::Duration;

/// How much is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Errors.
    Quiet,
    /// A line for each decision and each long step.
    Normal,
    /// Cargo's messages too.
    Verbose,
}

/// Says what is going on.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// How much.
    pub detail: Detail,
    /// Whether Cargo may draw its own progress: a terminal, and one build at a time.
    pub alone: bool,
}

impl Progress {
    /// A line about a platform.
    pub fn say(&self, platform: &str, text: &str) {
        if self.detail != Detail::Quiet {
            // One call, so that lines of builds at the same time do not mix.
            let line = format!("{platform}: {text}\n");
            // Nobody is left to be told that standard error is closed.
            _ = std::io::stderr().lock().write_all(line.as_bytes());
        }
    }

    /// Whether Cargo's own messages are shown as they come.
    pub fn shows_cargo(&self) -> bool {
        match self.detail {
            Detail::Quiet => false,
            Detail::Normal => self.alone && std::io::stderr().is_terminal(),
            Detail::Verbose => true,
        }
    }
}

/// A time for people: `12 s`, `2 min 05 s`.
pub fn time(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds < 60 { format!("{seconds} s") } else { format!("{} min {:02} s", seconds / 60, seconds % 60) }
}
