//! `minplat-size`: who owns each byte.
//!
//! [`subject`] finds out what was named and looks at it: [`measure`] links a platform's library with the size probe,
//! [`layout`] reads an ELF file, [`map`] a linker's map, [`references`] relocations, [`placed`] those of what was linked, [`dwarf`]
//! what was inlined, and [`near`] finds the files that tell them; [`cells`] cuts sections into what lies there, [`owners`] says
//! whose each cell is, by [`names`]. [`cwasm`] does it for a compiled module. What comes out is a [`model`], which [`mod@print`] and
//! [`mod@compare`] show in a table each, with its [`method`] below; [`html`] makes a page of each.
//!
//! [`mod@module`] compiles a module in every way that [`knobs`] lists; [`mod@study`] builds a library in every way that a table lists;
//! [`shipped`] is the table of all platforms and example guests, [`peers`] that of other runtimes.

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
mod near;
mod owners;
mod peers;
mod placed;
mod print;
mod references;
mod shipped;
mod study;
mod subject;

use std::fs::Permissions;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Parser as _;
use minplat_report::say;

use crate::cli::{Cli, Command, CompareArgs, How, ModuleArgs, ReportArgs, StudyArgs};
use crate::study::knobs::Table;
use crate::study::run::Results;
use crate::study::{output, plan};
use crate::subject::Subject;

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Report(args) => report(&args),
        Command::Compare(args) => compare(&args),
        Command::Module(args) => module(&args),
        Command::Study(args) => study(&args),
        Command::Peers(args) => peers::run(&args),
        Command::Shipped(args) => shipped::run(&args),
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
    let both = [(&args.before, &args.map_a), (&args.after, &args.map_b)];
    let both = both.map(|(called, map)| Subject { called, sets, map: map.as_deref(), by: *by });
    if !both.iter().any(Subject::is_platform) && !sets.is_empty() {
        bail!("--set changes a platform, and {} and {} are files; leave it out", args.before, args.after);
    }
    // A file is as it is.
    let look = |subject: &Subject<'_>| match subject.is_platform() {
        true => subject.report(),
        false => Subject { sets: &[], ..*subject }.report(),
    };
    let [before, after] = [look(&both[0])?, look(&both[1])?];
    let comparison = compare::Comparison::new(&before, &after);
    if let Some(path) = html {
        return write(path, &html::comparison(&comparison));
    }
    say(&if *json { serde_json::to_string_pretty(&comparison)? + "\n" } else { comparison.text(*top) })
}

fn module(args: &ModuleArgs) -> Result<()> {
    let study = module::Study::new(&args.file, &args.platform, &args.sets)?;
    if let Some(path) = &args.html {
        return write(path, &html::module(&study));
    }
    say(&if args.json { serde_json::to_string_pretty(&study)? + "\n" } else { study.text(args.top) })
}

fn study(args: &StudyArgs) -> Result<()> {
    let folder = |platform: &str| args.out_dir.clone().unwrap_or_else(|| Path::new("size-study").join(platform));
    let make = |folder: &Path| {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder {}; name another with -o", folder.display()))
    };
    if let Some(path) = &args.from {
        let results = Results::read(path)?;
        if let Some(named) = args.platform.as_ref().filter(|named| **named != results.platform) {
            bail!("{} is a study of {}, not of {named}", path.display(), results.platform);
        }
        let folder = folder(&results.platform);
        make(&folder)?;
        output::write(&results, &folder)?;
        return studied(&results, args.html.as_deref());
    }
    let called = args.platform.as_deref().unwrap_or(minplat_platform::DEFAULT);
    let platform = minplat_platform::Platform::load(called, &[])?;
    let table = Table::read(args.knobs.as_deref())?.only(&args.only)?;
    let steps = plan::steps(called, args.design, &table)?;
    if args.dry_run {
        let line = |step: &plan::Step| match &step.why_not {
            Some(why) => format!("not so: {}: {}\n", step.name(), why.lines().next().unwrap_or_default()),
            None => format!("{}\n    {}\n", step.name(), step.changes().join(" ")),
        };
        // What turns the probe alone needs no other library.
        let all = steps.iter().filter(|step| step.why_not.is_none()).map(|step| &step.sets);
        let count = all.collect::<std::collections::BTreeSet<_>>().len();
        return say(&(steps.iter().map(line).collect::<String>() + &format!("{count} libraries\n")));
    }
    let folder = folder(platform.name());
    let libraries = folder.join("libraries");
    // A few knobs share the libraries of all of them, and leave the tables of those alone.
    let tables = if args.only.is_empty() { folder } else { folder.join("only") };
    make(&tables)?;
    let save = |results: &Results| output::write(results, &tables);
    let results = study::run::run((called, platform.name()), (args.design, steps, &table.digest), &libraries, save)?;
    studied(&results, args.html.as_deref())
}

/// Says what a study found, and writes the page where one is wanted.
fn studied(results: &Results, page: Option<&Path>) -> Result<()> {
    if let Some(path) = page {
        write(path, &html::study(results))?;
    }
    say(&output::text(results))
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
