//! Where an artifact ends.

use crate::args::{items, out};
use crate::error::{Failure, minplat_error_t, report};
use crate::module::code_of_format;

/// The length of the artifact at `bytes`, of which `capacity` can be read: in a flash slot with padding behind it, in a
/// container with more files. It reads headers alone and takes no memory but for an error; damage is found by
/// `minplat_module_load`, which ignores what is behind an artifact too.
///
/// MINPLAT_ERROR_WRONG_FORMAT if no artifact starts there, MINPLAT_ERROR_ARTIFACT_DAMAGED if it is cut or its headers make
/// no sense. Stack: 1 KiB. Tasks: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_artifact_length(
    bytes: *const u8,
    capacity: usize,
    len: *mut usize,
) -> *mut minplat_error_t {
    report(|| {
        // SAFETY: NULL, or so many bytes.
        let bytes = unsafe { items(bytes, capacity) }?;
        let length = minplat_format::artifact_length(bytes)
            .map_err(|error| Failure::text(code_of_format(&error), format_args!("cannot tell the length: {error}")))?;
        // SAFETY: NULL, or room for a length.
        unsafe { out(len, length) }
    })
}
