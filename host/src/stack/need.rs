//! What each kind of call needs.

use anyhow::Context as _;
use serde::Serialize;

use super::own;
use super::probe::{Probe, must_trap};
use crate::device::{Device, ffi};

const OTHER_GUEST: &str = "the guest does not do what examples/stack.wat does: compile that for the platform";
/// Room for anything.
const AMPLE: usize = 4 << 20;

/// Bytes of the native stack that calls need besides a guest's own frames. The program's frames are not in it, nor are the
/// functions of the platform but for the few of Linux, which are system calls.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Need {
    /// `minplat_engine_new`, `minplat_store_new`, `minplat_linker_new`, `minplat_linker_define_func`.
    pub prepare: usize,
    /// `minplat_module_load`.
    pub load: usize,
    /// `minplat_linker_instantiate`.
    pub instantiate: usize,
    /// `minplat_func_call`: the call itself, and what Wasmtime does for a guest in it, as memory.grow.
    pub call: usize,
    /// A call in which the guest calls a host function, without that function's own frames.
    pub host_call: usize,
    /// A call that traps, and reading the error.
    pub trap: usize,
    /// A call in which a host function calls the guest back, and that traps.
    pub nested_trap: usize,
}

impl Need {
    /// By name, in the order in which a program comes to them.
    pub fn rows(&self) -> [(&'static str, usize); 7] {
        [
            ("prepare", self.prepare),
            ("load", self.load),
            ("instantiate", self.instantiate),
            ("call", self.call),
            ("host call", self.host_call),
            ("trap", self.trap),
            ("nested trap", self.nested_trap),
        ]
    }

    /// What covers all of them: this much besides `memory.native-stack` is enough for a task that uses the library.
    pub fn most(&self) -> usize {
        self.rows().into_iter().map(|(_, bytes)| bytes).max().unwrap_or(0)
    }
}

/// Measures with the probe guest, `examples/stack.wat`.
///
/// # Errors
/// The library refuses something, the guest is another, or there is no memory for a stack.
pub fn measure(device: &Device, artifact: &'static [u8]) -> anyhow::Result<Need> {
    // The first engine of a process does more than the next, as it does in firmware: so this is the first.
    let mut probe = Probe::new(device, artifact);
    let engine = step(&mut probe, Probe::make_engine)?;
    let load = step(&mut probe, Probe::load)?;
    let link = step(&mut probe, Probe::link)?;
    let instantiate = step(&mut probe, Probe::instantiate)?;
    let nothing = step(&mut probe, |probe| probe.call("nothing")).context(OTHER_GUEST)?;
    let grow = step(&mut probe, |probe| probe.call("grow")).context(OTHER_GUEST)?;
    let host_call = step(&mut probe, |probe| probe.call("host")).context(OTHER_GUEST)?;
    let trap = trapping(&mut probe, "trap")?;
    let nested_trap = trapping(&mut probe, "back")?;
    Ok(Need { prepare: engine.max(link), load, instantiate, call: nothing.max(grow), host_call, trap, nested_trap })
}

fn step(probe: &mut Probe, job: impl FnOnce(&mut Probe) -> *mut ffi::minplat_error_t) -> anyhow::Result<usize> {
    let (error, used) = own::run(AMPLE, || job(probe))?;
    probe.check(error)?;
    Ok(used)
}

/// The trap is `unreachable`.
fn trapping(probe: &mut Probe, name: &str) -> anyhow::Result<usize> {
    let (error, used) = own::run(AMPLE, || probe.trap(name))?;
    must_trap(probe.check(error), 9)?;
    Ok(used)
}
