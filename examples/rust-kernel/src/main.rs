//! A kernel that runs WebAssembly: the smallest whole program in Rust on minplat.
//!
//! | file | what a kernel of yours does there |
//! | --- | --- |
//! | `main.rs` | loads a module, links a host function, calls, tells of a trap: copy it |
//! | `checks.rs` | asks the machine first whether it keeps its promises |
//! | `component.rs` | the same with a component, and with a host function that is waited for |
//! | `platform.rs` | what minplat asks of the machine, over `machine.rs` |
//! | `heap.rs` | the heap |
//! | `machine.rs` | the machine: here a bare Linux process, its entry point and five system calls |
#![no_std]
#![no_main]

extern crate alloc;

#[cfg(feature = "checks")]
mod checks;
#[cfg(feature = "component")]
mod component;
mod heap;
mod machine;
mod platform;

use core::fmt::{self, Write};

use minplat::wasmtime::{Caller, Engine, Error, Linker, Result, Store, error::format_err};

/// `guests/area.wat`, compiled by `build.rs`.
mod area {
    include!(concat!(env!("OUT_DIR"), "/area.rs"));
}

/// Where the kernel's text goes.
pub(crate) struct Console;

impl Write for Console {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        machine::write(text.as_bytes());
        Ok(())
    }
}

/// Prints a line on the console.
#[macro_export]
macro_rules! say {
    ($($text:tt)*) => {{
        // The console takes any text.
        _ = core::fmt::Write::write_fmt(&mut $crate::Console, format_args!("{}\n", format_args!($($text)*)));
    }};
}

#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    say!("kernel: {info}");
    machine::exit(101)
}

/// The machine starts here; the result is the exit code.
pub(crate) fn start() -> i32 {
    match run() {
        Ok(()) => 0,
        Err(error) => {
            say!("kernel: {error:?}");
            1
        }
    }
}

fn run() -> Result<()> {
    #[cfg(feature = "checks")]
    checks::run()?;
    let engine = Engine::new(&minplat::config())?;
    // SAFETY: build.rs put the output of minplat-compile into this program, and nobody else writes there.
    let module = unsafe { minplat::load_in_place(&engine, area::AREA) }.map_err(|error| format_err!("{error}"))?;

    let mut linker = Linker::new(&engine);
    linker.func_wrap("env", "print", |mut caller: Caller<'_, ()>, at: u32, length: u32| -> Result<()> {
        let memory = caller.get_export("memory").and_then(|export| export.into_memory());
        let memory = memory.ok_or_else(|| Error::msg("the guest exports no memory"))?;
        let text = memory.data(&caller).get(at as usize..).and_then(|bytes| bytes.get(..length as usize));
        let text = text.ok_or_else(|| Error::msg("the guest's text is not in its memory"))?;
        say!("guest: {}", core::str::from_utf8(text)?);
        Ok(())
    })?;

    let mut store = Store::try_new(&engine, ())?;
    let instance = linker.instantiate(&mut store, &module)?;
    let area = instance.get_typed_func::<(i32, i32), i32>(&mut store, "area")?;
    say!("area(6, 7) = {}", area.call(&mut store, (6, 7))?);

    let divide = instance.get_typed_func::<(i32, i32), i32>(&mut store, "divide")?;
    match divide.call(&mut store, (1, 0)) {
        Ok(quotient) => say!("divide(1, 0) = {quotient}"),
        Err(trap) => say!("divide(1, 0): {trap:?}"),
    }

    #[cfg(feature = "component")]
    component::run(&engine)?;
    Ok(())
}
