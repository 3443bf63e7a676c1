//! Trap handlers of the libraries in this process.
//!
//! A machine has one library and one handler. Here a second library may be opened, so Linux calls [`dispatch`], which asks
//! each library in turn: a handler returns if the fault is not its own.

use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering::AcqRel, Ordering::Acquire, Ordering::Relaxed};

use super::linux::{self, TrapHandler};

/// Handlers that one process can hold: each library with traps has one that takes nothing, and Wasmtime's.
const HANDLERS: usize = 32;

static REGISTERED: [AtomicPtr<()>; HANDLERS] = [const { AtomicPtr::new(std::ptr::null_mut()) }; HANDLERS];
static DELIVERED: AtomicU64 = AtomicU64::new(0);

/// How many faults were offered to the libraries.
pub(super) fn delivered() -> u64 {
    DELIVERED.load(Relaxed)
}

/// Adds a handler, and installs the signal handlers the first time. Twice the same is once.
pub(super) fn init(handler: TrapHandler) -> i32 {
    let new = handler as *mut ();
    let taken = REGISTERED.iter().any(|slot| {
        slot.load(Acquire) == new
            || match slot.compare_exchange(std::ptr::null_mut(), new, AcqRel, Acquire) {
                Ok(_) => true,
                Err(present) => present == new,
            }
    });
    if !taken {
        return libc::ENOSPC;
    }
    // SAFETY: `dispatch` lives as long as the process and touches nothing but atomics and the libraries' handlers.
    unsafe { linux::init_traps(dispatch) }
}

extern "C" fn dispatch(ip: usize, fp: usize, has_faulting_addr: bool, faulting_addr: usize) {
    DELIVERED.fetch_add(1, Relaxed);
    for slot in &REGISTERED {
        let handler = slot.load(Acquire);
        if handler.is_null() {
            return;
        }
        // SAFETY: only `init` fills a slot, with a `TrapHandler`, and libraries are never closed.
        let handler: TrapHandler = unsafe { std::mem::transmute(handler) };
        // Leaves by a jump if the fault is this library's; there is nothing in this frame to clean up.
        handler(ip, fp, has_faulting_addr, faulting_addr);
    }
}
