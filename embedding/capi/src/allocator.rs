//! The global allocator: dlmalloc on the platform's pages, or in pools.
#![cfg(feature = "allocator")]

use core::alloc::{GlobalAlloc, Layout};
use core::cell::{Cell, UnsafeCell};
use core::ptr;

use dlmalloc::{Allocator, Dlmalloc};

use crate::heap::minplat_heap_stats_t;

/// Where dlmalloc gets pages from.
struct Source {
    mapped: Cell<usize>,
    #[cfg(feature = "virtual-memory")]
    segment: Cell<u32>,
    /// A pool that dlmalloc has not taken yet.
    #[cfg(not(feature = "virtual-memory"))]
    pool: Cell<(*mut u8, usize)>,
}

// SAFETY: it is used under the heap's lock alone.
unsafe impl Send for Source {}

#[cfg(feature = "virtual-memory")]
mod pages {
    unsafe extern "C" {
        /// See `wasmtime-platform.h`: the POSIX `mmap` of fresh zeros.
        pub(super) fn wasmtime_mmap_new(size: usize, prot_flags: u32, ret: *mut *mut u8) -> i32;
        /// See `wasmtime-platform.h`: the POSIX `munmap`.
        pub(super) fn wasmtime_munmap(ptr: *mut u8, size: usize) -> i32;
    }
    /// `WASMTIME_PROT_READ | WASMTIME_PROT_WRITE`.
    pub(super) const READ_WRITE: u32 = 1 | 2;
}

// SAFETY: what it gives out is fresh, and stays until it is given back.
unsafe impl Allocator for Source {
    #[cfg(feature = "virtual-memory")]
    fn alloc(&self, size: usize) -> (*mut u8, usize, u32) {
        let mut fresh = ptr::null_mut();
        // SAFETY: `fresh` has room for a pointer.
        if unsafe { pages::wasmtime_mmap_new(size, pages::READ_WRITE, &raw mut fresh) } != 0 {
            return (ptr::null_mut(), 0, 0);
        }
        self.mapped.set(self.mapped.get() + size);
        // Every segment has a number of its own, above the bit that has a meaning. So dlmalloc never takes two neighbours for
        // one, and gives back exactly what was mapped: a platform need not be able to unmap anything else.
        self.segment.set(self.segment.get().wrapping_add(2));
        (fresh, size, self.segment.get())
    }

    #[cfg(not(feature = "virtual-memory"))]
    fn alloc(&self, _size: usize) -> (*mut u8, usize, u32) {
        // All of it, whatever the size: dlmalloc looks itself whether it is enough.
        let (pool, size) = self.pool.replace((ptr::null_mut(), 0));
        self.mapped.set(self.mapped.get() + size);
        (pool, size, 0)
    }

    fn remap(&self, _ptr: *mut u8, _old: usize, _new: usize, _can_move: bool) -> *mut u8 {
        ptr::null_mut()
    }

    fn free_part(&self, _ptr: *mut u8, _old: usize, _new: usize) -> bool {
        false
    }

    #[cfg(feature = "virtual-memory")]
    fn free(&self, ptr: *mut u8, size: usize) -> bool {
        // SAFETY: `alloc` gave it out, and dlmalloc has nothing in it any more.
        let freed = unsafe { pages::wasmtime_munmap(ptr, size) } == 0;
        if freed {
            self.mapped.set(self.mapped.get() - size);
        }
        freed
    }

    #[cfg(not(feature = "virtual-memory"))]
    fn free(&self, _ptr: *mut u8, _size: usize) -> bool {
        false
    }

    fn can_release_part(&self, _flags: u32) -> bool {
        false
    }

    fn allocates_zeros(&self) -> bool {
        cfg!(feature = "virtual-memory")
    }

    fn page_size(&self) -> usize {
        minplat::page_size().max(4096)
    }
}

struct Inner {
    dlmalloc: Dlmalloc<Source>,
    used: usize,
    peak: usize,
}

struct Heap {
    inner: UnsafeCell<Inner>,
    #[cfg(feature = "multi-thread")]
    lock: UnsafeCell<usize>,
}

// SAFETY: `with` lets one caller in at a time.
unsafe impl Sync for Heap {}

#[global_allocator]
static HEAP: Heap = Heap {
    inner: UnsafeCell::new(Inner {
        dlmalloc: Dlmalloc::new_with_allocator(Source {
            mapped: Cell::new(0),
            #[cfg(feature = "virtual-memory")]
            segment: Cell::new(0),
            #[cfg(not(feature = "virtual-memory"))]
            pool: Cell::new((ptr::null_mut(), 0)),
        }),
        used: 0,
        peak: 0,
    }),
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
}

// SAFETY: dlmalloc keeps the contract.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.with(|inner| {
            // SAFETY: the layout is not empty.
            let new = unsafe { inner.dlmalloc.malloc(layout.size(), layout.align()) };
            if !new.is_null() {
                inner.count(0, layout.size());
            }
            new
        })
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        self.with(|inner| {
            // SAFETY: the layout is not empty.
            let new = unsafe { inner.dlmalloc.calloc(layout.size(), layout.align()) };
            if !new.is_null() {
                inner.count(0, layout.size());
            }
            new
        })
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        self.with(|inner| {
            // SAFETY: it came from here with this layout.
            unsafe { inner.dlmalloc.free(ptr, layout.size(), layout.align()) };
            inner.count(layout.size(), 0);
        });
    }

    unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        self.with(|inner| {
            // SAFETY: it came from here with this layout, and the new size is not 0.
            let new = unsafe { inner.dlmalloc.realloc(ptr, layout.size(), layout.align(), size) };
            if !new.is_null() {
                inner.count(layout.size(), size);
            }
            new
        })
    }
}

/// Gives the heap a pool.
///
/// # Safety
/// Nobody else uses these bytes any more.
#[cfg(not(feature = "virtual-memory"))]
pub(crate) unsafe fn add_pool(pool: *mut u8, size: usize) {
    HEAP.with(|inner| inner.dlmalloc.allocator().pool.set((pool, size)));
}

pub(crate) fn stats() -> minplat_heap_stats_t {
    HEAP.with(|inner| minplat_heap_stats_t {
        used: inner.used,
        peak: inner.peak,
        mapped: inner.dlmalloc.allocator().mapped.get(),
    })
}
