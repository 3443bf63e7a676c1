//! What faults come to that are not the machine's own.

use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// What `wasmtime_init_traps` is given.
pub type Handler = extern "C" fn(ip: usize, fp: usize, has_faulting_addr: bool, faulting_addr: usize);

/// The handler, 0 before there is one.
static HANDLER: AtomicUsize = AtomicUsize::new(0);

/// Keeps the handler.
pub fn keep(handler: Handler) {
    HANDLER.store(handler as usize, Relaxed);
}

/// Gives a fault to the library's handler, on the stack and with the masks of what faulted. It comes back where the fault is none of a
/// guest's, or nobody asked for faults.
pub fn handle(ip: usize, fp: usize, has_address: bool, address: usize) {
    let handler = HANDLER.load(Relaxed);
    if handler != 0 {
        // SAFETY: `keep` stored a handler.
        let handler = unsafe { core::mem::transmute::<usize, Handler>(handler) };
        handler(ip, fp, has_address, address);
    }
}

/// Defines `wasmtime_init_traps`, as `wasmtime-platform.h` has it: the machine has traps before anybody asks.
#[macro_export]
macro_rules! export_traps {
    () => {
        const _: () = {
            #[unsafe(no_mangle)]
            extern "C" fn wasmtime_init_traps(handler: $crate::traps::Handler) -> i32 {
                $crate::traps::keep(handler);
                0
            }
        };
    };
}
