//! `minplat-compile`: WebAssembly to artifacts for one platform.

mod args;
mod heap;
mod jobs;
mod lists;
mod report;
mod run;
mod unpack;

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    heap::keep();
    let args = args::Args::parse();
    match run::run(&args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(run::Stop::Usage(what)) => {
            eprintln!("error: {what}\n\nFor more information, try '--help'.");
            ExitCode::from(2)
        }
        Err(run::Stop::Failed(error)) => {
            eprintln!("error: {error:#}");
            if args.json {
                let report = serde_json::json!({ "error": format!("{error:#}") });
                // A reader that is gone misses nothing that standard error did not say.
                let _ = writeln!(std::io::stdout().lock(), "{report:#}");
            }
            ExitCode::from(1)
        }
    }
}
