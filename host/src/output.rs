//! Options that say how much the tools print, and in which form: the same for all that run modules.

use clap::Args;

/// How a run is told.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct Output {
    /// Prints one JSON object instead
    #[arg(long)]
    pub json: bool,

    /// Prints results and errors only
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Says what is used, and what is done
    #[arg(short, long)]
    pub verbose: bool,
}
