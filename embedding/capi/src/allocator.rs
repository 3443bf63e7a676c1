//! The global allocator: [`Small`] for what is small, and where there is virtual memory whole pages for what is large; or the
//! program's own functions. What a guest takes of the heap is in `minplat-host run --stats FILE.cwasm`.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::{mem, ptr};

use minplat::wasmtime::FrameInfo;

use crate::names;
use crate::purpose::{Book, Purpose};
use crate::reserve::{Reserve, grow};
use crate::small::Small;
use crate::sources::{LARGE, Program, Whole};

pub(crate) struct Inner {
    small: Small,
    whole: Whole,
    program: Option<Program>,
    reserve: Reserve,
    /// Memory that was kept for a request of just this layout: see [`keep`].
    kept: (*mut u8, Layout),
    /// How often memory was asked for that there was not.
    refusals: u32,
    book: Book,
}

/// Nothing is kept: no request is empty.
const NOTHING: (*mut u8, Layout) = (ptr::null_mut(), Layout::new::<()>());

// SAFETY: what it points to is its own, and it is used under the heap's lock alone.
unsafe impl Send for Inner {}

struct Heap(UnsafeCell<Inner>);

// SAFETY: `with` lets one caller in at a time.
unsafe impl Sync for Heap {}

#[global_allocator]
static HEAP: Heap = Heap(UnsafeCell::new(Inner {
    small: Small::EMPTY,
    whole: Whole::NONE,
    program: None,
    reserve: Reserve::UNUSED,
    kept: NOTHING,
    refusals: 0,
    book: Book::EMPTY,
}));

#[cfg(feature = "multi-thread")]
static LOCK: minplat::Lock = minplat::Lock::free();

impl Heap {
    fn with<T>(&self, work: impl FnOnce(&mut Inner) -> T) -> T {
        #[cfg(feature = "multi-thread")]
        let _held = LOCK.take();
        // SAFETY: the lock is held; without one, calls into the library come one at a time, and the heap's own work calls
        // nothing that comes back here.
        work(unsafe { &mut *self.0.get() })
    }
}

/// The frames of a backtrace, whose names are copied next.
const FRAMES: Layout = match Layout::array::<FrameInfo>(names::FRAMES) {
    Ok(layout) => layout,
    Err(_) => panic!("they fit"),
};

/// What is asked of the source for a layout: what is not large has a byte behind it that tells its purpose. Most sizes are
/// multiples of a word, and there the byte costs nothing: allocators keep some of their own beside an allocation anyway.
///
/// # Safety
/// The layout is not empty.
unsafe fn tagged(layout: Layout) -> Layout {
    let tag = usize::from(layout.size() < LARGE);
    // SAFETY: with one byte more a size below `LARGE` is none that an alignment would not allow, but for alignments near
    // the end of the address space, which nothing asks for.
    unsafe { Layout::from_size_align_unchecked(layout.size() + tag, layout.align()) }
}

impl Inner {
    /// Whether the allocation has pages to itself, which come as zeros.
    fn is_whole(&self, layout: Layout) -> bool {
        Whole::takes(layout) && !self.small.segments().is_pooled && self.program.is_none()
    }

    /// Memory for a purpose, and whether it is zeros.
    ///
    /// # Safety
    /// The layout is not empty.
    unsafe fn allocate(&mut self, layout: Layout, purpose: Option<Purpose>) -> (*mut u8, bool) {
        let is_whole = self.is_whole(layout);
        // SAFETY: the caller's contract is the function's own.
        let room = unsafe { tagged(layout) };
        // SAFETY: the caller's contract is the functions' own.
        let mut new = unsafe {
            match &self.program {
                _ if is_whole => self.whole.allocate(room),
                Some(program) => (program.alloc)(program.env, room.size(), room.align()).cast(),
                None => self.small.allocate(room),
            }
        };
        if new.is_null() {
            if layout == self.kept.1 {
                // It stands in the book.
                return (self.take_kept(), false);
            }
            self.refusals = self.refusals.wrapping_add(1);
            new = self.reserve.allocate(room);
        } else if layout == FRAMES {
            grow(true);
        } else if layout.size() >= LARGE {
            grow(false);
        }
        if !new.is_null() {
            // SAFETY: a layout that is not large has a byte more.
            unsafe { self.book.enter(new, layout.size(), purpose) };
        }
        (new, is_whole && !self.reserve.has(new))
    }

