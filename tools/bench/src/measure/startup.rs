//! From a compiled module to the return of its first call, which returns at once.

use anyhow::{Context, Result};

use super::Plan;
use crate::engine::Way;
use crate::peer::{FAST, Peer};
use crate::results::{LeftOut, Start};
use crate::running::Running;
use minplat_report::{median, spread};

/// The least that a module can be, one of a kilobyte, one of a megabyte.
pub(crate) const MODULES: [&str; 3] = ["tiny", "filter", "sqlite"];
/// What takes part unless the user says otherwise.
const ENGINES: [&str; 6] = ["wasmtime", "wasmtime-checks", "x86_64-minplat", "x86_64-minplat-traps", FAST, "wasmi"];

/// Starts the modules of [`MODULES`] that are among the kernels, or all where none was named.
///
/// # Errors
/// An engine that was named cannot take part, or one stops in the middle.
pub(crate) fn measure(plan: &Plan, modules: &[String], left_out: &mut Vec<LeftOut>) -> Result<Vec<Start>> {
    let peers = plan.among("start-up", &ENGINES, Peer::is_inside)?;
    let mut all = Vec::new();
    for module in modules {
        all.extend(one(plan, module, &peers, left_out)?);
    }
    Ok(all)
}

fn one(plan: &Plan, module: &str, peers: &[&Peer], left_out: &mut Vec<LeftOut>) -> Result<Vec<Start>> {
    let path = plan.folder.join(format!("{module}.wasm"));
    let bytes = path.metadata().with_context(|| format!("{} is not there", path.display()))?.len();
    let mut ways: Vec<(String, Way, usize)> = Vec::new();
    let mut engines = Vec::new();
    for peer in peers {
        let name = peer.name();
        plan.progress.say(format!("start-up of {module}: starting {name}"));
        let Some(mut running) = plan.start(peer, module, left_out)? else { continue };
        let its: &[_] = if name == "wasmi" { &[Way::Copied] } else { &[Way::InPlace, Way::Copied] };
        for way in its {
            // The first start brings in what later ones find there.
            ask(&mut running, *way, 3)?;
            ways.push((name.clone(), *way, engines.len()));
        }
        engines.push(running);
    }
    let mut rounds = vec![Vec::new(); ways.len()];
    // A load of an interpreter takes milliseconds, one in place microseconds.
    let repeats = |took: f64| (2e6 / took).clamp(1.0, 200.0) as usize;
    let mut counts = vec![3; ways.len()];
    for round in 0..plan.rounds + 1 {
        plan.progress.say(format!("start-up of {module}: round {round} of {}", plan.rounds));
        for nth in plan.turns(ways.len(), round) {
            let (_, way, engine) = &ways[nth];
            let stages = ask(&mut engines[*engine], *way, counts[nth])?;
            counts[nth] = if plan.quick { 3 } else { repeats(stages.iter().sum()) };
            // The first round only tells how often a start fits into one.
            if round > 0 {
                rounds[nth].push(stages);
            }
        }
    }
    let total = |stages: &[f64; 3]| stages.iter().sum::<f64>();
    let base = |way: Way| ways.iter().position(|(name, other, _)| name == "wasmtime" && *other == way);
    let start = |(nth, (engine, way, _)): (usize, &(String, Way, usize))| {
        let middle = |part: usize| median(&rounds[nth].iter().map(|stages| stages[part]).collect::<Vec<_>>());
        let beside = |base: usize| {
            let pairs = rounds[nth].iter().zip(&rounds[base]);
            median(&pairs.map(|(ours, theirs)| total(ours) / total(theirs)).collect::<Vec<_>>())
        };
        Start {
            module: module.to_string(),
            bytes,
            engine: engine.clone(),
            way: *way,
            load: middle(0),
            instantiate: middle(1),
            first_call: middle(2),
            total: median(&rounds[nth].iter().map(total).collect::<Vec<_>>()),
            to_wasmtime: base(*way).map(beside),
            spread: spread(&rounds[nth].iter().map(total).collect::<Vec<_>>()),
        }
    };
    Ok(ways.iter().enumerate().map(start).collect())
}

fn ask(engine: &mut Running, way: Way, count: usize) -> Result<[f64; 3]> {
    engine.ask(&format!("start {} {count}", way.name()))
}
