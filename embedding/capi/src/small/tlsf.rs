//! Two-level segregated fit, by the crate rlsf: whatever the heap has been through, an allocation takes the same small number of
//! steps, for devices that promise a time.

use core::alloc::Layout;
use core::ptr::{self, NonNull};

use rlsf::Tlsf;

use crate::sources::Segments;

/// Blocks of up to 16 Mi granules (512 MiB on 64-bit machines, 256 MiB on 32-bit ones), each doubling in 8 steps.
type Heap = Tlsf<'static, u32, u8, 24, 8>;

pub(crate) struct Small {
    heap: Heap,
    segments: Segments,
}

/// A block that is found for this layout: the search goes by steps of an eighth, and begins with the next one.
fn searched(layout: Layout) -> Layout {
    Layout::from_size_align(layout.size() + layout.size() / 4, layout.align()).unwrap_or(layout)
}

impl Small {
    pub(crate) const EMPTY: Self = Self { heap: Heap::new(), segments: Segments::NONE };

    /// What it lies in.
    pub(crate) fn segments(&self) -> &Segments {
        &self.segments
    }

    /// The same, to be changed.
    pub(crate) fn segments_mut(&mut self) -> &mut Segments {
        &mut self.segments
    }

    /// Takes a range; false if it is too small for anything. What is mapped is counted by the caller.
    ///
    /// # Safety
    /// Nobody else uses these bytes any more.
    pub(crate) unsafe fn claim(&mut self, base: *mut u8, size: usize) -> bool {
        let Some(block) = NonNull::new(ptr::slice_from_raw_parts_mut(base, size)) else { return false };
        // SAFETY: the caller's contract is the function's own.
        unsafe { self.heap.insert_free_block_ptr(block) }.is_some()
    }

    /// Memory, or NULL.
    ///
    /// # Safety
    /// None is needed; it is as for the other allocator.
    pub(crate) unsafe fn allocate(&mut self, layout: Layout) -> *mut u8 {
        let mut new = self.heap.allocate(layout);
        if new.is_none()
            && let Some((segment, size)) = self.segments.more(searched(layout))
        {
            self.segments.mapped += size;
            // SAFETY: the pages are fresh, and nobody else has them.
            if unsafe { self.claim(segment, size) } {
                new = self.heap.allocate(layout);
            }
        }
        new.map_or(ptr::null_mut(), NonNull::as_ptr)
    }

    /// # Safety
    /// `ptr` came from `allocate` with this layout, or from `resize`.
    pub(crate) unsafe fn deallocate(&mut self, ptr: *mut u8, layout: Layout) {
        // SAFETY: it came from `allocate`, so it is not NULL and of this heap.
        unsafe { self.heap.deallocate(NonNull::new_unchecked(ptr), layout.align()) };
    }

    /// The allocation with its new size, where it was or elsewhere; NULL if there is no room for it.
    ///
    /// # Safety
    /// As for [`Self::deallocate`]; the size is not 0.
    pub(crate) unsafe fn resize(&mut self, ptr: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the alignment is one already, and the size is a kept layout's or one byte more, below `LARGE`, or a linear memory's.
        let layout = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        // SAFETY: it came from `allocate`, so it is not NULL and of this heap, with this alignment.
        unsafe { self.heap.reallocate(NonNull::new_unchecked(ptr), layout) }.map_or(ptr::null_mut(), NonNull::as_ptr)
    }
}
