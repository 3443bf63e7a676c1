//! `minplat-build`: the device library of a platform.

mod args;
mod plan;
mod print;
mod report;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let args = args::Args::parse();
    if args.list {
        return report::list();
    }
    if let Some(what) = args.print {
        return print::run(&args, what);
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
