//! Errors of a device, copied out of the library.

use std::cell::RefCell;
use std::ffi::CStr;
use std::num::NonZeroU64;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::{fmt, ptr};

use super::api::Api;
use super::ffi;
use super::store::StoreId;
use super::value::Value;

/// Why a call failed, as `minplat_error_code_t` numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorCode(pub u32);

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $number:literal)*) => {
        impl ErrorCode {
            $($(#[$doc])* pub const $name: ErrorCode = ErrorCode($number);)*

            /// The codes by their C names without the prefix.
            pub const NAMES: &[(&str, ErrorCode)] = &[$((stringify!($name), ErrorCode::$name)),*];

            /// The name in lower case, `other` for a number that is not known here.
            pub fn name(self) -> String {
                let found = Self::NAMES.iter().find(|(_, code)| *code == self);
                found.map_or("other", |(name, _)| name).to_ascii_lowercase()
            }
        }
    };
}
codes! {
    /// No error.
    OK = 0
    /// The artifact is cut or changed.
    ARTIFACT_DAMAGED = 1
    /// It was compiled for another platform.
    PLATFORM_MISMATCH = 2
    /// It does not lie where it can be used in place.
    MISALIGNED = 3
    /// It is no artifact.
    WRONG_FORMAT = 4
    /// The device has no memory left.
    OUT_OF_MEMORY = 5
    /// An import is missing or of another type.
    LINK = 6
    /// The guest trapped.
    TRAP = 7
    /// The guest ran out of fuel: a trap too.
    OUT_OF_FUEL = 8
    /// The guest ran past its epoch deadline: a trap too.
    INTERRUPTED = 9
    /// A value, or the number of values, does not fit a type.
    TYPE = 10
    /// There is nothing with that name or index.
    NOT_FOUND = 11
    /// The platform does not have it.
    UNSUPPORTED = 12
    /// A host function failed.
    HOST = 13
    /// An argument that makes no sense, such as a handle of another store.
    ARGUMENT = 14
    /// A limit of the store, or a maximum, does not allow it.
    LIMIT = 15
    /// An exception that no guest caught.
    EXCEPTION = 16
    /// Anything else.
    OTHER = 255
}

/// A failed call into a device library.
#[derive(Clone, Debug)]
pub struct Error {
    /// What kind of failure.
    pub code: ErrorCode,
    /// The whole text: what failed, why, and what to do.
    pub message: String,
    /// Which trap, if it was one.
    pub trap: Option<Trap>,
    /// The wasm frames that were active, innermost first.
    pub frames: Vec<Frame>,
    /// Whether more were active than there are frames.
    pub frames_truncated: bool,
    /// What the exception carried, if it was one that nobody caught.
    pub exception: Option<Vec<Value>>,
    /// Which of the running host function's errors it is, if it came from a call inside one.
    origin: Option<NonZeroU64>,
}

/// The library's own errors of calls inside one host function, while that runs: the function can end with one of them, and only
/// so are the trap and the frames behind it not lost.
pub(super) struct Origins {
    api: &'static Api,
    errors: RefCell<Vec<(NonZeroU64, *mut ffi::minplat_error_t)>>,
}

impl Origins {
    /// None yet.
    pub(super) fn new(api: &'static Api) -> Self {
        Self { api, errors: RefCell::default() }
    }

    /// The library's error behind one that is as it came; null for any other.
    pub(super) fn take(&self, error: &Error) -> *mut ffi::minplat_error_t {
        let mut errors = self.errors.borrow_mut();
        let found = errors.iter().position(|(number, _)| Some(*number) == error.origin);
        let Some((_, raw)) = found.map(|at| errors.swap_remove(at)) else { return ptr::null_mut() };
        // SAFETY: the error is alive.
        let original = unsafe { copy(self.api, raw) };
        // An exception's text was made here.
        let is_same =
            error.code == original.code && (error.message == original.message || error.code == ErrorCode::EXCEPTION);
        if is_same {
            return raw;
        }
        // SAFETY: it is ours.
        unsafe { self.api.error_delete(raw) };
        ptr::null_mut()
    }
}

impl Drop for Origins {
    fn drop(&mut self) {
        for (_, raw) in self.errors.get_mut() {
            // SAFETY: they are ours.
            unsafe { self.api.error_delete(*raw) }
        }
    }
}

/// A trap of the guest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trap {
    /// Its number, `minplat_trap_code_t`.
    pub code: u32,
    /// What it means, in words.
    pub text: String,
}

/// A frame of a wasm backtrace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Index in the module's function space.
    pub function_index: u32,
    /// The function's name, where the artifact has names.
    pub function_name: Option<String>,
    /// The module's name, where it has one.
    pub module_name: Option<String>,
    /// Offset in the `.wasm` file, where the artifact has an address map.
    pub module_offset: Option<u32>,
    /// Offset in the image's `.text`: what `minplat-inspect --symbolize` takes.
    pub text_offset: Option<u32>,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

impl Error {
    /// An error found on this side of the boundary.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            trap: None,
            frames: Vec::new(),
            frames_truncated: false,
            exception: None,
            origin: None,
        }
    }

    /// A handle was used with a store that did not make it.
    pub(super) fn foreign(what: &str) -> Self {
        Self::new(ErrorCode::ARGUMENT, format!("a {what} was used with a store that did not make it"))
    }
}

