//! `minplat-bench`: minplat beside the engines that one would otherwise pick, on this machine, in one run.
//!
//! [`peer`] lists the engines; each that is code of this program runs as another process of it, [`engine`], the others are programs
//! that were built with the kernels, or that the user has ([`given`]). [`running`] starts one and asks. The sections of [`measure`] ask
//! all by turns and make [`results`] of the answers; [`against`] compares them with earlier ones; [`page`] makes tables of them and [`chart`]
//! pictures.

mod against;
mod chart;
mod cli;
mod engine;
mod environment;
mod given;
mod measure;
mod page;
mod peer;
mod process;
mod progress;
mod results;
mod running;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use clap::Parser as _;
use minplat_compiler::output;
use minplat_host::library::artifacts_folder;

use crate::against::Against;
use crate::cli::{Cli, Inside, SectionName};
use crate::environment::Environment;
use crate::given::Given;
use crate::measure::{Plan, calls, compile, execution, instances, instructions, startup};
use crate::peer::Peer;
use crate::progress::Progress;
use crate::results::{LeftOut, Results};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match &cli.inside {
        Some(Inside::Engine { name, module, compiled }) => engine::serve(name, module, compiled),
        Some(Inside::Compile { how, platform, module }) => compile::wasmtime(how, platform, module),
        None => run(&cli),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(1)
        }
    }
}

fn run(cli: &Cli) -> Result<()> {
    let peers = peers(cli)?;
    if cli.list || cli.list_platforms {
        let listed = peers.iter().filter(|peer| cli.list || peer.is_platform());
        return minplat_report::say(&listed.map(|peer| peer.name() + "\n").collect::<String>());
    }
    // Read first: measuring takes minutes.
    let before = cli.against.as_deref().map(read).transpose()?;
    let mut results = match &cli.from {
        Some(path) => read(path)?,
        None => measured(cli, peers)?,
    };
    results.against = before.map(|before| Against::new(&before, &results));
    // What one has of everything is not to be lost to what was measured of a part.
    let is_whole = cli.from.is_none() && cli.only.is_empty() && cli.kernels.is_empty() && cli.engines.is_empty();
    let usual = (is_whole && !results.is_trial).then(|| artifacts_folder().join("bench"));
    if let Some(folder) = cli.out_dir.clone().or(usual) {
        make(&folder, "; name another with -o")?;
        put(&folder.join("results.json"), &(serde_json::to_string_pretty(&results)? + "\n"))?;
        put(&folder.join("results.md"), &page::markdown(&results))?;
        charts(&results, &folder)?;
    }
    if let Some(path) = &cli.write {
        ensure!(
            !results.is_trial,
            "these are no figures for a document: measure without --quick, by an optimised program"
        );
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        put(path, &page::put(&text, &results).with_context(|| path.display().to_string())?)?;
        let folder = path.with_extension("");
        make(&folder, "")?;
        charts(&results, &folder)?;
    }
    minplat_report::say(&if cli.json { serde_json::to_string_pretty(&results)? + "\n" } else { page::text(&results) })
}

/// The engines that the user wants, of all.
fn peers(cli: &Cli) -> Result<Vec<Peer>> {
    let mut given = Vec::new();
    if let (Some(run), Some(compile)) = (&cli.wamr, &cli.wamrc) {
        let wamr = |checks| Given::Wamr { run: run.clone(), compile: compile.clone(), checks };
        given.extend([wamr(false), wamr(true)]);
    }
    given.extend(cli.wasm3.clone().map(Given::Wasm3));
    let all = peer::all(&given);
    if cli.engines.is_empty() {
        return Ok(all);
    }
    cli.engines.iter().map(|name| chosen(&all, name)).collect()
}

/// The engine of this name: of all, or made of another platform.
fn chosen(all: &[Peer], name: &str) -> Result<Peer> {
    if let Some(peer) = all.iter().find(|peer| peer.name() == name) {
        return Ok(peer.clone());
    }
    if ["wamr", "wamr-checks", "wasm3"].contains(&name) {
        bail!("{name} takes part where its program is named: --wamr and --wamrc, or --wasm3");
    }
    peer::named(name).with_context(|| {
        let names = all.iter().map(Peer::name).collect::<Vec<_>>().join(", ");
        format!("there is no engine {name}; there are: {names}; and PLATFORM or wasmtime:PLATFORM for those that this machine can play")
    })
}

