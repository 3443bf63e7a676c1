//! `minplat-wast`: WebAssembly test scripts on a platform. Each module is compiled as `minplat-compile` compiles, loaded into
//! the device library, linked and called through the C API.
//!
//! [`source`] and [`suite`] give scripts, [`prepare`] makes [`step`]s of one, with every module compiled in the script's
//! [`language`], [`session`] runs them on the [`machine`] with [`spectest`], [`pattern`] and [`trap`] compare; [`mod@run`] does so
//! for many scripts at once; [`mod@port`] does it on a bare machine, with what [`record`] writes down for its firmware and what
//! it [`told`]. [`exceptions`] are the failures that are known, [`mod@print`] prints, and [`conformance`] is the
//! verdict on all platforms, with the [`verdicts`] that bare machines were found to deserve.

mod cli;
mod conformance;
mod exceptions;
mod host_ref;
mod language;
mod lines;
mod machine;
mod named;
mod outcome;
mod pattern;
mod port;
mod prepare;
mod print;
mod progress;
mod record;
mod run;
mod session;
mod source;
mod spectest;
mod step;
mod stop;
mod suite;
mod told;
mod trap;
mod value;
mod verdicts;

use std::process::ExitCode;

use anyhow::{Context, ensure};
use clap::Parser;
use minplat_builder::interrupt;
use minplat_builder::progress::Detail;
use minplat_host::find_library;
use minplat_platform::Platform;

use crate::exceptions::{Exceptions, Origin};
use crate::outcome::Totals;
use crate::progress::Progress;
use crate::run::Target;
use crate::suite::Suite;

fn main() -> ExitCode {
    let args = cli::Args::parse();
    let done = if args.conformance { conformance::run(args.quiet) } else { run(&args) };
    if interrupt::came() {
        eprintln!("error: interrupted");
        interrupt::end();
    }
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(1)
        }
    }
}

/// Whether nothing failed.
fn run(args: &cli::Args) -> anyhow::Result<bool> {
    let language = args.suite.map_or(args.features, Suite::language);
    let scripts = scripts(args)?;
    let table = args.exceptions.as_deref().map_or_else(Exceptions::official, Exceptions::read)?;
    if let Some(port) = &args.port {
        return on_port(args, port, language, &scripts, &table);
    }
    let called = args.platform.as_deref().unwrap_or(minplat_platform::DEFAULT);
    let platform = Platform::load(called, &args.set)?;
    let library = match &args.library {
        Some(library) => library.clone(),
        None => find_library(platform.name(), None)?,
    };
    let compiled_for = language.of(called, &args.set)?;
    let target = Target { platform, compiled_for, library, language };

    let progress = Progress::new(called.to_owned(), scripts.len(), args.quiet);
    let reports = run::run(&target, &scripts, &progress).with_context(|| format!("on {}", target.platform.name()));
    progress.clear();
    let mut reports = reports?;
    for report in &mut reports {
        table.apply(origin(args), (target.platform.name(), None), report);
    }
    tell(args, language, target.platform.name(), &print::json(&target, &reports), &reports)
}

/// The same on a bare machine.
fn on_port(
    args: &cli::Args,
    name: &str,
    language: language::Language,
    scripts: &[source::Script],
    table: &Exceptions,
) -> anyhow::Result<bool> {
    // QEMU and Cargo end with this program.
    interrupt::watch()?;
    let detail = if args.quiet { Detail::Quiet } else { Detail::Normal };
    let machine = port::Machine::new(name, args.platform.as_deref(), language, detail)?;
    let progress = Progress::new(name.to_owned(), scripts.len(), args.quiet);
    let ran = machine.run(scripts, &progress);
    progress.clear();
    let port::Ran { mut reports, starts } = ran?;
    for report in &mut reports {
        table.apply(origin(args), (machine.platform.name(), Some(name)), report);
    }
    let on = format!("{name} as {}", machine.platform.name());
    let mut json = print::json_of_port(&machine, &reports);
    json["starts"] = starts.into();
    tell(args, language, &on, &json, &reports)
}

/// Where they come from.
fn origin(args: &cli::Args) -> Origin {
    args.suite.map_or(Origin::Files(Suite::of(args.features)), Origin::Inside)
}

/// The scripts that were asked for.
fn scripts(args: &cli::Args) -> anyhow::Result<Vec<source::Script>> {
    let mut scripts = match args.suite {
        Some(suite) => suite.scripts(),
        None => source::read(&args.scripts)?,
    };
    scripts.retain(|script| args.filter.is_empty() || args.filter.iter().any(|text| script.name.contains(text)));
    ensure!(!scripts.is_empty(), "no script has the text of --filter in its name");
    Ok(scripts)
}

/// Prints reports; whether nothing failed.
fn tell(
    args: &cli::Args,
    language: language::Language,
    on: &str,
    json: &serde_json::Value,
    reports: &[outcome::Report],
) -> anyhow::Result<bool> {
    let totals = Totals::of(reports);
    let text = if args.json {
        serde_json::to_string_pretty(json)? + "\n"
    } else {
        let table = if args.quiet { String::new() } else { print::table(reports) };
        table
            + &print::failures(reports)
            + &print::lacks(reports)
            + &print::sum(on, totals)
            + print::hint(language, reports)
    };
    minplat_report::say(&text)?;
    Ok(totals.failed == 0)
}
