//! The frames of a guest that failed.

use core::ptr;

use minplat::wasmtime::{FrameInfo, WasmBacktrace};

use crate::error::{borrow, minplat_error_t};

/// One function that was running when the guest failed. Names are UTF-8, not terminated, and valid until the error is
/// deleted; NULL where the module has none.
#[repr(C)]
pub struct minplat_frame_t {
    /// Index among the module's functions, imported ones first.
    pub function_index: u32,
    /// Where the instruction starts in the `.wasm` file; UINT32_MAX if the module has no address map.
    pub module_offset: u32,
    /// Where that instruction's code starts in the image's `.text`; UINT32_MAX if the module has no address map.
    pub text_offset: u32,
    /// The function's name.
    pub function_name: *const u8,
    /// Bytes of the function's name.
    pub function_name_len: usize,
    /// The module's name.
    pub module_name: *const u8,
    /// Bytes of the module's name.
    pub module_name_len: usize,
}

/// All that Wasmtime kept: one more than is shown, if there were so many.
fn all(error: Option<&minplat_error_t>) -> &[FrameInfo] {
    error.and_then(|e| e.inner()?.downcast_ref::<WasmBacktrace>()).map_or(&[], |backtrace| backtrace.frames())
}

fn frames(error: Option<&minplat_error_t>) -> &[FrameInfo] {
    let all = all(error);
    all.get(..minplat::BACKTRACE_FRAMES).unwrap_or(all)
}

/// Whether more functions were running than there are frames. Stack: 1 KiB. Tasks: the error's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_error_frames_truncated(error: *const minplat_error_t) -> bool {
    let _turn = crate::turn::take();
    // SAFETY: NULL, or an error of this library.
    all(unsafe { borrow(error) }).len() > minplat::BACKTRACE_FRAMES
}

/// How many functions of guests were running when the error came to be. At most 20 are kept, the innermost:
/// `minplat_error_frames_truncated` says whether there were more. Stack: 1 KiB. Tasks: the error's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_error_frame_count(error: *const minplat_error_t) -> usize {
    let _turn = crate::turn::take();
    // SAFETY: NULL, or an error of this library.
    frames(unsafe { borrow(error) }).len()
}

/// One of them, 0 being the one that failed. False if there is no such frame. Stack: 2 KiB. Tasks: the error's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_error_frame(
    error: *const minplat_error_t,
    index: usize,
    out: *mut minplat_frame_t,
) -> bool {
    let _turn = crate::turn::take();
    // SAFETY: NULL, or an error of this library.
    let Some(frame) = frames(unsafe { borrow(error) }).get(index) else { return false };
    let module_offset = frame.module_offset().map_or(u32::MAX, |offset| offset as u32);
    let (function_name, function_name_len) = parts(frame.func_name());
    let (module_name, module_name_len) = parts(frame.module().name());
    let frame = minplat_frame_t {
        function_index: frame.func_index(),
        module_offset,
        text_offset: text_offset(frame, module_offset),
        function_name,
        function_name_len,
        module_name,
        module_name_len,
    };
    // SAFETY: NULL, or room for a frame.
    unsafe { crate::args::out(out, frame) }.is_ok()
}

/// Wasmtime keeps the instruction, not the address: this finds the address by the map that it came from.
fn text_offset(frame: &FrameInfo, module_offset: u32) -> u32 {
    let map = frame.module().address_map();
    let found = map.and_then(|mut map| map.find(|(_, wasm)| *wasm == Some(module_offset)));
    found.map_or(u32::MAX, |(text, _)| text as u32)
}

fn parts(name: Option<&str>) -> (*const u8, usize) {
    name.map_or((ptr::null(), 0), |name| (name.as_ptr(), name.len()))
}
