//! Engines: what modules, stores and linkers belong to. A program has one.

use core::mem::MaybeUninit;

use minplat::PLATFORM;
use minplat::wasmtime::{Config, Engine};
use minplat_platform::settings::NATIVE_STACK;

use crate::args::{boxed, delete, place, required};
use crate::error::{Failure, minplat_error_code_t as code, minplat_error_t, report, report_in_interrupt};
use crate::heap::try_box;

/// An engine of this library's platform.
pub struct minplat_engine_t {
    pub(crate) engine: Engine,
    #[cfg(feature = "pulley")]
    pub(crate) native_stack: usize,
}

/// Bytes that Wasmtime may take for an engine, some of them without a way to say that there are none: 1,528 for
/// x86_64-minplat, as `minplat_heap_stats` counts.
const ENGINE: usize = 512 * size_of::<usize>();

/// Before everything else of an engine: sees to it that the heap has room for it, and that a refused trap handler is given again.
fn prepare() -> Result<(), Failure> {
    let room = try_box([MaybeUninit::<u8>::uninit(); ENGINE]).ok_or_else(Failure::out_of_memory)?;
    // Seen by nobody, it would not be asked for.
    drop(core::hint::black_box(room));
    #[cfg(feature = "traps")]
    crate::traps::ask_again();
    Ok(())
}

/// What an engine may have of its own. Fill it with zeros first: zero is the platform's default, and later versions may have
/// more fields.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct minplat_engine_config_t {
    /// Bytes of the native stack that wasm may use in one call into a guest, 4 KiB to 1 MiB, in place of the platform's
    /// `memory.native-stack`. A guest that wants more traps with MINPLAT_TRAP_STACK_OVERFLOW. The caller's stack must have
    /// them, and besides what `docs/stack.md` says. Where modules are bytecode each store has a stack of this size on the heap,
    /// and guests that host functions call back may have as much of the native one.
    pub native_stack: usize,
}

/// Makes an engine. Owned by the caller; what was made with it keeps what it needs of it. A program may have several, and on
/// each thread where the platform offers multi-thread; what is made with one goes with no other.
/// MINPLAT_ERROR_OUT_OF_MEMORY is the only error, and MINPLAT_ERROR_UNSUPPORTED where the platform offers traps and
/// wasmtime_init_traps fails. Stack: 4 KiB. Tasks: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_engine_new(engine: *mut *mut minplat_engine_t) -> *mut minplat_error_t {
    report(|| {
        let place = place(engine)?;
        prepare()?;
        // SAFETY: the place has room for a pointer.
        unsafe { place.write(make(&minplat::config(), PLATFORM.settings.native_stack as usize)?) };
        Ok(())
    })
}

/// Makes an engine with settings of its own. As `minplat_engine_new`; MINPLAT_ERROR_ARGUMENT if a setting is out of its bounds.
/// Stack: 4 KiB. Tasks: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_engine_new_with(
    config: *const minplat_engine_config_t,
    engine: *mut *mut minplat_engine_t,
) -> *mut minplat_error_t {
    report(|| {
        // SAFETY: NULL, or a configuration.
        let (config, place) = (unsafe { required(config) }?, place(engine)?);
        let stack = match config.native_stack {
            0 => PLATFORM.settings.native_stack,
            own => own as u64,
        };
        if !NATIVE_STACK.contains(&stack) {
            return Err(Failure::new(
                code::MINPLAT_ERROR_ARGUMENT,
                "native_stack is out of its bounds: give 4 KiB to 1 MiB, or 0 for the platform's",
            ));
        }
        prepare()?;
        // SAFETY: the place has room for a pointer.
        unsafe { place.write(make(&minplat::config_with_stack(stack as usize), stack as usize)?) };
        Ok(())
    })
}

fn make(config: &Config, native_stack: usize) -> Result<*mut minplat_engine_t, Failure> {
    let _ = native_stack;
    let engine = Engine::new(config)?;
    #[cfg(feature = "traps")]
    crate::traps::are_delivered()?;
    boxed(minplat_engine_t {
        engine,
        #[cfg(feature = "pulley")]
        native_stack,
    })
}

/// Frees an engine: stores, modules and linkers made with it stay good. NULL is fine. Stack: 1 KiB. Tasks: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_engine_delete(engine: *mut minplat_engine_t) {
    // SAFETY: NULL, or it came from `minplat_engine_new`, and its owner gives it back.
    unsafe { delete(engine) }
}

/// Starts the next epoch: guests that reach their store's deadline trap. May be called from an interrupt or another thread
/// while a guest runs, on every platform: it takes neither heap nor lock. MINPLAT_ERROR_UNSUPPORTED where the platform's
/// `wasm.interruption` is not "epoch". Stack: 1 KiB. Tasks: any, at any time, interrupts too.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_engine_increment_epoch(engine: *const minplat_engine_t) -> *mut minplat_error_t {
    report_in_interrupt(|| {
        // SAFETY: NULL, or an engine of this library.
        let engine = unsafe { required(engine) }?;
        crate::store::needs_epochs()?;
        #[cfg(target_has_atomic = "64")]
        engine.engine.increment_epoch();
        let _ = engine;
        Ok(())
    })
}
