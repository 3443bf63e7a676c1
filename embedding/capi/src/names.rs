//! Room for the names of functions: Wasmtime makes the list of them with an allocation that stops the program where memory is out.

use crate::error::Failure;

#[cfg(feature = "allocator")]
pub(crate) use with_heap::Names;

#[cfg(feature = "allocator")]
mod with_heap {
    use alloc::alloc::{alloc, dealloc};
    use core::alloc::Layout;

    use super::Failure;
    use crate::allocator::{keep, take_kept};

    /// An entry of the list (Wasmtime's `FunctionName`).
    type Entry = [u32; 3];

    /// The longest list that is made all at once: serde allocates no more than 1 MiB before it has read a part of it.
    const LONGEST: usize = (1 << 20) / size_of::<Entry>();

    /// While it lives the heap has room for the list, and for nothing else of its size.
    pub(crate) struct Names {
        layout: Layout,
        #[cfg(feature = "multi-thread")]
        _held: minplat::Held,
    }

    /// One load at a time keeps room.
    #[cfg(feature = "multi-thread")]
    static LOCK: minplat::Lock = minplat::Lock::free();

    impl Names {
        /// Keeps room for so many names; `None` if there are none.
        pub(crate) fn keep(names: usize) -> Result<Option<Self>, Failure> {
            if names == 0 {
                return Ok(None);
            }
            let layout = Layout::array::<Entry>(names.min(LONGEST)).map_err(|_| Failure::OUT_OF_MEMORY)?;
            let kept = Self {
                layout,
                #[cfg(feature = "multi-thread")]
                _held: LOCK.take(),
            };
            // SAFETY: the layout is not empty.
            let room = unsafe { alloc(layout) };
            if room.is_null() {
                return Err(Failure::OUT_OF_MEMORY);
            }
            keep(room, layout.size());
            Ok(Some(kept))
        }
    }

    impl Drop for Names {
        fn drop(&mut self) {
            let room = take_kept();
            if !room.is_null() {
                // SAFETY: it came with this layout, and nobody was given it.
                unsafe { dealloc(room, self.layout) }
            }
        }
    }
}

/// Whoever has the heap sees to it that there is room.
#[cfg(not(feature = "allocator"))]
pub(crate) struct Names;

#[cfg(not(feature = "allocator"))]
impl Names {
    /// Keeps nothing.
    pub(crate) fn keep(_names: usize) -> Result<Self, Failure> {
        Ok(Self)
    }
}