    /// What is kept, and then no more; NULL if nothing is.
    fn take_kept(&mut self) -> *mut u8 {
        mem::replace(&mut self.kept, NOTHING).0
    }

    /// # Safety
    /// `ptr` came from `allocate` with this layout.
    unsafe fn deallocate(&mut self, ptr: *mut u8, layout: Layout) {
        let is_whole = self.is_whole(layout);
        // SAFETY: the caller's contract is the functions' own.
        unsafe {
            self.book.leave(ptr, layout.size());
            let layout = tagged(layout);
            match &self.program {
                _ if self.reserve.has(ptr) => self.reserve.deallocate(),
                _ if is_whole => self.whole.deallocate(ptr, layout),
                Some(program) => (program.free)(program.env, ptr.cast(), layout.size(), layout.align()),
                None => self.small.deallocate(ptr, layout),
            }
        }
    }

    /// The allocation with its new size, where it was or elsewhere; NULL if it has to be moved by hand.
    ///
    /// # Safety
    /// `ptr` came from `allocate` with this layout; the new one is not empty.
    unsafe fn resize(&mut self, ptr: *mut u8, old: Layout, new: Layout) -> *mut u8 {
        if (old.size() < LARGE) != (new.size() < LARGE) {
            return ptr::null_mut();
        }
        let is_whole = self.is_whole(old);
        // SAFETY: the caller's contract is the functions' own; a layout that is not large has a byte more.
        unsafe {
            let purpose = self.book.purpose(ptr, old.size());
            let (before, after) = (tagged(old), tagged(new).size());
            let moved = match &self.program {
                _ if self.reserve.has(ptr) => ptr::null_mut(),
                _ if is_whole => {
                    if Whole::fits(old, new.size()) {
                        ptr
                    } else {
                        ptr::null_mut()
                    }
                }
                Some(Program { realloc: Some(realloc), env, .. }) => {
                    realloc(*env, ptr.cast(), before.size(), before.align(), after).cast()
                }
                Some(_) => ptr::null_mut(),
                None => self.small.resize(ptr, before, after),
            };
            if !moved.is_null() {
                self.book.change(ptr, old.size(), moved, new.size(), purpose);
            }
            moved
        }
    }
}

// SAFETY: `Small`, or the program, keeps the contract for what is small, `Whole` for what is large; which is which depends on
// the layout and on the source, and that is set before the first allocation.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's contract is the function's own.
        self.with(|inner| unsafe { inner.allocate(layout, None) }).0
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's contract is the function's own.
        let (new, is_zero) = self.with(|inner| unsafe { inner.allocate(layout, None) });
        if !new.is_null() && !is_zero {
            // SAFETY: it has this size.
            unsafe { new.write_bytes(0, layout.size()) };
        }
        new
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        // SAFETY: the caller's contract is the function's own.
        self.with(|inner| unsafe { inner.deallocate(ptr, layout) });
    }

    unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller sees to it that the size is not 0, nor too large for the alignment.
        let new_layout = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        self.with(|inner| {
            // SAFETY: the caller's contract is the function's own.
            let new = unsafe { inner.resize(ptr, layout, new_layout) };
            if !new.is_null() {
                return new;
            }
            // SAFETY: both have as many bytes as are copied, and the old one is done with afterwards.
            unsafe {
                let purpose = inner.book.purpose(ptr, layout.size());
                let (new, _) = inner.allocate(new_layout, Some(purpose));
                if !new.is_null() {
                    ptr::copy_nonoverlapping(ptr, new, layout.size().min(size));
                    inner.deallocate(ptr, layout);
                }
                new
            }
        })
    }
}

