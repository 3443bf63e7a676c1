//! The platform functions that this crate calls itself; the rest of them is Wasmtime's business.

#[cfg(feature = "virtual-memory")]
mod platform {
    unsafe extern "C" {
        /// See `wasmtime-platform.h`: bytes of a page, constant.
        pub(super) safe fn wasmtime_page_size() -> usize;
        /// See `wasmtime-platform.h`: the POSIX `mprotect`, with coherent instruction fetch.
        pub(super) fn wasmtime_mprotect(ptr: *mut u8, size: usize, prot_flags: u32) -> i32;
    }
}

/// `WASMTIME_PROT_READ | WASMTIME_PROT_WRITE`.
#[cfg(feature = "virtual-memory")]
pub(crate) const READ_WRITE: u32 = 1 | 2;
/// `WASMTIME_PROT_READ | WASMTIME_PROT_EXEC`.
#[cfg(feature = "virtual-memory")]
pub(crate) const READ_EXECUTE: u32 = 1 | 4;

/// Bytes of a page; 1 where the platform has no virtual memory, so that everything is aligned to it.
pub fn page_size() -> usize {
    #[cfg(feature = "virtual-memory")]
    return platform::wasmtime_page_size();
    #[cfg(not(feature = "virtual-memory"))]
    return 1;
}

/// Protects whole pages. The error is the platform's code.
///
/// # Safety
/// Nothing relies on the range's former protection, and `ptr` is aligned to a page.
#[cfg(feature = "virtual-memory")]
pub(crate) unsafe fn protect(ptr: *const u8, size: usize, flags: u32) -> Result<(), i32> {
    // SAFETY: the caller's contract is the function's own.
    match unsafe { platform::wasmtime_mprotect(ptr.cast_mut(), size, flags) } {
        0 => Ok(()),
        code => Err(code),
    }
}
