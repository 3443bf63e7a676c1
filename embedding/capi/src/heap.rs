//! The library's heap as the program sees it, and boxes that say when memory ran out.

use alloc::alloc::alloc;
use alloc::boxed::Box;
use core::alloc::Layout;
use core::ffi::c_void;

use crate::args::required;
use crate::error::{Failure, minplat_error_code_t as code, minplat_error_t, report};

/// What `minplat_init` needs. Fill it with zeros first: later versions may have more fields.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct minplat_config_t {
    /// Memory for the heap, where the platform has no virtual memory; else NULL. It must stay for as long as the library is
    /// used, and nobody else may use it.
    pub pool: *mut c_void,
    /// Bytes of the pool.
    pub pool_size: usize,
}

/// Prepares the library: call it before anything else where the platform has no virtual memory; elsewhere it is not needed.
/// More calls give it more pools.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_init(config: *const minplat_config_t) -> *mut minplat_error_t {
    report(|| {
        // SAFETY: NULL, or a configuration.
        let config = unsafe { required(config) }?;
        match (config.pool.is_null(), cfg!(all(feature = "allocator", not(feature = "virtual-memory")))) {
            (true, false) => Ok(()),
            (true, true) => Err(Failure::NULL),
            (false, false) => Err(Failure::new(
                code::MINPLAT_ERROR_UNSUPPORTED,
                "the heap takes pages from the platform: give no pool, or set offers.virtual-memory = false",
            )),
            (false, true) => {
                #[cfg(all(feature = "allocator", not(feature = "virtual-memory")))]
                // SAFETY: the program gives the pool away for good.
                if !unsafe { crate::allocator::add_pool(config.pool.cast(), config.pool_size) } {
                    return Err(Failure::TOO_SMALL);
                }
                Ok(())
            }
        }
    })
}

/// What the heap has, bytes. Linear memories are in it where the platform has neither traps nor reservations nor images;
/// code and everything else that Wasmtime maps itself is not.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct minplat_heap_stats_t {
    /// In use, as requested.
    pub used: usize,
    /// The most that was in use at once.
    pub peak: usize,
    /// Taken from the platform, or the pools' size.
    pub mapped: usize,
}

/// Tells what the heap has; zeros where the library was built without its allocator. NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_heap_stats(stats: *mut minplat_heap_stats_t) {
    #[cfg(feature = "allocator")]
    let now = crate::allocator::stats();
    #[cfg(not(feature = "allocator"))]
    let now = minplat_heap_stats_t::default();
    // SAFETY: NULL, or room for statistics.
    if let Some(stats) = unsafe { stats.as_mut() } {
        *stats = now;
    }
}

/// `Box::new`, but `None` when memory ran out.
pub(crate) fn try_box<T>(value: T) -> Option<Box<T>> {
    const { assert!(size_of::<T>() != 0) };
    // SAFETY: the layout is not empty.
    let room = unsafe { alloc(Layout::new::<T>()) }.cast::<T>();
    if room.is_null() {
        return None;
    }
    // SAFETY: there is room for a `T`, from the allocator that boxes use.
    unsafe {
        room.write(value);
        Some(Box::from_raw(room))
    }
}
