//! The library's heap as the program sees it, and boxes that say when memory ran out.

use alloc::alloc::alloc;
use alloc::boxed::Box;
use core::alloc::Layout;

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

/// Tells what the heap has; zeros where the library was built without its allocator. NULL does nothing. Stack: 1 KiB.
/// Tasks: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_heap_stats(stats: *mut minplat_heap_stats_t) {
    let _turn = crate::turn::take();
    #[cfg(feature = "allocator")]
    let now =
        crate::allocator::look(|book, mapped| minplat_heap_stats_t { used: book.used(), peak: book.peak(), mapped });
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

/// While it lives, the text of an error has room apart if there is none on the heap.
pub(crate) struct Texts;

/// Before a call of Wasmtime's that may make such an error. It must still live when the error becomes a failure.
pub(crate) fn texts() -> Texts {
    open_reserve(1);
    Texts
}

impl Texts {
    /// How often the heap had nothing to give.
    pub(crate) fn refusals(&self) -> u32 {
        open_reserve(0)
    }
}

impl Drop for Texts {
    fn drop(&mut self) {
        open_reserve(-1);
    }
}

#[cfg(feature = "allocator")]
pub(crate) use crate::allocator::is_reserve_taken;
#[cfg(feature = "allocator")]
use crate::allocator::open_reserve;
#[cfg(feature = "allocator")]
pub(crate) use crate::reserve::grow;

/// There is no reserve.
#[cfg(not(feature = "allocator"))]
fn open_reserve(_more: i16) -> u32 {
    0
}

/// There is no reserve.
#[cfg(not(feature = "allocator"))]
pub(crate) fn is_reserve_taken() -> bool {
    false
}

/// Whoever has the heap sees by himself that a memory grows.
#[cfg(not(feature = "allocator"))]
pub(crate) fn grow(_is_growing: bool) {}
