//! Kernels: by turns in every engine, with the same number of units.

use anyhow::{Context, Result, bail, ensure};

use super::Plan;
use crate::peer::Peer;
use crate::results::{Execution, Kernel, LeftOut, Timed};
use crate::running::Running;
use minplat_report::{median, spread};

/// What native code is to take in a round: nanoseconds.
const ROUND: f64 = 10e6;
const QUICK_ROUND: f64 = 5e5;

/// Runs all kernels.
///
/// # Errors
/// Engines do not agree, or one stops in the middle.
pub(crate) fn measure(plan: &Plan, left_out: &mut Vec<LeftOut>) -> Result<Execution> {
    let mut kernels = Vec::new();
    for kernel in &plan.kernels {
        let engines = started(plan, kernel, left_out)?;
        if !engines.is_empty() {
            kernels.push(one(plan, kernel, engines)?);
        }
    }
    Ok(Execution { kernels })
}

/// The engines that take the kernel: each has run it, so what a first run takes is behind it.
pub(super) fn started<'a>(
    plan: &'a Plan,
    kernel: &str,
    left_out: &mut Vec<LeftOut>,
) -> Result<Vec<(&'a Peer, Running)>> {
    let mut all: Vec<(&Peer, Running)> = Vec::new();
    let mut agreed: Option<(String, i32)> = None;
    for peer in &plan.peers {
        plan.progress.say(format!("{kernel}: starting {}", peer.name()));
        let Some(mut running) = plan.start(peer, kernel, left_out)? else { continue };
        let checksum = match running.result(2) {
            Ok(checksum) => checksum,
            Err(why) => {
                plan.without(peer, kernel, &why, left_out)?;
                continue;
            }
        };
        match &agreed {
            None => agreed = Some((peer.name(), checksum)),
            Some((other, theirs)) if *theirs != checksum => {
                bail!("{kernel}: {other} gives {theirs}, {} gives {checksum}", peer.name())
            }
            Some(_) => {}
        }
        all.push((peer, running));
    }
    Ok(all)
}

fn one(plan: &Plan, kernel: &str, mut engines: Vec<(&Peer, Running)>) -> Result<Kernel> {
    plan.progress.say(format!("{kernel}: how long a unit takes"));
    // By native code, or what there is instead.
    let first = engines.iter_mut().find(|(_, running)| running.stays());
    let (_, first) =
        first.context("WAMR and wasm3 are only measured beside others, which tell how much is to be done; name one")?;
    let (time, _) = first.run(20)?;
    let round = if plan.quick { QUICK_ROUND } else { ROUND };
    // Of a program that ends, what a start takes is in the time of a unit too, and so must be little beside the others.
    let least = if engines.iter().all(|(_, running)| running.stays()) { 2.0 } else { 50.0 };
    let units = (20.0 * round / time.max(1.0)).ceil().clamp(least, 1e6) as i32;

    let mut checksum = None;
    let mut rounds = vec![Vec::new(); engines.len()];
    for round in 0..plan.rounds {
        for nth in plan.turns(engines.len(), round) {
            let (peer, running) = &mut engines[nth];
            plan.progress.say(format!("{kernel}: round {} of {}, {}", round + 1, plan.rounds, peer.name()));
            // Code and data lie elsewhere in each process, which changes the time of short loops: so each round has a new one. What its
            // first run takes, and what others have taken of the caches, is not what is compared.
            if running.stays() {
                if round > 0 {
                    *running = Running::start(peer, &plan.folder, kernel, plan.compiled.path())
                        .with_context(|| format!("{kernel}: {} cannot be started again", peer.name()))?;
                }
                running.result(2)?;
            }
            let (time, result) = running.run(units)?;
            let agreed = *checksum.get_or_insert(result);
            ensure!(result == agreed, "{kernel}, {units} units: {} gives {result}, others {agreed}", peer.name());
            rounds[nth].push(time);
        }
    }
    let timed = |((peer, _), rounds): (&(&Peer, Running), Vec<f64>)| Timed {
        engine: peer.name(),
        nanoseconds_per_unit: median(&rounds) / f64::from(units),
        spread: spread(&rounds),
        to_native: None,
        to_wasmtime: None,
        rounds,
    };
    let engines = engines.iter().zip(rounds).map(timed).collect();
    let mut found = Kernel { kernel: kernel.to_string(), units, checksum: checksum.unwrap_or_default(), engines };
    let names: Vec<_> = found.engines.iter().map(|timed| timed.engine.clone()).collect();
    for (nth, name) in names.iter().enumerate() {
        found.engines[nth].to_native = found.ratio(name, "native");
        found.engines[nth].to_wasmtime = found.ratio(name, "wasmtime");
    }
    Ok(found)
}
