//! `minplat-build`: the device library of a platform.

mod args;
mod plan;
mod print;
mod report;
mod reproduce;

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
    let done = match &args.reproduce {
        Some(manifest) => reproduce::run(manifest, &args),
        None => plan::platforms(&args)
            .and_then(|platforms| plan::Plan::new(platforms, &args))
            .map(|plan| report::run(plan, &args)),
    };
    done.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::from(1)
    })
}
