//! Room for the names of functions. Wasmtime makes the list of them when a module is loaded, and copies of them when a guest
//! traps, with allocations that stop the program where memory is out.

use crate::error::Failure;

#[cfg(feature = "allocator")]
pub(crate) use with_heap::{FRAMES, Names};

#[cfg(feature = "allocator")]
mod with_heap {
    use alloc::alloc::{alloc, dealloc};
    use core::alloc::Layout;
    use core::ptr;

    use super::Failure;
    use crate::allocator::{enlarge_reserve, keep, take_kept};
    use crate::reserve::{TEXTS, THREADS};

    /// How many frames Wasmtime keeps of a backtrace.
    pub(crate) const FRAMES: usize = minplat::BACKTRACE_FRAMES + 1;

    /// An entry of the list (Wasmtime's `FunctionName`).
    type Entry = [u32; 3];

    /// The longest list that is made all at once: serde allocates no more than 1 MiB before it has read a part of it.
    const LONGEST: usize = (1 << 20) / size_of::<Entry>();

    /// While it lives the heap has room for the list, or for whatever else has its layout and finds no other room.
    pub(crate) struct Names {
        layout: Layout,
        #[cfg(feature = "multi-thread")]
        _held: minplat::Held,
    }

    /// One load at a time keeps room.
    #[cfg(feature = "multi-thread")]
    static LOCK: minplat::Lock = minplat::Lock::free();

    impl Names {
        /// Keeps room for a module's names: for the list until it is dropped, for those of a trap's frames from now on. `None` if
        /// there are none.
        pub(crate) fn keep(names: minplat_format::Names) -> Result<Option<Self>, Failure> {
            if names.count == 0 {
                return Ok(None);
            }
            let count = LONGEST.min(names.count as usize);
            let layout = Layout::array::<Entry>(count).map_err(|_| Failure::OUT_OF_MEMORY)?;
            let kept = Self {
                layout,
                #[cfg(feature = "multi-thread")]
                _held: LOCK.take(),
            };
            // A byte behind each tells what it is for.
            let frames = FRAMES * (names.longest as usize + 1);
            // One thread has texts or names at a time.
            let size = if cfg!(feature = "multi-thread") { TEXTS + THREADS * frames } else { TEXTS.max(frames) };
            let is_enough = enlarge_reserve(size);
            // SAFETY: the layout is not empty.
            let room = if is_enough { unsafe { alloc(layout) } } else { ptr::null_mut() };
            if room.is_null() {
                return Err(Failure::OUT_OF_MEMORY);
            }
            keep(room, layout);
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
    pub(crate) fn keep(_names: minplat_format::Names) -> Result<Self, Failure> {
        Ok(Self)
    }
}
