//! Wasmtime's thread-local pointer, where there is one thread.
#![cfg(all(feature = "tls", not(feature = "multi-thread")))]

use core::cell::Cell;
use core::ptr;

struct Slot(Cell<*mut u8>);

// SAFETY: the platform does not offer multi-thread, so calls into the library come one at a time.
unsafe impl Sync for Slot {}

/// Slot 0. Wasmtime uses slot 1 for async components alone, which this library has not, and `purpose.rs` uses it with
/// multi-thread alone.
static SLOT: Slot = Slot(Cell::new(ptr::null_mut()));

/// Wasmtime's own declaration of it is the contract.
#[unsafe(no_mangle)]
extern "C" fn wasmtime_tls_get(_slot: usize) -> *mut u8 {
    SLOT.0.get()
}

/// Wasmtime's own declaration of it is the contract.
#[unsafe(no_mangle)]
extern "C" fn wasmtime_tls_set(_slot: usize, pointer: *mut u8) {
    SLOT.0.set(pointer);
}
