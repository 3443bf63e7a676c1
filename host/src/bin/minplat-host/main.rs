//! `minplat-host`: runs a compiled module in a device library, with this process as the device.
//!
//! One file for each subcommand; [`args`] says what can be given, [`report`] what is printed. Exit codes: 0 done, 1 failed
//! (traps included), 2 wrong usage.

mod args;
mod check_platform;
mod cpu;
mod crash;
mod guest_run;
mod imports;
mod info;
mod out;
mod report;
mod run;
mod stack;
mod watch;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    crash::install();
    match args::Args::try_parse_from(minplat_host::entry::rewrite(std::env::args_os())) {
        Ok(args) => match &args.command {
            args::Command::Run(run) => run::run(run),
            args::Command::Info(info) => info::info(info),
            args::Command::CheckPlatform(check) => check_platform::check_platform(check),
            args::Command::Stack(stack) => stack::stack(stack),
        },
        Err(instead) => answer(&instead),
    }
}

/// Prints what the command line asked for instead of a command (help, the version), or what is wrong with it.
fn answer(instead: &clap::Error) -> ExitCode {
    let printed = out::wanted(instead.print());
    match printed {
        Err(error) if !instead.use_stderr() => {
            out::lost(&error);
            ExitCode::FAILURE
        }
        _ => u8::try_from(instead.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from),
    }
}
