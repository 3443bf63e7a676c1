//! What minplat asks of the machine: pages, and a thread's two pointers. `wasmtime-platform.h` of minplat states what each
//! function promises; `minplat-build --print symbols` lists those of a platform.

use core::cell::Cell;
use core::ffi::c_void;
use core::ptr;

use crate::machine::{self, PAGE};

/// Zeroed pages anywhere. As the other functions: 0, or a code that errors tell.
#[unsafe(no_mangle)]
extern "C" fn wasmtime_mmap_new(size: usize, protection: u32, result: &mut *mut u8) -> i32 {
    match machine::map(ptr::null_mut(), size, protection) {
        Ok(pages) => {
            *result = pages;
            0
        }
        Err(code) => code,
    }
}

/// Zeroed pages in the place of mapped ones.
#[unsafe(no_mangle)]
extern "C" fn wasmtime_mmap_remap(at: *mut u8, size: usize, protection: u32) -> i32 {
    machine::map(at, size, protection).map_or_else(|code| code, |_| 0)
}

/// Gives pages back; Wasmtime takes it that this does not fail.
#[unsafe(no_mangle)]
extern "C" fn wasmtime_munmap(at: *mut u8, size: usize) -> i32 {
    machine::unmap(at, size)
}

/// Changes the protection of pages; where instruction caches need it, code is visible to every core afterwards.
#[unsafe(no_mangle)]
extern "C" fn wasmtime_mprotect(at: *mut u8, size: usize, protection: u32) -> i32 {
    machine::protect(at, size, protection)
}

#[unsafe(no_mangle)]
extern "C" fn wasmtime_page_size() -> usize {
    PAGE
}

/// No copy-on-write images: Wasmtime then copies data segments.
#[unsafe(no_mangle)]
extern "C" fn wasmtime_memory_image_new(_: *const u8, _: usize, result: &mut *mut c_void) -> i32 {
    *result = ptr::null_mut();
    0
}

/// Never called, as there are no images.
#[unsafe(no_mangle)]
extern "C" fn wasmtime_memory_image_map_at(_: *mut c_void, _: *mut u8, _: usize) -> i32 {
    -1
}

/// Never called, as there are no images.
#[unsafe(no_mangle)]
extern "C" fn wasmtime_memory_image_free(_: *mut c_void) {}

struct Slots([Cell<*mut u8>; 2]);

// SAFETY: the platform does not offer multi-thread, and this kernel has one thread. A kernel with several keeps two such
// pointers for each and switches them with the thread.
unsafe impl Sync for Slots {}

static SLOTS: Slots = Slots([const { Cell::new(ptr::null_mut()) }; 2]);

#[unsafe(no_mangle)]
extern "C" fn wasmtime_tls_get(slot: usize) -> *mut u8 {
    SLOTS.0[slot].get()
}

#[unsafe(no_mangle)]
extern "C" fn wasmtime_tls_set(slot: usize, pointer: *mut u8) {
    SLOTS.0[slot].set(pointer);
}
