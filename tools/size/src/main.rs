//! `minplat-size`: who owns each byte.
//!
//! [`subject`] finds out what was named and looks at it: [`measure`] links a platform's library with the size probe,
//! [`layout`] reads an ELF file, [`map`] a linker's map, [`references`] relocations, [`dwarf`] what was inlined; [`cells`] cuts
//! sections into what lies there, [`owners`] says whose each cell is, by [`names`]. [`cwasm`] does it for a compiled module. What
//! comes out is a [`model`], which [`mod@print`] and [`mod@compare`] show in a [`mod@table`] each, with its [`method`] below; [`html`] makes a page of either.
//!
//! [`mod@module`] compiles a module in every way that [`knobs`] lists.

mod cells;
mod cli;
mod compare;
mod cwasm;
mod dwarf;
mod html;
mod knobs;
mod layout;
mod map;
mod measure;
mod method;
mod model;
mod module;
mod names;
mod owners;
mod print;
mod references;
mod subject;
mod table;

use std::fs::Permissions;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser as _;

use crate::cli::{Cli, Command, CompareArgs, How, ModuleArgs, ReportArgs};
use crate::subject::Subject;

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Report(args) => report(&args),
        Command::Compare(args) => compare(&args),
        Command::Module(args) => module(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(1)
        }
    }
}

fn report(args: &ReportArgs) -> Result<()> {
    let How { by, sets, top, json, html } = &args.how;
    let report = Subject { called: &args.subject, sets, map: args.map.as_deref(), by: *by }.report()?;
    if let Some(path) = html {
        return write(path, &html::report(&report));
    }
    say(&if *json { serde_json::to_string_pretty(&report)? + "\n" } else { print::report(&report, *top) })
}

fn compare(args: &CompareArgs) -> Result<()> {
    let How { by, sets, top, json, html } = &args.how;
    let look = |called: &str| Subject { called, sets, map: None, by: *by }.report();
    let comparison = compare::Comparison::new(&look(&args.before)?, &look(&args.after)?);
    if let Some(path) = html {
        return write(path, &html::comparison(&comparison));
    }
    say(&if *json { serde_json::to_string_pretty(&comparison)? + "\n" } else { comparison.text(*top) })
}

fn module(args: &ModuleArgs) -> Result<()> {
    let study = module::Study::new(&args.file, &args.platform, &args.sets)?;
    say(&if args.json { serde_json::to_string_pretty(&study)? + "\n" } else { study.text(args.top) })
}

/// Writes a file, which appears whole or not at all.
fn write(path: &Path, text: &str) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let put = || -> Result<()> {
        let mut file = tempfile::Builder::new().permissions(Permissions::from_mode(0o644)).tempfile_in(folder)?;
        file.write_all(text.as_bytes())?;
        file.persist(path)?;
        Ok(())
    };
    put().with_context(|| format!("cannot write {}; name a file in a folder that can be written", path.display()))
}

/// Writes to standard output. A reader who has heard enough is no failure.
fn say(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => written.context("cannot write to standard output; its file or device must take what is printed"),
    }
}
