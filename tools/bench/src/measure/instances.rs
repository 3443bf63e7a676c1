//! Many instances of one module, all alive: how fast they are made, and what each takes.

use anyhow::Result;

use super::Plan;
use crate::peer::FAST;
use crate::results::{Held, LeftOut};
use crate::statistics::median;

/// The module.
pub(crate) const MODULE: &str = "sha256";
const COUNT: usize = 1000;
const ENGINES: [&str; 6] = ["wasmtime", "wasmtime-checks", "x86_64-minplat", "x86_64-minplat-traps", FAST, "wasmi"];

/// Makes a thousand in each engine.
///
/// # Errors
/// An engine that was named cannot take part, or one stops in the middle.
pub(crate) fn measure(plan: &Plan, left_out: &mut Vec<LeftOut>) -> Result<Vec<Held>> {
    let count = if plan.quick { 20 } else { COUNT };
    let mut all = Vec::new();
    for peer in ENGINES.iter().filter_map(|name| plan.has(name)) {
        plan.progress.say(format!("{count} instances in {}", peer.name()));
        let (mut times, mut bytes) = (Vec::new(), Vec::new());
        for _ in 0..plan.rounds {
            // In a process of its own each time: what was freed before would be used again, and counted nowhere.
            let Some(mut running) = plan.start(peer, MODULE, left_out)? else { break };
            let [nanoseconds, resident] = running.ask(&format!("hold {count}"))?;
            times.push(nanoseconds);
            bytes.push(resident);
        }
        if !times.is_empty() {
            all.push(Held {
                engine: peer.name(),
                module: MODULE.into(),
                count,
                per_second: count as f64 / (median(&times) / 1e9),
                resident_bytes: median(&bytes) as u64,
            });
        }
    }
    Ok(all)
}
