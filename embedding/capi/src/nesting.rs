//! How deep guests may nest in host functions, where modules are bytecode: wasm's own stack is on the heap, and its limit says
//! nothing of the native stack, which every guest that a host function calls back takes a piece of. Native code needs none of
//! this: there one limit holds for wasm and for all that it calls.
#![cfg(feature = "pulley")]

use minplat::wasmtime::{CallHook, Result, Trap};

use crate::store::Context;

/// A store's guests that are running.
pub(crate) struct Nesting {
    /// Bytes of native stack from the outermost guest on.
    most: usize,
    /// Where the outermost was entered.
    start: usize,
    depth: usize,
}

impl Nesting {
    pub(crate) const fn new(most: usize) -> Self {
        Self { most, start: 0, depth: 0 }
    }
}

/// A guest beyond the limit ends as one whose own stack is used up.
#[inline(never)]
pub(crate) fn hook(mut context: Context<'_>, hook: CallHook) -> Result<()> {
    let here = 0_u8;
    let here = (&raw const here).addr();
    let nesting = &mut context.data_mut().nesting;
    match hook {
        CallHook::CallingWasm => {
            if nesting.depth == 0 {
                nesting.start = here;
            } else if nesting.start.saturating_sub(here) > nesting.most {
                return Err(Trap::StackOverflow.into());
            }
            nesting.depth += 1;
        }
        CallHook::ReturningFromWasm => nesting.depth -= 1,
        CallHook::CallingHost | CallHook::ReturningFromHost => {}
    }
    Ok(())
}
