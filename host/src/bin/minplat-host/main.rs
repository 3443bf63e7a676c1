//! `minplat-host`: runs a compiled module in a device library, with this process as the device.
//!
//! One file for each subcommand; [`args`] says what can be given, [`report`] what is printed. Exit codes: 0 done, 1 failed
//! (traps included), 2 wrong usage.

mod args;
mod backtrace;
mod cpu;
mod crash;
mod entry;
mod imports;
mod info;
mod report;
mod run;
mod session;
mod watch;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    crash::install();
    let args = args::Args::parse_from(args::rewrite(std::env::args_os()));
    match &args.command {
        args::Command::Run(run) => run::run(run),
        args::Command::Info(info) => info::info(info),
    }
}
