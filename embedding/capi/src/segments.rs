//! Where the heap's memory comes from: segments for talc, and whole pages for what is large.

#[cfg(feature = "virtual-memory")]
pub(crate) use with_pages::{Segments, Whole};
#[cfg(not(feature = "virtual-memory"))]
pub(crate) use without_pages::{Segments, Whole};

#[cfg(feature = "virtual-memory")]
mod with_pages {
    use core::alloc::Layout;
    use core::ptr;

    use talc::base::Talc;
    use talc::base::binning::Binning;
    use talc::source::Source;

    unsafe extern "C" {
        /// See `wasmtime-platform.h`: the POSIX `mmap` of fresh zeros.
        fn wasmtime_mmap_new(size: usize, prot_flags: u32, ret: *mut *mut u8) -> i32;
        /// See `wasmtime-platform.h`: the POSIX `munmap` of exactly such a range.
        fn wasmtime_munmap(ptr: *mut u8, size: usize) -> i32;
    }
    /// `WASMTIME_PROT_READ | WASMTIME_PROT_WRITE`.
    const READ_WRITE: u32 = 1 | 2;

    /// Bytes that talc is given at once: with its own tables they hold a small guest's heap.
    const SEGMENT: usize = 16 << 10;
    /// From so many bytes on an allocation has pages to itself, which go back when it ends. Fewer would be lost to rounding.
    const LARGE: usize = 16 << 10;
    /// More than what talc keeps for itself in a segment.
    const OVERHEAD: usize = 2 << 10;

    /// NULL if the platform has no more.
    fn map(size: usize) -> *mut u8 {
        let mut fresh = ptr::null_mut();
        // SAFETY: `fresh` has room for a pointer.
        let code = unsafe { wasmtime_mmap_new(size, READ_WRITE, &raw mut fresh) };
        if code == 0 { fresh } else { ptr::null_mut() }
    }

    /// Whole pages that hold so many bytes; `None` for more than an address space has.
    fn pages(size: usize) -> Option<usize> {
        size.checked_next_multiple_of(minplat::page_size())
    }

    /// Talc's segments. They stay: what is in them is small.
    #[derive(Debug)]
    pub(crate) struct Segments {
        /// Bytes of all segments.
        pub(crate) mapped: usize,
    }

    impl Segments {
        pub(crate) const NONE: Self = Self { mapped: 0 };
    }

    // SAFETY: it calls nothing that allocates.
    unsafe impl Source for Segments {
        fn acquire<B: Binning>(talc: &mut Talc<Self, B>, layout: Layout) -> Result<(), ()> {
            let needed = layout.size().checked_add(layout.align()).and_then(|n| n.checked_add(OVERHEAD)).ok_or(())?;
            let size = pages(needed.max(SEGMENT)).ok_or(())?;
            let segment = map(size);
            if segment.is_null() {
                return Err(());
            }
            // SAFETY: the pages are fresh, and nobody else has them.
            unsafe { talc.claim(segment, size) }.ok_or(())?;
            talc.source.mapped += size;
            Ok(())
        }
    }

    /// Allocations that have pages to themselves.
    pub(crate) struct Whole {
        mapped: usize,
    }

    impl Whole {
        pub(crate) const NONE: Self = Self { mapped: 0 };

        /// Whether an allocation of this layout has pages to itself.
        pub(crate) fn takes(layout: Layout) -> bool {
            layout.size() >= LARGE && layout.align() <= minplat::page_size()
        }

        /// Pages for the layout, NULL if there are none; `None` if it is too small for that.
        pub(crate) fn allocate(&mut self, layout: Layout) -> Option<*mut u8> {
            if !Self::takes(layout) {
                return None;
            }
            let Some(size) = pages(layout.size()) else { return Some(ptr::null_mut()) };
            let new = map(size);
            if !new.is_null() {
                self.mapped += size;
            }
            Some(new)
        }

        /// Gives pages back. False if it is too small to have had some.
        ///
        /// # Safety
        /// If it is not too small, `ptr` came from `allocate` with this layout or was changed to it by `resize`.
        pub(crate) unsafe fn deallocate(&mut self, ptr: *mut u8, layout: Layout) -> bool {
            if !Self::takes(layout) {
                return false;
            }
            let size = pages(layout.size()).unwrap_or(0);
            // SAFETY: the range is as it was mapped, by the caller's contract. A platform that keeps it has it for good.
            if unsafe { wasmtime_munmap(ptr, size) } == 0 {
                self.mapped -= size;
            }
            true
        }

        /// Whether pages can hold the new size as they are; `None` if both are too small to have any.
        pub(crate) fn resize(&self, layout: Layout, size: usize) -> Option<bool> {
            // SAFETY: the caller of the allocator sees to it that the size is not too large for the alignment.
            let new = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
            match (Self::takes(layout), Self::takes(new)) {
                (false, false) => None,
                (true, true) => Some(pages(layout.size()) == pages(size)),
                _ => Some(false),
            }
        }

        /// Bytes of all of them.
        pub(crate) fn mapped(&self) -> usize {
            self.mapped
        }
    }
}

#[cfg(not(feature = "virtual-memory"))]
mod without_pages {
    use core::alloc::Layout;

    use talc::base::Talc;
    use talc::base::binning::Binning;
    use talc::source::Source;

    /// Nothing but the pools that `minplat_init` was given.
    #[derive(Debug)]
    pub(crate) struct Segments {
        /// Bytes of all pools.
        pub(crate) mapped: usize,
    }

    impl Segments {
        pub(crate) const NONE: Self = Self { mapped: 0 };
    }

    // SAFETY: it calls nothing that allocates.
    unsafe impl Source for Segments {
        fn acquire<B: Binning>(_talc: &mut Talc<Self, B>, _layout: Layout) -> Result<(), ()> {
            Err(())
        }
    }

    /// No allocation has pages to itself: there are none.
    pub(crate) struct Whole;

    impl Whole {
        pub(crate) const NONE: Self = Self;

        pub(crate) fn takes(_layout: Layout) -> bool {
            false
        }

        pub(crate) fn allocate(&mut self, _layout: Layout) -> Option<*mut u8> {
            None
        }

        /// # Safety
        /// None is needed.
        pub(crate) unsafe fn deallocate(&mut self, _ptr: *mut u8, _layout: Layout) -> bool {
            false
        }

        pub(crate) fn resize(&self, _layout: Layout, _size: usize) -> Option<bool> {
            None
        }

        pub(crate) fn mapped(&self) -> usize {
            0
        }
    }
}
