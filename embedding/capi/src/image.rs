//! The images of modules: who keeps them. So it is known what code takes, and which artifacts are in use where they lie.
//!
//! Where there is virtual memory Wasmtime maps a copy by itself; it lives until the module and every store with an instance
//! of it are gone, and so does its [`Image`]. Elsewhere the copy is in the heap, which counts for itself. An artifact in place
//! is in use for as long, and Wasmtime stops the program if it is loaded again meanwhile.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::cell::UnsafeCell;
use core::ptr::{self, NonNull};
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use minplat::wasmtime::Module;

use crate::error::{Failure, minplat_error_code_t as code};
use crate::heap::try_box;

/// Bytes of all copies that Wasmtime has mapped.
static MAPPED: AtomicUsize = AtomicUsize::new(0);

/// Bytes of all copies that Wasmtime has mapped.
pub(crate) fn mapped() -> usize {
    MAPPED.load(Relaxed)
}

struct Counted {
    keepers: AtomicUsize,
    /// Of a copy that Wasmtime has mapped.
    bytes: usize,
    /// Where an artifact in place lies; NULL for a copy.
    place: *const u8,
    /// The next artifact in place.
    next: *mut Counted,
}

/// The artifacts in place.
struct InPlace(UnsafeCell<*mut Counted>);

// SAFETY: it is used in `with_places` alone.
unsafe impl Sync for InPlace {}

static IN_PLACE: InPlace = InPlace(UnsafeCell::new(ptr::null_mut()));

#[cfg(feature = "multi-thread")]
static LOCK: minplat::Lock = minplat::Lock::free();

/// Works on the list of artifacts in place: the link to the one at this address, or the last link, which is NULL.
fn with_places<T>(place: *const u8, work: impl FnOnce(&mut *mut Counted) -> T) -> T {
    #[cfg(feature = "multi-thread")]
    let _held = LOCK.take();
    // SAFETY: the lock is held, or calls into the library come one at a time; who is in the list lives, and only his link
    // is written.
    unsafe {
        let mut link = IN_PLACE.0.get();
        while !(*link).is_null() && (**link).place != place {
            link = &raw mut (**link).next;
        }
        work(&mut *link)
    }
}

#[cold]
fn in_use() -> Failure {
    Failure::new(
        code::MINPLAT_ERROR_ARGUMENT,
        "the artifact is in use in place: instantiate that module, or delete it and its stores before",
    )
}

/// One who keeps an image; `None`: the heap has it. (An `Arc` stops the program when memory runs out.)
pub(crate) struct Image(Option<NonNull<Counted>>);

// SAFETY: what it points to is atomic, or never changes.
unsafe impl Send for Image {}
// SAFETY: as above.
unsafe impl Sync for Image {}

impl Image {
    /// An artifact that is to be used where it lies, if it is not already.
    pub(crate) fn in_place(bytes: &[u8]) -> Result<Self, Failure> {
        let new = Counted { keepers: AtomicUsize::new(1), bytes: 0, place: bytes.as_ptr(), next: ptr::null_mut() };
        let new = Box::into_raw(try_box(new).ok_or(Failure::OUT_OF_MEMORY)?);
        let is_new = with_places(bytes.as_ptr(), |link| {
            let is_new = link.is_null();
            if is_new {
                *link = new;
            }
            is_new
        });
        if !is_new {
            // SAFETY: nobody else has it.
            drop(unsafe { Box::from_raw(new) });
            return Err(in_use());
        }
        Ok(Self(NonNull::new(new)))
    }

    /// The copy that was just made for a module.
    pub(crate) fn of(module: &Module) -> Result<Self, Failure> {
        if cfg!(not(feature = "virtual-memory")) {
            return Ok(Self(None));
        }
        let range = module.image_range();
        let bytes = (range.end.addr() - range.start.addr()).next_multiple_of(minplat::page_size());
        let new = try_box(Counted { keepers: AtomicUsize::new(1), bytes, place: ptr::null(), next: ptr::null_mut() })
            .ok_or(Failure::OUT_OF_MEMORY)?;
        MAPPED.fetch_add(bytes, Relaxed);
        Ok(Self(Some(NonNull::from(Box::leak(new)))))
    }
}

impl Clone for Image {
    fn clone(&self) -> Self {
        if let Some(counted) = &self.0 {
            // SAFETY: it lives as long as anybody keeps it, as this one does.
            unsafe { counted.as_ref() }.keepers.fetch_add(1, Relaxed);
        }
        Self(self.0)
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        let Some(counted) = self.0 else { return };
        // SAFETY: as above. The counters are all there is to see, so no order with other memory is needed.
        unsafe {
            if counted.as_ref().keepers.fetch_sub(1, Relaxed) == 1 {
                MAPPED.fetch_sub(counted.as_ref().bytes, Relaxed);
                let place = counted.as_ref().place;
                if !place.is_null() {
                    with_places(place, |link| *link = counted.as_ref().next);
                }
                drop(Box::from_raw(counted.as_ptr()));
            }
        }
    }
}

/// What a store keeps.
pub(crate) struct Images(Vec<Image>);

impl Images {
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Forgets what came after there were so many.
    pub(crate) fn forget(&mut self, len: usize) {
        self.0.truncate(len);
    }

    /// Keeps an image for as long as the store, once.
    pub(crate) fn keep(&mut self, image: &Image) -> Result<(), Failure> {
        if image.0.is_some() && !self.0.iter().any(|kept| kept.0 == image.0) {
            self.0.try_reserve(1).map_err(|_| Failure::OUT_OF_MEMORY)?;
            self.0.push(image.clone());
        }
        Ok(())
    }
}
