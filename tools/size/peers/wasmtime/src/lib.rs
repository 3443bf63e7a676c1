//! What `examples/size-probe.c` does, with the crate wasmtime as published: it loads a module that was compiled before, links one host
//! function, calls an export, and prints a trap.
#![no_std]

#[cfg(all(target_arch = "x86_64", not(feature = "pulley")))]
mod cpu;

// Named so that its features are chosen here.
use log as _;
use minplat_peer_common as common;
use wasmtime::{Config, Engine, Linker, Module, Result, Store};

/// Calls "run" of the module with one number; see `examples/size-probe.c`.
///
/// # Safety
/// That of [`common::main`]; the module is what a compiler of this Wasmtime gave, unchanged.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_probe_main(number: i32, answer: &mut i32) -> i32 {
    // SAFETY: the caller's contract is the function's own.
    unsafe { common::main(number, answer, |artifact, number| run(artifact, number)) }
}

/// # Safety
/// The artifact is what a compiler of this Wasmtime gave, unchanged.
unsafe fn run(artifact: &[u8], number: i32) -> Result<i32> {
    let engine = Engine::new(&config()?)?;
    let mut store = Store::new(&engine, ());
    // SAFETY: the caller's contract is the function's own.
    let module = unsafe { Module::deserialize(&engine, artifact) }?;
    let mut linker = Linker::new(&engine);
    linker.func_wrap("host", "twice", |number: i32| number.wrapping_mul(2))?;
    let instance = linker.instantiate(&mut store, &module)?;
    instance.get_typed_func::<i32, i32>(&mut store, "run")?.call(&mut store, number)
}

/// Wasmtime's defaults for the machine, and what it cannot find out by itself.
fn config() -> Result<Config> {
    let mut config = Config::new();
    #[cfg(feature = "pulley")]
    {
        // Half a megabyte else, on the heap.
        config.max_wasm_stack(16 << 10);
        config.target(if cfg!(target_pointer_width = "32") { "pulley32" } else { "pulley64" })?;
    }
    #[cfg(all(target_arch = "x86_64", not(feature = "pulley")))]
    // SAFETY: `detect` asks the CPU; the target passes floats in SSE registers, or modules are compiled for CPU features that leave no
    // call with a float.
    unsafe {
        config.detect_host_feature(cpu::detect);
        config.x86_float_abi_ok(true);
    }
    Ok(config)
}