/// Why the heap does not take a source.
pub(crate) enum Refused {
    /// It was used already, with another source.
    TooLate,
    /// The pool has no room for a heap.
    TooSmall,
}

/// Gives the heap a pool, in place of the platform's pages or besides other pools.
///
/// # Safety
/// Nobody else uses these bytes any more.
pub(crate) unsafe fn add_pool(pool: *mut u8, size: usize) -> Result<(), Refused> {
    HEAP.with(|inner| {
        let segments = inner.small.segments();
        let is_used = inner.book.is_used() || segments.mapped != 0;
        if inner.program.is_some() || (is_used && !segments.is_pooled) {
            return Err(Refused::TooLate);
        }
        // SAFETY: the caller's contract is the function's own.
        if !unsafe { inner.small.claim(pool, size) } {
            return Err(Refused::TooSmall);
        }
        let segments = inner.small.segments_mut();
        segments.is_pooled = true;
        segments.mapped += size;
        Ok(())
    })
}

/// Lets the program's functions be the heap.
pub(crate) fn set_program(program: Program) -> Result<(), Refused> {
    HEAP.with(|inner| {
        if inner.book.is_used() || inner.small.segments().mapped != 0 || inner.program.is_some() {
            return Err(Refused::TooLate);
        }
        inner.program = Some(program);
        Ok(())
    })
}

impl Inner {
    /// What the heap has taken from its source, bytes.
    fn mapped(&self) -> usize {
        match self.program {
            Some(_) => self.book.used(),
            None => self.small.segments().mapped + self.whole.mapped(),
        }
    }
}

/// Looks into the book, with what the heap has taken from its source.
pub(crate) fn look<T>(work: impl FnOnce(&mut Book, usize) -> T) -> T {
    HEAP.with(|inner| {
        let mapped = inner.mapped();
        work(&mut inner.book, mapped)
    })
}

/// Keeps an allocation for the next request of just its layout that could not be met otherwise.
pub(crate) fn keep(ptr: *mut u8, layout: Layout) {
    HEAP.with(|inner| inner.kept = (ptr, layout));
}

/// Takes back what was kept; NULL if it was given out.
pub(crate) fn take_kept() -> *mut u8 {
    HEAP.with(Inner::take_kept)
}

/// Sees to it that the reserve has so many bytes; false if there is no memory for them, or it is in use.
pub(crate) fn enlarge_reserve(size: usize) -> bool {
    if !HEAP.with(|inner| inner.reserve.is_less_than(size)) {
        return true;
    }
    let layout = |size| Layout::from_size_align(size, align_of::<u64>());
    let Ok(new) = layout(size) else { return false };
    // SAFETY: it is not empty.
    let (place, _) = HEAP.with(|inner| unsafe { inner.allocate(new, Some(Purpose::Other)) });
    if place.is_null() {
        return false;
    }
    let (free, size) = HEAP.with(|inner| inner.reserve.move_to(place, size));
    if let Ok(layout) = layout(size)
        && !free.is_null()
    {
        // SAFETY: it came with this layout, and nobody has a part of it.
        unsafe { HEAP.dealloc(free, layout) };
    }
    free != place
}

/// Opens the reserve once more, or once less. The answer is how often memory was asked for that there was not.
#[inline(never)]
pub(crate) fn open_reserve(more: i16) -> u32 {
    HEAP.with(|inner| {
        inner.reserve.open(more);
        inner.refusals
    })
}

/// Whether a part of the reserve is given out.
pub(crate) fn is_reserve_taken() -> bool {
    HEAP.with(|inner| inner.reserve.is_taken())
}

/// Whether the heap has memory, or somebody to ask.
pub(crate) fn has_source() -> bool {
    HEAP.with(|inner| inner.program.is_some() || inner.small.segments().mapped != 0)
}
