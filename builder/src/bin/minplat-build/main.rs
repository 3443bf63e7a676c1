//! `minplat-build`: the device library of a platform.

mod args;
mod plan;
mod report;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let args = args::Args::parse();
    if args.list {
        return report::list();
    }
    let plan = match plan::Plan::new(&args) {
        Ok(plan) => plan,
        Err(error) => {
            eprintln!("error: {error:#}");
            return ExitCode::from(1);
        }
    };
    report::run(plan, &args)
}
