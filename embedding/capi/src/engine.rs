//! Engines: what modules, stores and linkers belong to. A program has one.

use alloc::boxed::Box;
use core::mem::MaybeUninit;

use minplat::wasmtime::Engine;

use crate::args::{boxed, place, required};
use crate::error::{Failure, minplat_error_t, report};
use crate::heap::try_box;

/// An engine of this library's platform.
pub struct minplat_engine_t {
    pub(crate) engine: Engine,
}

/// Bytes that Wasmtime may take for an engine, some of them without a way to say that there are none: 1,528 for
/// x86_64-minplat, as `minplat_heap_stats` counts.
const ENGINE: usize = 512 * size_of::<usize>();

/// Sees to it that the heap has room for an engine.
fn reserve() -> Result<(), Failure> {
    try_box([MaybeUninit::<u8>::uninit(); ENGINE]).map(drop).ok_or(Failure::OUT_OF_MEMORY)
}

/// Makes an engine. Owned by the caller; what was made with it keeps what it needs of it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_engine_new(engine: *mut *mut minplat_engine_t) -> *mut minplat_error_t {
    report(|| {
        let place = place(engine)?;
        reserve()?;
        let new = minplat_engine_t { engine: Engine::new(&minplat::config())? };
        // SAFETY: the place has room for a pointer.
        unsafe { place.write(boxed(new)?) };
        Ok(())
    })
}

/// Frees an engine. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_engine_delete(engine: *mut minplat_engine_t) {
    if !engine.is_null() {
        // SAFETY: it came from `minplat_engine_new`, and its owner gives it back.
        drop(unsafe { Box::from_raw(engine) });
    }
}

/// Starts the next epoch: guests that reach their store's deadline trap. May be called from an interrupt or another thread
/// while a guest runs. MINPLAT_ERROR_UNSUPPORTED where the platform's `wasm.interruption` is not "epoch".
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_engine_increment_epoch(engine: *const minplat_engine_t) -> *mut minplat_error_t {
    report(|| {
        // SAFETY: NULL, or an engine of this library.
        let engine = unsafe { required(engine) }?;
        crate::store::needs_epochs()?;
        #[cfg(target_has_atomic = "64")]
        engine.engine.increment_epoch();
        let _ = engine;
        Ok(())
    })
}
