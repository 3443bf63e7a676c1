//! `minplat-tour`: every example of `examples/examples.toml`, compiled for a platform and run in that platform's device
//! library, with each answer compared. It prints a table of sizes, times and memory, and ends with 1 if an answer is wrong.
//!
//! [`examples`] is the table as it is written, [`tour`] goes through it, [`guest`] is one module in the device with the host
//! functions of [`env`] and the texts of [`text`], [`check`] compares, and [`report`] prints.

mod check;
mod cli;
mod env;
mod examples;
mod guest;
mod report;
mod text;
mod tour;

use std::process::ExitCode;

use clap::Parser;
use minplat_platform::Platform;

fn main() -> ExitCode {
    match run(&cli::Args::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(1)
        }
    }
}

/// Whether every answer was right.
fn run(args: &cli::Args) -> anyhow::Result<bool> {
    if args.list_platforms {
        for name in Platform::shipped() {
            if Platform::load(name, &[])?.host_loadable() {
                println!("{name}");
            }
        }
        return Ok(true);
    }
    let platform = Platform::load(&args.platform, &args.set)?;
    let rows = tour::run(&platform, &args.places(), &args.examples, args.library.as_deref())?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&report::json(&platform, &rows))?);
    } else {
        print!("{}", report::table(&platform, &rows));
    }
    Ok(rows.iter().all(|row| row.wrong.is_empty()))
}
