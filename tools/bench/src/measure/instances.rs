//! Many instances of one module, all alive: how fast they are made, and what each takes.

use anyhow::Result;
use minplat_report::{median, spread};

use super::Plan;
use crate::peer::{FAST, Peer};
use crate::results::{Held, LeftOut};

/// The module: of a kilobyte, with a memory of some pages of 64 KiB.
const MODULE: &str = "filter";
const COUNT: usize = 1000;
const ENGINES: [&str; 6] = ["wasmtime", "wasmtime-checks", "x86_64-minplat", "x86_64-minplat-traps", FAST, "wasmi"];

/// Makes a thousand in each engine, by turns.
///
/// # Errors
/// An engine that was named cannot take part, or one stops in the middle.
pub(crate) fn measure(plan: &Plan, left_out: &mut Vec<LeftOut>) -> Result<Vec<Held>> {
    let count = if plan.quick { 50 } else { COUNT };
    let peers = plan.among("instances", &ENGINES, Peer::is_inside)?;
    let (mut times, mut bytes) = (vec![Vec::new(); peers.len()], vec![Vec::new(); peers.len()]);
    for round in 0..plan.rounds {
        for nth in plan.turns(peers.len(), round) {
            let name = peers[nth].name();
            plan.progress.say(format!("{count} instances in {name}, round {} of {}", round + 1, plan.rounds));
            // In a process of its own each time: what was freed before would be used again, and counted nowhere.
            let Some(mut running) = plan.start(peers[nth], MODULE, left_out)? else { continue };
            let [nanoseconds, resident] = running.ask(&format!("hold {count}"))?;
            times[nth].push(nanoseconds);
            bytes[nth].push(resident);
        }
    }
    let base = peers.iter().position(|peer| peer.name() == "wasmtime");
    let held = |nth: usize| Held {
        engine: peers[nth].name(),
        module: MODULE.into(),
        count,
        per_second: count as f64 / (median(&times[nth]) / 1e9),
        spread: spread(&times[nth]),
        to_wasmtime: base.map(|base| median(&times[nth]) / median(&times[base])),
        resident_bytes: median(&bytes[nth]) as u64,
    };
    Ok((0..peers.len()).filter(|nth| !times[*nth].is_empty()).map(held).collect())
}
