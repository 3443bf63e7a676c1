//! `minplat-tour`: every example of `examples/examples.toml`, compiled for a platform and run in that platform's device
//! library, with each answer compared. It prints a table of sizes, times and memory, and ends with 1 if an answer is wrong.
//!
//! [`examples`] is the table as it is written, [`tour`] goes through it, [`guest`] is one module in the device with the host
//! functions of [`mod@env`] and the texts of [`text`], [`check`] compares, [`apart`] keeps the
//! examples in processes of their own, and [`report`] prints.

mod apart;
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
    let places = args.places();
    let names = tour::chosen(&places, &args.examples)?;
    let library = tour::library(&platform, args.library.as_deref())?;
    let rows = match names.as_slice() {
        [name] => vec![tour::run(&platform, &places, name, library.as_deref(), args.strict)?],
        names => apart::run(names, &args.again())?,
    };
    if args.json {
        println!("{}", serde_json::to_string_pretty(&report::json(&platform, &rows))?);
    } else {
        print!("{}", report::table(&platform, &rows));
    }
    Ok(rows.iter().all(|row| row.wrong.is_empty()))
}
