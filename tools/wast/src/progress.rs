//! A bar on a terminal; nothing elsewhere.

use indicatif::{ProgressBar, ProgressStyle};

/// How far a run is.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// A run of so many scripts; hidden if it is to be quiet, or standard error is no terminal.
    pub(crate) fn new(what: String, scripts: usize, is_quiet: bool) -> Self {
        let bar = if is_quiet { ProgressBar::hidden() } else { ProgressBar::new(scripts as u64) };
        let style = ProgressStyle::with_template("{prefix} [{bar:30}] {pos}/{len} {wide_msg}");
        Self(bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())).with_prefix(what))
    }

    pub(crate) fn begin(&self, script: &str) {
        self.0.set_message(script.to_string());
    }

    pub(crate) fn end(&self) {
        self.0.inc(1);
    }

    pub(crate) fn clear(&self) {
        self.0.finish_and_clear();
    }
}
