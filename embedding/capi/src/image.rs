//! The images that were copied for modules: who keeps them, so that it is known what code takes.
//!
//! Where there is virtual memory Wasmtime maps a copy by itself; it lives until the module and every store with an instance
//! of it are gone, and so does its [`Image`]. Elsewhere the copy is in the heap, which counts for itself.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use minplat::wasmtime::Module;

use crate::error::Failure;
use crate::heap::try_box;

/// Bytes of all copies that Wasmtime has mapped.
static MAPPED: AtomicUsize = AtomicUsize::new(0);

/// Bytes of all copies that Wasmtime has mapped.
pub(crate) fn mapped() -> usize {
    MAPPED.load(Relaxed)
}

struct Counted {
    keepers: AtomicUsize,
    bytes: usize,
}

/// One who keeps a copy; `None`: there is none, or the heap has it. (An `Arc` stops the program when memory runs out.)
pub(crate) struct Image(Option<NonNull<Counted>>);

// SAFETY: what it points to is atomic, or never changes.
unsafe impl Send for Image {}
// SAFETY: as above.
unsafe impl Sync for Image {}

impl Image {
    /// A module that is used where it lies.
    pub(crate) const IN_PLACE: Self = Self(None);

    /// The copy that was just made for a module.
    pub(crate) fn of(module: &Module) -> Result<Self, Failure> {
        if cfg!(not(feature = "virtual-memory")) {
            return Ok(Self::IN_PLACE);
        }
        let range = module.image_range();
        let bytes = (range.end.addr() - range.start.addr()).next_multiple_of(minplat::page_size());
        let new = try_box(Counted { keepers: AtomicUsize::new(1), bytes }).ok_or(Failure::OUT_OF_MEMORY)?;
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
