//! Room for the texts of errors when the heap has none.
//!
//! Wasmtime allocates so that it can fail, but the text of some of its errors it makes with `format!`, which stops the
//! program where memory is out: just when the error says that memory is out. Texts are bytes, so what the heap cannot give and
//! needs no alignment comes from here, while a function runs that may make such an error (`heap::texts`). Before it ends
//! the error goes, and the one for want of memory that has no text of its own comes in its place (`Failure::wasmtime`).

use core::alloc::Layout;
use core::cell::UnsafeCell;
use core::ptr;
use core::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// The texts of one error, as Wasmtime has at most; where there are threads, of as many as may run out at the same moment.
const SIZE: usize = if cfg!(feature = "multi-thread") { 3 * 208 } else { 208 };

/// How much of its beginning may be something else: the vendor of the target that an artifact names, boxed.
const SMALL: usize = 40;

#[repr(align(8))]
struct Bytes(UnsafeCell<[u8; SIZE]>);

// SAFETY: it is used under the heap's lock, and then by whoever was given a part of it.
unsafe impl Sync for Bytes {}

static BYTES: Bytes = Bytes(UnsafeCell::new([0; SIZE]));

/// What of it is given out: from the front, and all of it is free again when nobody has a part any more.
pub(crate) struct Reserve {
    used: u16,
    live: u16,
    /// How many functions run that may use it.
    open: i16,
}

/// A memory grows: Wasmtime makes a text if it cannot, though a guest sees -1. It does not tell when it can, so whatever runs
/// after the growth says that it is over.
static IS_GROWING: AtomicBool = AtomicBool::new(false);

/// A memory begins to grow, or is done with it.
pub(crate) fn grow(is_growing: bool) {
    IS_GROWING.store(is_growing, Relaxed);
}

impl Reserve {
    pub(crate) const UNUSED: Self = Self { used: 0, live: 0, open: 0 };

    /// A part, if the layout is one of a text, or small, and there is room; else NULL.
    pub(crate) fn allocate(&mut self, layout: Layout) -> *mut u8 {
        let start = usize::from(self.used).next_multiple_of(layout.align());
        let most = if layout.align() == 1 { SIZE } else { SMALL };
        let is_closed = self.open == 0 && !IS_GROWING.load(Relaxed);
        if is_closed || layout.align() > align_of::<Bytes>() || layout.size() > most.saturating_sub(start) {
            return ptr::null_mut();
        }
        let new = BYTES.0.get().cast::<u8>().wrapping_add(start);
        self.used = (start + layout.size()) as u16;
        self.live += 1;
        new
    }

    /// Whether memory is a part of it.
    pub(crate) fn has(ptr: *const u8) -> bool {
        ptr.addr().wrapping_sub(BYTES.0.get().addr()) < SIZE
    }

    /// Takes a part back.
    pub(crate) fn deallocate(&mut self) {
        self.live -= 1;
        if self.live == 0 {
            self.used = 0;
        }
    }

    /// One function more may use it, or one less.
    pub(crate) fn open(&mut self, more: i16) {
        self.open += more;
    }

    /// Whether a function runs that may use it, and somebody has a part.
    pub(crate) fn is_taken(&self) -> bool {
        self.open != 0 && self.live != 0
    }
}
