//! Calls across the border between host and guest: what `minplat-call-cost`, beside this program, finds.

use std::process::Command;

use anyhow::{Context, Result, bail};

use super::Plan;
use crate::peer::Peer;
use crate::results::Call;

const PLATFORMS: [&str; 2] = ["x86_64-minplat", "x86_64-minplat-traps"];

/// Runs it for those of the platforms that take part.
///
/// # Errors
/// It is not there, or fails otherwise than by a call that costs too much.
pub(crate) fn measure(plan: &Plan) -> Result<Vec<Call>> {
    let platforms = plan.among("calls", &PLATFORMS, Peer::is_platform)?;
    let program = super::compile::beside("minplat-call-cost")?;
    let output = Command::new(&program).arg("--json").args(platforms.iter().map(|peer| peer.name())).output();
    let output = output.with_context(|| format!("cannot start {}", program.display()))?;
    // It ends with 1 where a ratio is above its limit, which the numbers say here.
    serde_json::from_slice(&output.stdout).or_else(|_| {
        bail!("{} failed: {}", program.display(), String::from_utf8_lossy(&output.stderr).trim());
    })
}
