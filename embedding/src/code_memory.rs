//! Makes native code executable, in place too.
#![cfg(feature = "virtual-memory")]

use wasmtime::CustomCodeMemory;

use crate::pages::{READ_EXECUTE, READ_WRITE, page_size, protect};

/// Executable memory by `wasmtime_mprotect`. Wasmtime alone would use it for images that it copied and refuse those that
/// it uses in place; with this both go one way.
pub(crate) struct Pages;

impl CustomCodeMemory for Pages {
    fn required_alignment(&self) -> usize {
        page_size()
    }

    fn publish_executable(&self, ptr: *const u8, len: usize) -> wasmtime::Result<()> {
        // SAFETY: the range is `.text` of an image that nobody writes any more; it starts on a page, as tested before
        // loading. Its last page may hold read-only data of the same image, which stays readable.
        unsafe { protect(ptr, len, READ_EXECUTE) }
            .map_err(|code| wasmtime::format_err!("os error {code}: wasmtime_mprotect refused to make code executable"))
    }

    fn unpublish_executable(&self, ptr: *const u8, len: usize) -> wasmtime::Result<()> {
        // Wasmtime panics on an error here. A platform that refuses leaves the pages executable and readable, and the
        // module is gone: nothing jumps there any more.
        // SAFETY: no code of the module runs any more; the image's owner gets its pages back as data.
        let _ = unsafe { protect(ptr, len, READ_WRITE) };
        Ok(())
    }
}
