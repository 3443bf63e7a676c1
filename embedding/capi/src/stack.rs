//! How deep a task's stack was used: painted before, looked at later.

use core::ffi::c_void;
use core::ptr;

/// What unused stack is filled with.
const PAINT: u32 = 0x5ca1_ab1e;
/// Bytes below this function's own frame that are left alone: what it calls, and the red zone.
const SPARED: usize = 512;

/// Fills the unused part of the current stack with a pattern: from `lowest`, the lowest address that the task may use, aligned
/// to 4 bytes, up to shortly below the caller's frame. An interrupt that runs on this stack does no harm. NULL, and a stack
/// that has less than 512 bytes left, are left alone. Takes no memory. Stack: 1 KiB. Tasks: any, at any time.
#[unsafe(no_mangle)]
#[inline(never)]
pub unsafe extern "C" fn minplat_stack_paint(lowest: *mut c_void) {
    let here = 0_u32;
    let end = (&raw const here).addr().saturating_sub(SPARED);
    let mut at = lowest.cast::<u32>();
    if lowest.is_null() {
        return;
    }
    while at.addr() < end {
        // SAFETY: the caller vouches for the stack from `lowest` on, and it is not in use yet so far below this frame.
        unsafe {
            at.write_volatile(PAINT);
            at = at.add(1);
        }
    }
}

/// How many bytes from `lowest` on were never used since `minplat_stack_paint` was called with the same address: the size of the
/// stack less this is the peak, of wasm and of everything else on it. May be called on any stack. 0 for NULL. Stack: 1 KiB.
/// Tasks: any, at any time.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_stack_unused(lowest: *const c_void) -> usize {
    let mut at = lowest.cast::<u32>();
    if lowest.is_null() {
        return 0;
    }
    // SAFETY: painted stack, as the caller vouches; what is above it is in use, so it is not all paint.
    unsafe {
        while ptr::read_volatile(at) == PAINT {
            at = at.add(1);
        }
    }
    at.addr() - lowest.addr()
}
