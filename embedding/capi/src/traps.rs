//! What the platform answers when Wasmtime gives it its trap handler: Wasmtime itself does not look.
//!
//! Builds of the library are linked with `--wrap=wasmtime_init_traps`, so Wasmtime's call comes here.

use core::mem::transmute;
use core::ptr::null_mut;
use core::sync::atomic::AtomicPtr;
use core::sync::atomic::Ordering::{Acquire, Release};

use crate::error::{Failure, Fixed, minplat_error_code_t as code};

/// `wasmtime_trap_handler_t` of `wasmtime-platform.h`.
type Handler = extern "C" fn(ip: usize, fp: usize, has_faulting_addr: bool, faulting_addr: usize);

unsafe extern "C" {
    /// The platform's `wasmtime_init_traps`.
    fn __real_wasmtime_init_traps(handler: Handler) -> i32;
}

static NO_TRAPS: Fixed = Fixed::new(
    code::MINPLAT_ERROR_UNSUPPORTED,
    "wasmtime_init_traps failed: the platform delivers no traps; see to it that it can, or build for one without offers.traps",
);

/// The handler that the platform has refused; NULL if it has taken the last one.
static REFUSED: AtomicPtr<()> = AtomicPtr::new(null_mut());

/// One thread at a time asks again.
#[cfg(feature = "multi-thread")]
static LOCK: minplat::Lock = minplat::Lock::free();

/// In place of `wasmtime_init_traps`: asks the platform, and keeps what it has refused.
#[unsafe(no_mangle)]
extern "C" fn __wrap_wasmtime_init_traps(handler: Handler) -> i32 {
    // SAFETY: it is asked as Wasmtime asks.
    let answer = unsafe { __real_wasmtime_init_traps(handler) };
    REFUSED.store(if answer == 0 { null_mut() } else { handler as *mut () }, Release);
    answer
}

/// Before an engine: Wasmtime gives its handler once in a program, so what was refused then is given again.
pub(crate) fn ask_again() {
    #[cfg(feature = "multi-thread")]
    let _held = LOCK.take();
    let refused = REFUSED.load(Acquire);
    if !refused.is_null() {
        // SAFETY: only handlers are kept.
        __wrap_wasmtime_init_traps(unsafe { transmute::<*mut (), Handler>(refused) });
    }
}

/// Behind an engine: whether the platform has taken the handler.
///
/// # Errors
/// It has not: the first trap would be a crash.
pub(crate) fn are_delivered() -> Result<(), Failure> {
    if REFUSED.load(Acquire).is_null() { Ok(()) } else { Err(Failure::fixed(&NO_TRAPS)) }
}
