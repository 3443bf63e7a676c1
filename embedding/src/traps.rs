//! Whether the platform delivers traps.

use core::sync::atomic::AtomicBool;
use core::sync::atomic::Ordering::Relaxed;

#[expect(non_camel_case_types, reason = "called as in wasmtime-platform.h")]
type wasmtime_trap_handler_t = extern "C" fn(ip: usize, fp: usize, has_faulting_addr: bool, faulting_addr: usize);

unsafe extern "C" {
    /// See `wasmtime-platform.h`: from now on calls the handler on a fault.
    fn wasmtime_init_traps(handler: wasmtime_trap_handler_t) -> i32;
}

/// Whether the platform has said that it does. Read and written one thread at a time.
static ARE_TAKEN: AtomicBool = AtomicBool::new(false);

/// So that no thread sets its handler behind another one's first engine.
#[cfg(feature = "multi-thread")]
static LOCK: crate::Lock = crate::Lock::free();

/// Takes no fault for its own.
extern "C" fn nothing(_ip: usize, _fp: usize, _has_faulting_addr: bool, _faulting_addr: usize) {}

/// Finds out whether the platform delivers traps. Call it before each `Engine::new`: Wasmtime does not look at what
/// `wasmtime_init_traps` answers, and then the first trap would be a crash. Once the platform has said yes this does nothing.
///
/// # Errors
/// The platform's code. Make no engine then: Wasmtime sets its handler once in a program, with the first.
///
/// # Safety
/// No engine was made in this program before the first call that succeeds: this takes the place of Wasmtime's handler, and it
/// would not come back.
pub unsafe fn take_traps() -> Result<(), i32> {
    #[cfg(feature = "multi-thread")]
    let _held = LOCK.take();
    if ARE_TAKEN.load(Relaxed) {
        return Ok(());
    }
    // SAFETY: the handler does nothing, and by the caller's contract it is in nobody's place.
    match unsafe { wasmtime_init_traps(nothing) } {
        0 => {
            ARE_TAKEN.store(true, Relaxed);
            Ok(())
        }
        code => Err(code),
    }
}
