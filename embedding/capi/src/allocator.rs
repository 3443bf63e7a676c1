//! The global allocator: talc for what is small, and where there is virtual memory whole pages for what is large.
//!
//! Talc is smaller than dlmalloc and rlsf were, and with large allocations apart it gives nearly everything back. What a
//! guest takes of the heap is in `minplat-host run --stats FILE.cwasm`.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::ptr;

use talc::DefaultBinning;
use talc::base::Talc;

use crate::heap::minplat_heap_stats_t;
use crate::segments::{Segments, Whole};

pub(crate) struct Inner {
    pub(crate) talc: Talc<Segments, DefaultBinning>,
    whole: Whole,
    used: usize,
    peak: usize,
}

// SAFETY: what it points to is its own, and it is used under the heap's lock alone.
unsafe impl Send for Inner {}

struct Heap {
    inner: UnsafeCell<Inner>,
    #[cfg(feature = "multi-thread")]
    lock: UnsafeCell<usize>,
}

// SAFETY: `with` lets one caller in at a time.
unsafe impl Sync for Heap {}

#[global_allocator]
static HEAP: Heap = Heap {
    inner: UnsafeCell::new(Inner { talc: Talc::new(Segments::NONE), whole: Whole::NONE, used: 0, peak: 0 }),
    #[cfg(feature = "multi-thread")]
    lock: UnsafeCell::new(0),
};

#[cfg(feature = "multi-thread")]
mod sync {
    unsafe extern "C" {
        /// See `wasmtime-platform.h`: waits for an exclusive lock; zero is a lock that nobody has.
        pub(super) fn wasmtime_sync_lock_acquire(lock: *mut usize);
        /// See `wasmtime-platform.h`: gives it back.
        pub(super) fn wasmtime_sync_lock_release(lock: *mut usize);
    }
}

impl Heap {
    fn with<T>(&self, work: impl FnOnce(&mut Inner) -> T) -> T {
        #[cfg(feature = "multi-thread")]
        // SAFETY: the lock is a static, zero at first.
        unsafe {
            sync::wasmtime_sync_lock_acquire(self.lock.get());
        }
        // SAFETY: the lock is held; without one, calls into the library come one at a time, and the heap's own work calls
        // nothing that comes back here.
        let done = work(unsafe { &mut *self.inner.get() });
        #[cfg(feature = "multi-thread")]
        // SAFETY: it is held.
        unsafe {
            sync::wasmtime_sync_lock_release(self.lock.get());
        }
        done
    }
}

impl Inner {
    fn count(&mut self, old: usize, new: usize) {
        self.used = self.used - old + new;
        self.peak = self.peak.max(self.used);
    }

    /// # Safety
    /// The layout is not empty.
    unsafe fn allocate(&mut self, layout: Layout) -> *mut u8 {
        let new = match self.whole.allocate(layout) {
            Some(pages) => pages,
            // SAFETY: the caller's contract is the function's own.
            None => unsafe { self.talc.allocate(layout) }.map_or(ptr::null_mut(), |new| new.as_ptr()),
        };
        if !new.is_null() {
            self.count(0, layout.size());
        }
        new
    }

    /// # Safety
    /// `ptr` came from `allocate` with this layout.
    unsafe fn deallocate(&mut self, ptr: *mut u8, layout: Layout) {
        self.count(layout.size(), 0);
        // SAFETY: the caller's contract is the functions' own.
        unsafe {
            if !self.whole.deallocate(ptr, layout) {
                self.talc.deallocate(ptr, layout);
            }
        }
    }

    /// Whether the allocation could change its size where it is.
    ///
    /// # Safety
    /// `ptr` came from `allocate` with this layout; the new size is not 0.
    unsafe fn resize(&mut self, ptr: *mut u8, layout: Layout, size: usize) -> bool {
        let fits = match self.whole.resize(layout, size) {
            Some(fits) => fits,
            // SAFETY: the caller's contract is the function's own.
            None => unsafe { self.talc.try_realloc_in_place(ptr, layout, size) },
        };
        if fits {
            self.count(layout.size(), size);
        }
        fits
    }
}

// SAFETY: talc keeps the contract for what is small, `Whole` for what is large; which is which depends on the layout alone.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's contract is the function's own.
        self.with(|inner| unsafe { inner.allocate(layout) })
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's contract is the function's own.
        let new = unsafe { self.alloc(layout) };
        if !new.is_null() && !Whole::takes(layout) {
            // SAFETY: it has this size. Whole pages are zeros already.
            unsafe { new.write_bytes(0, layout.size()) };
        }
        new
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        // SAFETY: the caller's contract is the function's own.
        self.with(|inner| unsafe { inner.deallocate(ptr, layout) });
    }

    unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's contract is the function's own.
        if self.with(|inner| unsafe { inner.resize(ptr, layout, size) }) {
            return ptr;
        }
        // SAFETY: the caller sees to it that the size is not too large for the alignment.
        let new_layout = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        // SAFETY: the size is not 0; both have as many bytes as are copied, and the old one is done with afterwards.
        unsafe {
            let new = self.alloc(new_layout);
            if !new.is_null() {
                ptr::copy_nonoverlapping(ptr, new, layout.size().min(size));
                self.dealloc(ptr, layout);
            }
            new
        }
    }
}

/// Gives the heap a pool. False: it is too small.
///
/// # Safety
/// Nobody else uses these bytes any more.
#[cfg(not(feature = "virtual-memory"))]
pub(crate) unsafe fn add_pool(pool: *mut u8, size: usize) -> bool {
    HEAP.with(|inner| {
        // SAFETY: the caller's contract is the function's own.
        let claimed = unsafe { inner.talc.claim(pool, size) }.is_some();
        if claimed {
            inner.talc.source.mapped += size;
        }
        claimed
    })
}

pub(crate) fn stats() -> minplat_heap_stats_t {
    HEAP.with(|inner| minplat_heap_stats_t {
        used: inner.used,
        peak: inner.peak,
        mapped: inner.talc.source.mapped + inner.whole.mapped(),
    })
}
