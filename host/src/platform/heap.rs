//! The library's heap on this process's own, so that one allocation can fail on demand and all of them are counted.
//!
//! As `minplat_config_t` wants it: `alloc` and `free`. There is no `realloc`, so what grows is allocated anew, and can fail.

use std::alloc::{Layout, alloc as take, dealloc as give};
use std::ffi::c_void;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use super::fault::{self, Failing};

static IS_LENT: AtomicBool = AtomicBool::new(false);
static COUNT: AtomicU64 = AtomicU64::new(0);
static LIVE: AtomicU64 = AtomicU64::new(0);

/// Lends this process's heap to the libraries that are opened from now on. The memory limit does not hold for it, and it is
/// not in the statistics of what is mapped.
pub fn lend() {
    IS_LENT.store(true, Relaxed);
}

/// Whether it is lent.
pub(crate) fn is_lent() -> bool {
    IS_LENT.load(Relaxed)
}

/// How many allocations libraries have asked for.
pub fn count() -> u64 {
    COUNT.load(Relaxed)
}

/// How many they have.
pub fn live() -> u64 {
    LIVE.load(Relaxed)
}

/// `minplat_alloc_t`.
pub(crate) unsafe extern "C" fn alloc(_env: *mut c_void, size: usize, align: usize) -> *mut c_void {
    let nth = COUNT.fetch_add(1, Relaxed) + 1;
    if fault::strikes(Failing::Heap, nth) {
        return ptr::null_mut();
    }
    let Ok(layout) = Layout::from_size_align(size, align) else { return ptr::null_mut() };
    // SAFETY: the library never asks for nothing.
    let new = unsafe { take(layout) };
    LIVE.fetch_add(u64::from(!new.is_null()), Relaxed);
    new.cast()
}

/// `minplat_free_t`.
///
/// # Safety
/// `ptr` came from [`alloc`] with this size and alignment.
pub(crate) unsafe extern "C" fn free(_env: *mut c_void, ptr: *mut c_void, size: usize, align: usize) {
    LIVE.fetch_sub(1, Relaxed);
    // SAFETY: the caller's; it was a layout when it was allocated.
    unsafe { give(ptr.cast(), Layout::from_size_align_unchecked(size, align)) };
}
