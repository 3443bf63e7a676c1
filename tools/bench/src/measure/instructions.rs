//! Instructions of kernels, which callgrind counts: the same number each time, whatever else the machine does.

use std::fs::File;
use std::io::Write as _;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use super::Plan;
use crate::peer::Peer;
use crate::results::{Count, LeftOut};
use crate::running::{Running, command};

/// What runs a kernel: in a program that was built with the kernels, and in an engine of this one.
const COUNTED: [&str; 2] = ["drive_counted", "minplat_bench_counted"];
/// Engines whose code is for the machine that compiles.
const FOR_THIS_MACHINE: [&str; 2] = ["wasmtime", "wasmtime-checks"];
/// Both are counted, and the difference is that of the units.
const UNITS: [i32; 2] = [1, 3];

/// Counts for all kernels and all engines that are programs of this machine's code.
///
/// # Errors
/// valgrind is not there; an engine that was named cannot be counted.
pub(crate) fn measure(plan: &Plan, left_out: &mut Vec<LeftOut>) -> Result<Vec<Count>> {
    let there = Command::new("valgrind").arg("--version").stdout(Stdio::null()).status();
    ensure!(
        there.is_ok_and(|status| status.success()),
        "instructions are counted by valgrind, which is not there; install it"
    );
    // Not the folder of the others: valgrind is another machine, with fewer features of the CPU.
    let compiled = tempfile::tempdir().context("cannot make a temporary folder")?;
    let mut all = Vec::new();
    for kernel in &plan.kernels {
        for peer in plan.peers.iter().filter(|peer| !matches!(peer, Peer::Given(_))) {
            plan.progress.say(format!("{kernel}: counting instructions of {}", peer.name()));
            // What is compiled for a named machine is compiled here; under valgrind a compiler takes minutes.
            if !FOR_THIS_MACHINE.contains(&peer.name().as_str())
                && let Err(why) = Running::start(peer, &plan.folder, kernel, compiled.path())
            {
                plan.without(peer, kernel, &why, left_out)?;
                continue;
            }
            let counted = UNITS.map(|units| count(command(peer, &plan.folder, kernel, compiled.path())?, units));
            match counted {
                [Ok(few), Ok(more)] => all.push(Count {
                    kernel: kernel.clone(),
                    engine: peer.name(),
                    instructions_per_unit: more.saturating_sub(few) / (UNITS[1] - UNITS[0]) as u64,
                }),
                [Err(why), _] | [_, Err(why)] => plan.without(peer, kernel, &why, left_out)?,
            }
        }
    }
    Ok(all)
}

/// All instructions that count of a process that works so many units.
fn count(engine: Command, units: i32) -> Result<u64> {
    let mut errors = tempfile::tempfile().context("cannot make a temporary file")?;
    let to = |file: &File| file.try_clone().context("cannot use a temporary file twice");
    let mut child = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", "--collect-atstart=no"])
        .args(COUNTED.map(|function| format!("--toggle-collect={function}")))
        .arg(engine.get_program())
        .args(engine.get_args())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(to(&errors)?)
        .spawn()
        .context("cannot start valgrind")?;
    if let Some(mut input) = child.stdin.take() {
        // An engine that does not take the module has ended before, and says why.
        _ = writeln!(input, "run {units}");
    }
    let status = child.wait().context("valgrind cannot be waited for")?;
    let text = read(&mut errors)?;
    if !status.success() {
        let why = text.lines().find_map(|line| line.strip_prefix("error: "));
        bail!("under valgrind: {}", why.unwrap_or("it ended before it had run"));
    }
    let line = text.lines().find_map(|line| line.split_once("Collected : "));
    let (_, number) = line.context("callgrind tells no number of instructions")?;
    number.trim().parse().with_context(|| format!("callgrind's number is {number:?}"))
}

fn read(file: &mut File) -> Result<String> {
    use std::io::{Read as _, Seek as _};
    let mut text = String::new();
    file.rewind().and_then(|()| file.read_to_string(&mut text)).context("cannot read what valgrind said")?;
    Ok(text)
}
