//! What `examples/size-probe.c` does, with tinywasm: it loads a module, links one host function, calls an export, and prints a trap.
#![no_std]

use minplat_peer_common as common;
use tinywasm::{Error, FuncContext, HostFunction, Imports, ModuleInstance, Store};

/// Calls "run" of the module with one number; see `examples/size-probe.c`.
///
/// # Safety
/// That of [`common::main`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_probe_main(number: i32, answer: &mut i32) -> i32 {
    // SAFETY: the caller's contract is the function's own.
    unsafe { common::main(number, answer, run) }
}

fn run(wasm: &[u8], number: i32) -> Result<i32, Error> {
    let module = tinywasm::parse_bytes(wasm)?;
    let mut store = Store::default();
    let twice = HostFunction::from(&mut store, |_: FuncContext<'_>, number: i32| Ok(number.wrapping_mul(2)));
    let mut imports = Imports::new();
    imports.define("host", "twice", twice);
    let instance = ModuleInstance::instantiate(&mut store, &module, Some(imports))?;
    instance.func::<i32, i32>(&store, "run")?.call(&mut store, number)
}
