//! Recursion without end on a stack that has what was promised, and a guard below it.

use super::own;
use super::probe::{Probe, must_trap};
use crate::device::Device;

/// How a guest recurses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recursion {
    /// A function calls itself.
    Wasm,
    /// It calls a host function, which calls it back.
    ThroughHost,
}

/// Loads the probe guest, makes an instance and lets it recurse without end, all on a stack of exactly `bytes` bytes. A guest
/// that leaves them is a fault, which ends the process. The answer tells how many it used.
///
/// # Errors
/// The library refuses something; the recursion ends otherwise than with the trap for a stack that is used up.
pub fn recurse(device: &Device, artifact: &'static [u8], how: Recursion, bytes: usize) -> anyhow::Result<usize> {
    let mut probe = Probe::new(device, artifact);
    let name = match how {
        Recursion::Wasm => "deep",
        Recursion::ThroughHost => "bounce",
    };
    probe.calls_back("bounce");
    let mut steps = [Probe::make_engine, Probe::load, Probe::link, Probe::instantiate].into_iter();
    let (error, used) = own::run(bytes, || {
        let failed = steps.find_map(|step| Some(step(&mut probe)).filter(|error| !error.is_null()));
        failed.unwrap_or_else(|| probe.trap(name))
    })?;
    must_trap(probe.check(error), 0)?;
    Ok(used)
}