fn measured(cli: &Cli, peers: Vec<Peer>) -> Result<Results> {
    let load = environment::load();
    if load > 0.5 && !cli.quick {
        eprintln!("warning: this machine is at work already (load {load}): times will be uneven");
    }
    let folder = cli.kernels_in.clone().unwrap_or_else(|| artifacts_folder().join("bench/kernels"));
    let there = kernels(&folder)?;
    if let Some(unknown) = cli.kernels.iter().find(|name| !there.contains(name)) {
        bail!("there is no kernel {unknown} in {}; there are: {}", folder.display(), there.join(", "));
    }
    let is_wanted = |name: &String| cli.kernels.is_empty() || cli.kernels.contains(name);
    let (modules, absent): (Vec<_>, Vec<_>) =
        startup::MODULES.map(str::to_string).into_iter().filter(is_wanted).partition(|name| there.contains(name));
    let mut plan = Plan {
        // One without work.
        kernels: there.into_iter().filter(|name| is_wanted(name) && name != "tiny").collect(),
        folder,
        compiled: tempfile::tempdir().context("cannot make a temporary folder")?,
        peers,
        named: !cli.engines.is_empty(),
        kernels_named: !cli.kernels.is_empty(),
        rounds: cli.rounds.into(),
        quick: cli.quick,
        progress: Progress::new(),
    };
    let wants = |section| cli.only.contains(&section) || cli.only.is_empty() && section != SectionName::Instructions;
    let mut results = Results {
        environment: Environment::look(plan.rounds),
        is_trial: cli.quick || cfg!(debug_assertions),
        execution: None,
        instructions: None,
        startup: None,
        instances: None,
        calls: None,
        compile: None,
        against: None,
        left_out: Vec::new(),
    };
    let left_out = &mut results.left_out;
    plan.leave_out_unbuilt(left_out)?;
    // A section that the user named is measured, or it is an error that no engine takes part.
    let has = |takes_part: fn(&Peer) -> bool| !cli.only.is_empty() || !plan.named || plan.peers.iter().any(takes_part);
    ensure!(
        !modules.is_empty() || !cli.only.contains(&SectionName::Startup),
        "start-up is that of {}; name one of them",
        startup::MODULES.join(", ")
    );
    if wants(SectionName::Execution) {
        results.execution = Some(execution::measure(&plan, left_out)?);
    }
    if wants(SectionName::Instructions) {
        results.instructions = Some(instructions::measure(&plan, left_out)?);
    }
    if wants(SectionName::Startup) && has(Peer::is_inside) {
        results.startup = Some(startup::measure(&plan, &modules, left_out)?);
        left_out.extend(absent.into_iter().map(|module| LeftOut {
            kernels: vec![module],
            engine: "start-up of every engine".into(),
            why: "the module is not built".into(),
        }));
    }
    if wants(SectionName::Instances) && has(Peer::is_inside) {
        results.instances = Some(instances::measure(&plan, left_out)?);
    }
    if wants(SectionName::Calls) && has(Peer::is_platform) {
        results.calls = Some(calls::measure(&plan)?);
    }
    if wants(SectionName::Compile) {
        results.compile = Some(compile::measure(&plan)?);
    }
    Ok(results)
}

/// The names of the modules in a folder.
fn kernels(folder: &Path) -> Result<Vec<String>> {
    let attempt = || format!("cannot look for kernels in {}; {} builds them", folder.display(), how_to_build(folder));
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(attempt)? {
        let path: PathBuf = entry.with_context(attempt)?.path();
        if path.extension().is_some_and(|extension| extension == "wasm") {
            all.extend(path.file_stem().and_then(|stem| stem.to_str()).map(str::to_string));
        }
    }
    ensure!(!all.is_empty(), "there are no modules in {}; {} builds them", folder.display(), how_to_build(folder));
    all.sort();
    Ok(all)
}

/// The command that builds the kernels there.
fn how_to_build(folder: &Path) -> String {
    format!("tools/bench/kernels/build.sh {}", folder.display())
}

fn charts(results: &Results, folder: &Path) -> Result<()> {
    if let Some(execution) = &results.execution {
        put(&folder.join("execution.svg"), &chart::execution(execution)?)?;
    }
    if let Some(starts) = &results.startup {
        put(&folder.join("startup.svg"), &chart::startup(starts)?)?;
    }
    Ok(())
}

fn read(path: &Path) -> Result<Results> {
    let text = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("{} is not what minplat-bench --json prints", path.display()))
}

fn make(folder: &Path, remedy: &str) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}{remedy}", folder.display()))
}

/// Writes a file, which appears whole or not at all.
fn put(path: &Path, text: &str) -> Result<()> {
    Ok(output::write(path, text.as_bytes())?)
}
