//! What `examples/size-probe.c` does, with wasmi: it loads a module, links one host function, calls an export, and prints a trap.
#![no_std]

use minplat_peer_common as common;
use wasmi::{Engine, Error, Linker, Module, Store};

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
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let module = Module::new(&engine, wasm)?;
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "twice", |number: i32| number.wrapping_mul(2))?;
    let instance = linker.instantiate_and_start(&mut store, &module)?;
    instance.get_typed_func::<i32, i32>(&store, "run")?.call(&mut store, number)
}