/// Copies `len` bytes of UTF-8 at `text`; `None` for null.
///
/// # Safety
/// Null, or valid for `len` bytes.
pub(super) unsafe fn string(text: *const u8, len: usize) -> Option<String> {
    if text.is_null() {
        return None;
    }
    // SAFETY: the caller's.
    let bytes = unsafe { std::slice::from_raw_parts(text, len) };
    Some(String::from_utf8_lossy(bytes).into_owned())
}

/// Turns an error of the library, owned, into one of ours; null is success.
///
/// # Safety
/// Null, or an error that a function of `api` has just returned.
pub(super) unsafe fn check(api: &Api, error: *mut ffi::minplat_error_t) -> Result<(), Error> {
    if error.is_null() {
        return Ok(());
    }
    // SAFETY: the error is alive, and nobody needs it after it was copied.
    unsafe {
        let copy = copy(api, error);
        api.error_delete(error);
        Err(copy)
    }
}

/// As [`check`], for a call inside a host function, which may end with the error.
///
/// # Safety
/// As [`check`].
pub(super) unsafe fn check_nested(origins: &Origins, error: *mut ffi::minplat_error_t) -> Result<(), Error> {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    if error.is_null() {
        return Ok(());
    }
    let number = NonZeroU64::new(NEXT.fetch_add(1, Relaxed)).expect("it counts up from 1");
    origins.errors.borrow_mut().push((number, error));
    // SAFETY: the error is alive.
    Err(Error { origin: Some(number), ..unsafe { copy(origins.api, error) } })
}

/// What an error of the library says.
///
/// # Safety
/// It is an error of `api`'s library, and alive.
unsafe fn copy(api: &Api, error: *mut ffi::minplat_error_t) -> Error {
    // SAFETY: the caller's; everything borrowed from the error is copied.
    unsafe {
        let mut len = 0;
        let message = api.error_message(error, &mut len);
        let message = string(message, len).unwrap_or_default();
        let mut code = 0;
        let trap = api.error_trap_code(error, &mut code).then(|| Trap { code, text: trap_text(api, code) });
        let frames = (0..api.error_frame_count(error)).filter_map(|i| frame(api, error, i)).collect();
        let frames_truncated = api.error_frames_truncated(error);
        let code = ErrorCode(api.error_code(error));
        Error { code, message, trap, frames, frames_truncated, exception: None, origin: None }
    }
}

/// Takes the exception behind an error out of its store, so that the error has what it carried.
///
/// # Safety
/// `cx` is a store of `api`'s library, and `error` came from a call in it.
pub(super) unsafe fn with_exception(
    api: &Api,
    cx: *mut ffi::minplat_context_t,
    store: StoreId,
    mut error: Error,
) -> Error {
    if error.code != ErrorCode::EXCEPTION {
        return error;
    }
    let mut exception = ffi::minplat_ref_t::default();
    let mut len = 0;
    // SAFETY: the caller's; there is room for each answer.
    let carried = unsafe {
        check(api, api.context_take_exception(cx, &mut exception))
            .and_then(|()| check(api, api.exception_len(cx, &exception, &mut len)))
            .and_then(|()| {
                (0..len).map(|index| carried(api, cx, store, &exception, index)).collect::<Result<Vec<_>, _>>()
            })
    };
    if error.origin.is_some() {
        // A host function may hand it on: it is on its way again.
        // SAFETY: the exception is the store's; the error says only that.
        unsafe { api.error_delete(api.throw(cx, &exception)) };
    }
    if let Ok(carried) = carried {
        error.message = format!("an exception was not caught; it carries ({})", crate::text::list(&carried));
        error.exception = Some(carried);
    }
    error
}

/// # Safety
/// `cx` is a store of `api`'s library, and the exception is its.
unsafe fn carried(
    api: &Api,
    cx: *mut ffi::minplat_context_t,
    store: StoreId,
    exception: &ffi::minplat_ref_t,
    index: usize,
) -> Result<Value, Error> {
    let mut raw = ffi::minplat_value_t { kind: ffi::MINPLAT_I32, of: ffi::minplat_value_union_t { v128: [0; 16] } };
    // SAFETY: the caller's; there is room for the answer.
    unsafe { check(api, api.exception_get(cx, exception, index, &mut raw)) }?;
    Value::from_raw(&raw, store)
}

fn trap_text(api: &Api, code: u32) -> String {
    // SAFETY: any number is a fair question; the text is static.
    unsafe {
        let text = api.trap_text(code);
        if text.is_null() { format!("trap {code}") } else { CStr::from_ptr(text).to_string_lossy().into_owned() }
    }
}

/// # Safety
/// `error` is alive.
unsafe fn frame(api: &Api, error: *const ffi::minplat_error_t, index: usize) -> Option<Frame> {
    let mut raw = ffi::minplat_frame_t {
        function_index: 0,
        module_offset: u32::MAX,
        text_offset: u32::MAX,
        function_name: std::ptr::null(),
        function_name_len: 0,
        module_name: std::ptr::null(),
        module_name_len: 0,
    };
    // SAFETY: the error is alive; the names are borrowed from it and copied.
    unsafe {
        api.error_frame(error, index, &mut raw).then(|| Frame {
            function_index: raw.function_index,
            function_name: string(raw.function_name, raw.function_name_len),
            module_name: string(raw.module_name, raw.module_name_len),
            module_offset: Some(raw.module_offset).filter(|offset| *offset != u32::MAX),
            text_offset: Some(raw.text_offset).filter(|offset| *offset != u32::MAX),
        })
    }
}
