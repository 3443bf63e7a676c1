//! Room for texts when the heap has none: of errors, and the names of a trap's frames.
//!
//! Wasmtime allocates so that it can fail, but the text of some of its errors it makes with `format!`, and the names of
//! functions in a backtrace it copies, which stops the program where memory is out: just when the error says that memory is
//! out. Texts are bytes, so what the heap cannot give and needs no alignment comes from here, while a function runs that may make
//! such an error (`heap::texts`), or a backtrace is made. Before that ends the error goes, and the one for want of memory that
//! has no text of its own comes in its place (`Failure::wasmtime`).

use core::alloc::Layout;
use core::cell::UnsafeCell;
use core::{mem, ptr};

/// How many threads may run out at the same moment.
pub(crate) const THREADS: usize = if cfg!(feature = "multi-thread") { 3 } else { 1 };

/// The texts of one error of each, as Wasmtime has at most.
pub(crate) const TEXTS: usize = THREADS * 208;

/// How much of its beginning may be something else: the vendor of the target that an artifact names, boxed.
const SMALL: usize = 40;

#[repr(align(8))]
struct Bytes(UnsafeCell<[u8; TEXTS]>);

// SAFETY: it is used under the heap's lock, and then by whoever was given a part of it.
unsafe impl Sync for Bytes {}

static BYTES: Bytes = Bytes(UnsafeCell::new([0; TEXTS]));

/// What of it is given out: from the front, and all of it is free again when nobody has a part any more.
pub(crate) struct Reserve {
    /// A larger place, and its bytes; NULL for the static one.
    place: (*mut u8, usize),
    used: usize,
    live: u16,
    /// How many functions run that may use it.
    open: i16,
}

/// Whether texts may be made where no function opened the reserve. A memory grows: Wasmtime makes a text if it cannot, though a
/// guest sees -1, and does not tell when it can, so whatever runs after the growth says that it is over. Or a backtrace was
/// begun, and its names are copied next.
#[cfg(not(feature = "multi-thread"))]
mod now {
    use core::sync::atomic::{AtomicBool, Ordering::Relaxed};

    static IS_OPEN: AtomicBool = AtomicBool::new(false);

    pub(super) fn open(is_open: bool) {
        IS_OPEN.store(is_open, Relaxed);
    }

    pub(super) fn is_open() -> bool {
        IS_OPEN.load(Relaxed)
    }
}

#[cfg(feature = "multi-thread")]
use crate::purpose::thread as now;

/// A memory begins to grow, or a backtrace; or that is over.
pub(crate) fn grow(is_growing: bool) {
    now::open(is_growing);
}

impl Reserve {
    pub(crate) const UNUSED: Self = Self { place: (ptr::null_mut(), 0), used: 0, live: 0, open: 0 };

    fn place(&self) -> (*mut u8, usize) {
        if self.place.0.is_null() { (BYTES.0.get().cast(), TEXTS) } else { self.place }
    }

    /// A part, if the layout is one of a text, or small, and there is room; else NULL.
    pub(crate) fn allocate(&mut self, layout: Layout) -> *mut u8 {
        let (place, size) = self.place();
        let start = self.used.next_multiple_of(layout.align());
        let most = if layout.align() == 1 { size } else { SMALL };
        let is_closed = self.open == 0 && !now::is_open();
        if is_closed || layout.align() > align_of::<Bytes>() || layout.size() > most.saturating_sub(start) {
            return ptr::null_mut();
        }
        self.used = start + layout.size();
        self.live += 1;
        place.wrapping_add(start)
    }

    /// Whether memory is a part of it.
    pub(crate) fn has(&self, ptr: *const u8) -> bool {
        let (place, size) = self.place();
        ptr.addr().wrapping_sub(place.addr()) < size
    }

    /// Whether so many bytes are more than it has.
    pub(crate) fn is_less_than(&self, size: usize) -> bool {
        self.place().1 < size
    }

    /// Moves to a larger place, aligned to 8 bytes. The answer is the place that is free now, with its bytes, if it is not
    /// the static one: the new one where somebody has a part of the old one, or that is as large.
    pub(crate) fn move_to(&mut self, place: *mut u8, size: usize) -> (*mut u8, usize) {
        if self.live == 0 && self.is_less_than(size) {
            mem::replace(&mut self.place, (place, size))
        } else {
            (place, size)
        }
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

    /// Whether somebody has a part of it.
    pub(crate) fn is_taken(&self) -> bool {
        self.live != 0
    }
}
