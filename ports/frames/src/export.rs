//! The functions of `wasmtime-platform.h`.

/// Defines the functions of `wasmtime-platform.h` that deal with memory, for one [`Machine`](crate::Machine).
///
/// `export_memory!(Mmu)` also defines `MEMORY`, empty until the port has set up its [`Memory`](crate::Memory) (every function but
/// `wasmtime_page_size` refuses before that), and `remap`. It is entered in a critical section: a task that is interrupted in it
/// would leave it half done to another one, and the library's trap handler calls these functions too.
#[macro_export]
macro_rules! export_memory {
    ($machine:ty) => {
        /// The memory of the machine.
        pub(crate) static MEMORY: $crate::export::Global<$machine> = $crate::export::Global::new();

        /// `wasmtime_mmap_remap`, for the platform checks: no library asks for it.
        ///
        /// # Safety
        /// Nobody uses what is in the range.
        pub(crate) unsafe extern "C" fn remap(start: *mut u8, size: usize, protection: u32) -> i32 {
            $crate::export::code(MEMORY.with(|memory| {
                memory.remap(start.expose_provenance(), size, $crate::Protection::from_bits(protection)?)
            }))
        }

        const _: () = {
            use $crate::export::{code, store};

            #[unsafe(no_mangle)]
            extern "C" fn wasmtime_page_size() -> usize {
                $crate::PAGE
            }

            /// # Safety
            /// `ret` is a place for an address.
            #[unsafe(no_mangle)]
            unsafe extern "C" fn wasmtime_mmap_new(size: usize, protection: u32, ret: *mut *mut u8) -> i32 {
                let new = MEMORY.with(|memory| memory.map(size, $crate::Protection::from_bits(protection)?));
                // SAFETY: the caller's contract.
                unsafe { store(new, ret) }
            }

            #[unsafe(no_mangle)]
            extern "C" fn wasmtime_munmap(start: *mut u8, size: usize) -> i32 {
                code(MEMORY.with(|memory| memory.unmap(start.expose_provenance(), size)))
            }

            #[unsafe(no_mangle)]
            extern "C" fn wasmtime_mprotect(start: *mut u8, size: usize, protection: u32) -> i32 {
                code(MEMORY.with(|memory| {
                    memory.protect(start.expose_provenance(), size, $crate::Protection::from_bits(protection)?)
                }))
            }

            /// # Safety
            /// So many bytes are there to be read, and `ret` is a place for an address.
            #[unsafe(no_mangle)]
            unsafe extern "C" fn wasmtime_memory_image_new(contents: *const u8, len: usize, ret: *mut *mut u8) -> i32 {
                // SAFETY: the caller's contract.
                let new = MEMORY.with(|memory| unsafe { memory.image(contents, len) });
                // SAFETY: the caller's contract.
                unsafe { store(new, ret) }
            }

            /// # Safety
            /// The image was made, and not freed.
            #[unsafe(no_mangle)]
            unsafe extern "C" fn wasmtime_memory_image_map_at(image: *mut u8, start: *mut u8, len: usize) -> i32 {
                code(MEMORY.with(|memory| {
                    // SAFETY: the caller's contract.
                    unsafe { memory.map_image(image.expose_provenance(), start.expose_provenance(), len) }
                }))
            }

            /// # Safety
            /// The image was made, and not freed; it is given up.
            #[unsafe(no_mangle)]
            unsafe extern "C" fn wasmtime_memory_image_free(image: *mut u8) {
                // What is no image stays as it is.
                // SAFETY: the caller's contract.
                let _ = MEMORY.with(|memory| unsafe { memory.free_image(image.expose_provenance()) });
            }
        };
    };
}

use core::cell::RefCell;

use critical_section::Mutex;

use crate::{Error, Machine, Memory};

/// The memory of a machine, for everybody, once it is set up.
pub struct Global<M: Machine>(Mutex<RefCell<Option<Memory<M>>>>);

impl<M: Machine> Global<M> {
    /// None yet.
    #[expect(clippy::new_without_default, reason = "made by a macro alone, as a static")]
    pub const fn new() -> Self {
        Self(Mutex::new(RefCell::new(None)))
    }

    /// Sets it up.
    pub fn set(&self, memory: Memory<M>) {
        critical_section::with(|section| self.0.replace(section, Some(memory)));
    }

    /// Uses it.
    ///
    /// # Errors
    /// The closure's, and [`Error::OutOfMemory`] before it is set up.
    pub fn with<T>(&self, job: impl FnOnce(&mut Memory<M>) -> Result<T, Error>) -> Result<T, Error> {
        critical_section::with(|section| match &mut *self.0.borrow_ref_mut(section) {
            Some(memory) => job(memory),
            None => Err(Error::OutOfMemory),
        })
    }
}

impl<M: Machine> Global<M> {
    /// A write to this address faulted; whether that was because the page is copied when it is written, and is copied now.
    pub fn copy_on_write(&self, address: usize) -> bool {
        self.with(|memory| Ok(memory.copy_on_write(address))).unwrap_or(false)
    }

    /// Lets so many bytes be had from now on, tables among them.
    pub fn limit(&self, bytes: usize) {
        // Before it is set up there is nothing to be had anyway.
        _ = self.with(|memory| {
            memory.limit(bytes);
            Ok(())
        });
    }

    /// Tells what is used, as names and numbers.
    pub fn tell(&self, tell: &mut dyn FnMut(&str, u64)) {
        let Ok(stats) = self.with(|memory| Ok(memory.stats())) else { return };
        tell("pages-used", stats.used as u64);
        tell("pages-peak", stats.peak as u64);
        tell("pages-copied", stats.copied as u64);
        tell("ram", stats.total as u64);
    }
}

/// The code of a result.
#[doc(hidden)]
pub fn code(result: Result<(), Error>) -> i32 {
    result.map_or_else(|error| error as i32, |()| 0)
}

/// Stores an address, or gives the code.
///
/// # Safety
/// `place` is one for an address.
#[doc(hidden)]
pub unsafe fn store(result: Result<usize, Error>, place: *mut *mut u8) -> i32 {
    code(result.map(|address| {
        // SAFETY: the caller's contract.
        unsafe { place.write(core::ptr::with_exposed_provenance_mut(address)) };
    }))
}
