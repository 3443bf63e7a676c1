//! Where the heap's memory comes from: the platform's pages, pools of the program's, or the program's own functions.

use core::alloc::Layout;
use core::ffi::c_void;
use core::ptr;

/// From so many bytes on an allocation has pages to itself, which go back when it ends. Fewer would be lost to rounding. Machines that
/// deliver traps have pages to spare: there it is more, since each fresh page costs a fault.
pub(crate) const LARGE: usize = if cfg!(feature = "traps") { 128 << 10 } else { 16 << 10 };

/// The program's functions; see `minplat_config_t`.
#[derive(Clone, Copy)]
pub(crate) struct Program {
    pub(crate) alloc: unsafe extern "C" fn(env: *mut c_void, size: usize, align: usize) -> *mut c_void,
    pub(crate) realloc: Option<
        unsafe extern "C" fn(
            env: *mut c_void,
            ptr: *mut c_void,
            old_size: usize,
            align: usize,
            new_size: usize,
        ) -> *mut c_void,
    >,
    pub(crate) free: unsafe extern "C" fn(env: *mut c_void, ptr: *mut c_void, size: usize, align: usize),
    pub(crate) env: *mut c_void,
}

/// Where what is small lies: chunks of the platform's pages, which stay, since what is in them is small; or the pools.
#[derive(Debug)]
pub(crate) struct Segments {
    /// Bytes of all segments, or of all pools.
    pub(crate) mapped: usize,
    /// Whether the heap lives in pools, and takes no pages.
    pub(crate) is_pooled: bool,
}

impl Segments {
    pub(crate) const NONE: Self = Self { mapped: 0, is_pooled: cfg!(not(feature = "virtual-memory")) };
}

impl Segments {
    /// Fresh pages for an allocation of this layout, with room for what an allocator keeps for itself; `None` if the platform has
    /// no more, or the heap lives in pools. Whoever takes them adds them to what is mapped.
    pub(crate) fn more(&self, layout: Layout) -> Option<(*mut u8, usize)> {
        if self.is_pooled {
            return None;
        }
        let needed = layout.size().checked_add(layout.align())?.checked_add(pages::OVERHEAD)?;
        let size = pages::whole(pages::segment(needed))?;
        let segment = pages::map(size);
        (!segment.is_null()).then_some((segment, size))
    }
}

/// Allocations that have pages to themselves.
pub(crate) struct Whole {
    mapped: usize,
}

impl Whole {
    pub(crate) const NONE: Self = Self { mapped: 0 };

    /// Whether an allocation of this layout has pages to itself, where the heap is on the platform's pages.
    pub(crate) fn takes(layout: Layout) -> bool {
        cfg!(feature = "virtual-memory") && layout.size() >= LARGE && layout.align() <= minplat::page_size()
    }

    /// Pages for a layout that it takes; NULL if there are none.
    pub(crate) fn allocate(&mut self, layout: Layout) -> *mut u8 {
        let Some(size) = pages::whole(layout.size()) else { return ptr::null_mut() };
        let new = pages::map(size);
        if !new.is_null() {
            self.mapped += size;
        }
        new
    }

    /// Gives pages back.
    ///
    /// # Safety
    /// `ptr` came from `allocate` with this layout or was changed to it by `fits`.
    pub(crate) unsafe fn deallocate(&mut self, ptr: *mut u8, layout: Layout) {
        let size = pages::whole(layout.size()).unwrap_or(0);
        // SAFETY: the range is as it was mapped, by the caller's contract. A platform that keeps it has it for good.
        if unsafe { pages::unmap(ptr, size) } {
            self.mapped -= size;
        }
    }

    /// Whether pages can hold the new size as they are.
    pub(crate) fn fits(layout: Layout, size: usize) -> bool {
        pages::whole(layout.size()) == pages::whole(size)
    }

    /// Bytes of all of them.
    pub(crate) fn mapped(&self) -> usize {
        self.mapped
    }
}

#[cfg(feature = "virtual-memory")]
mod pages {
    use core::ptr;

    unsafe extern "C" {
        /// See `wasmtime-platform.h`: the POSIX `mmap` of fresh zeros.
        fn wasmtime_mmap_new(size: usize, prot_flags: u32, ret: *mut *mut u8) -> i32;
        /// See `wasmtime-platform.h`: the POSIX `munmap` of exactly such a range.
        fn wasmtime_munmap(ptr: *mut u8, size: usize) -> i32;
    }
    /// `WASMTIME_PROT_READ | WASMTIME_PROT_WRITE`.
    const READ_WRITE: u32 = 1 | 2;

    /// Bytes that the allocator is given at once: with its own tables they hold a small guest's heap.
    const SEGMENT: usize = 16 << 10;
    /// More than what an allocator keeps for itself in a segment.
    pub(super) const OVERHEAD: usize = 2 << 10;

    /// The segment for an allocation of so many bytes.
    pub(super) fn segment(needed: usize) -> usize {
        needed.max(SEGMENT)
    }

    /// NULL if the platform has no more.
    pub(super) fn map(size: usize) -> *mut u8 {
        let mut fresh = ptr::null_mut();
        // SAFETY: `fresh` has room for a pointer.
        let code = unsafe { wasmtime_mmap_new(size, READ_WRITE, &raw mut fresh) };
        if code == 0 { fresh } else { ptr::null_mut() }
    }

    /// Whether the platform took it back.
    ///
    /// # Safety
    /// The range is as `map` gave it, and nobody uses it any more.
    pub(super) unsafe fn unmap(ptr: *mut u8, size: usize) -> bool {
        // SAFETY: the caller's contract is the function's own.
        unsafe { wasmtime_munmap(ptr, size) == 0 }
    }

    /// Whole pages that hold so many bytes; `None` for more than an address space has.
    pub(super) fn whole(size: usize) -> Option<usize> {
        size.checked_next_multiple_of(minplat::page_size())
    }
}

/// There are none.
#[cfg(not(feature = "virtual-memory"))]
mod pages {
    pub(super) const OVERHEAD: usize = 0;

    pub(super) fn segment(needed: usize) -> usize {
        needed
    }

    pub(super) fn map(_size: usize) -> *mut u8 {
        core::ptr::null_mut()
    }

    /// # Safety
    /// None is needed.
    pub(super) unsafe fn unmap(_ptr: *mut u8, _size: usize) -> bool {
        false
    }

    pub(super) fn whole(size: usize) -> Option<usize> {
        Some(size)
    }
}
