//! `minplat-host stack`.

use std::fmt::Write as _;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use minplat_host::library::platform_file;
use minplat_host::stack::{Need, Recursion, measure, recurse};
use minplat_host::{Artifact, Device, find_library, guest_thread, platform};
use minplat_platform::Platform;
use serde_json::json;

use crate::args::Stack;
use crate::out;

pub(crate) fn stack(args: &Stack) -> ExitCode {
    let told = match guest_thread::run(0, || examine(args)) {
        Ok(outcome) => outcome,
        Err(error) => Err(anyhow::Error::new(error).context("no thread to measure on")),
    };
    let (text, verdict) = match told {
        Ok(told) => told,
        Err(error) => {
            out::failed(args.json, &error);
            return ExitCode::FAILURE;
        }
    };
    if let Err(error) = out::print(&text) {
        out::lost(&error);
        return ExitCode::FAILURE;
    }
    match verdict {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            out::say(format_args!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// What is printed, and whether the budget is kept.
fn examine(args: &Stack) -> anyhow::Result<(String, anyhow::Result<()>)> {
    let artifact = Artifact::read(&args.file)?;
    let library = match &args.library {
        Some(library) => library.clone(),
        None => find_library(artifact.platform(), None)?,
    };
    let file = platform_file(&library).with_context(|| {
        format!("{} has no platform file beside it; use the folder that minplat-build wrote", library.display())
    })?;
    let described = Platform::load(&file.display().to_string(), &[]).map_err(|error| anyhow::anyhow!("{error}"))?;
    let native_stack = usize::try_from(described.settings().native_stack)?;
    let budget = described.budget(minplat_platform::Budget::Stack).map(usize::try_from).transpose()?;

    platform::go_without_wrappers();
    let device = Device::open(&library)?;
    let need = measure(&device, artifact.bytes()).context("cannot measure")?;
    // Where the budget is not kept, that shall be said, and not shown as a fault. (Bytecode has its own stack on the heap; what
    // it is left here costs nothing.)
    let promised = native_stack + budget.unwrap_or(0).max(need.most());
    let mut used = Vec::new();
    for how in [Recursion::Wasm, Recursion::ThroughHost] {
        let what = || format!("recursion on a stack of {promised} bytes");
        used.push(recurse(&device, artifact.bytes(), how, promised).with_context(what)?);
    }
    let name = device.platform_name();
    let text = if args.json {
        let recursion = json!({ "stack": promised, "wasm": used[0], "through_host": used[1] });
        format!(
            "{}\n",
            json!({
                "platform": name, "native_stack": native_stack, "need": need, "most": need.most(), "budget": budget,
                "recursion": recursion,
            })
        )
    } else {
        shown(name, native_stack, &need, budget, promised, &used)?
    };
    Ok((text, within(name, &need, budget)))
}

fn within(name: &str, need: &Need, budget: Option<usize>) -> anyhow::Result<()> {
    match budget {
        Some(budget) if need.most() > budget => {
            let over: Vec<_> = need.rows().into_iter().filter(|(_, bytes)| *bytes > budget).collect();
            let over: Vec<_> = over.iter().map(|(row, bytes)| format!("{row} {bytes}")).collect();
            bail!(
                "{name} needs more native stack than budget.stack = {budget} bytes: {}; docs/stack.md has what each took, so what grew: shorten it, or raise the budget",
                over.join(", ")
            )
        }
        _ => Ok(()),
    }
}

fn shown(
    name: &str,
    native_stack: usize,
    need: &Need,
    budget: Option<usize>,
    promised: usize,
    used: &[usize],
) -> anyhow::Result<String> {
    let mut text = format!("{name}: native stack besides wasm's own part, bytes\n");
    for (row, bytes) in need.rows() {
        writeln!(text, "  {row:<34}{bytes:>12}")?;
    }
    match budget {
        Some(budget) => writeln!(text, "  {:<34}{:>12} of {budget}", "at most", need.most())?,
        None => writeln!(text, "  {:<34}{:>12}; the platform has no budget.stack", "at most", need.most())?,
    }
    writeln!(text, "recursion without end, on {native_stack} + {} bytes above a guard", promised - native_stack)?;
    for (row, bytes) in [("wasm", used[0]), ("wasm, host, wasm", used[1])] {
        writeln!(text, "  {row:<34}{bytes:>12} used, then the trap")?;
    }
    Ok(text)
}
