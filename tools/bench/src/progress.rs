//! What is being measured: on a terminal a line that changes, elsewhere nothing.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// The line.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    pub(crate) fn new() -> Self {
        let style = ProgressStyle::with_template("{elapsed_precise} {wide_msg}");
        let bar = ProgressBar::new_spinner().with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        // Not more: it takes time of what is measured.
        bar.enable_steady_tick(Duration::from_secs(1));
        Self(bar)
    }

    pub(crate) fn say(&self, what: impl Into<String>) {
        self.0.set_message(what.into());
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
