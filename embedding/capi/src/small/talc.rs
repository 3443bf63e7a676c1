//! Talc: the smallest code of those tried, and with large allocations apart it gives nearly everything back.

use core::alloc::Layout;
use core::ptr;

use talc::DefaultBinning;
use talc::base::Talc;
use talc::base::binning::Binning;
use talc::source::Source;

use crate::sources::Segments;

pub(crate) struct Small(Talc<Segments, DefaultBinning>);

// SAFETY: it calls nothing that allocates.
unsafe impl Source for Segments {
    fn acquire<B: Binning>(talc: &mut Talc<Self, B>, layout: Layout) -> Result<(), ()> {
        let (segment, size) = talc.source.more(layout).ok_or(())?;
        // SAFETY: the pages are fresh, and nobody else has them.
        unsafe { talc.claim(segment, size) }.ok_or(())?;
        talc.source.mapped += size;
        Ok(())
    }
}

impl Small {
    pub(crate) const EMPTY: Self = Self(Talc::new(Segments::NONE));

    /// What it lies in.
    pub(crate) fn segments(&self) -> &Segments {
        &self.0.source
    }

    /// The same, to be changed.
    pub(crate) fn segments_mut(&mut self) -> &mut Segments {
        &mut self.0.source
    }

    /// Takes a range; false if it is too small for anything. What is mapped is counted by the caller.
    ///
    /// # Safety
    /// Nobody else uses these bytes any more.
    pub(crate) unsafe fn claim(&mut self, base: *mut u8, size: usize) -> bool {
        // SAFETY: the caller's contract is the function's own.
        unsafe { self.0.claim(base, size) }.is_some()
    }

    /// Memory, or NULL.
    ///
    /// # Safety
    /// The layout is not empty.
    pub(crate) unsafe fn allocate(&mut self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's contract is the function's own.
        unsafe { self.0.allocate(layout) }.map_or(ptr::null_mut(), |new| new.as_ptr())
    }

    /// # Safety
    /// `ptr` came from `allocate` with this layout, or was changed to it by `resize`.
    pub(crate) unsafe fn deallocate(&mut self, ptr: *mut u8, layout: Layout) {
        // SAFETY: the caller's contract is the function's own.
        unsafe { self.0.deallocate(ptr, layout) };
    }

    /// The allocation with its new size, or NULL if it cannot be where it is.
    ///
    /// # Safety
    /// As for [`Self::deallocate`]; the size is not 0.
    pub(crate) unsafe fn resize(&mut self, ptr: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's contract is the function's own.
        if unsafe { self.0.try_realloc_in_place(ptr, layout, size) } { ptr } else { ptr::null_mut() }
    }
}
