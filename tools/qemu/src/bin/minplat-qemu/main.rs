//! `minplat-qemu`: runs a module on a bare machine that QEMU plays.
//!
//! One file for each subcommand; [`args`] says what can be given, [`report`] what is printed. Exit codes: 0 done, 1 failed (traps
//! included), 2 wrong usage.

mod args;
mod build;
mod check;
mod example;
mod examples;
mod imports;
mod list;
mod report;
mod run;
mod setup;

use std::process::ExitCode;

use clap::Parser;
use minplat_builder::interrupt;

use crate::report::Failure;

fn main() -> ExitCode {
    let args = args::Args::parse_from(minplat_host::entry::rewrite(std::env::args_os()));
    let json = args.json();
    if let Err(error) = interrupt::watch() {
        return ExitCode::from(report::failed(json, &Failure::Host(error)));
    }
    let done = match (&args.command, &args.port) {
        (args::Command::List(list), None) => list::list(list),
        (args::Command::List(_), Some(port)) => {
            Err(Failure::Usage(format!("list lists every port; to ask one: minplat-qemu {port} platform")))
        }
        (_, None) => Err(Failure::Usage("name a port first: minplat-qemu list lists them".into())),
        (args::Command::Run(run), Some(port)) => run::run(port, run),
        (args::Command::Platform(platform), Some(port)) => check::platform(port, platform),
        (args::Command::CheckPlatform(check), Some(port)) => check::check(port, check),
        (args::Command::Examples(common), Some(port)) => examples::examples(port, common),
        (args::Command::Build(build), Some(port)) => build::build(port, build),
    };
    if interrupt::came() {
        report::say(format_args!("error: interrupted"));
        interrupt::end();
    }
    match done {
        Ok(code) => ExitCode::from(code),
        Err(failure) => ExitCode::from(report::failed(json, &failure)),
    }
}
