//! Errors as objects: code, text, and for traps the code and the frames (see `trap.rs`, `frame.rs`).

use alloc::boxed::Box;
use alloc::collections::TryReserveError;
use alloc::string::String;
use core::cell::OnceCell;
use core::fmt::{self, Write as _};
use core::mem::ManuallyDrop;
use core::ptr::{self, NonNull};

use minplat::wasmtime::{Error, OutOfMemory, Trap, WasmBacktrace};
#[cfg(feature = "gc")]
use minplat::wasmtime::{GcHeapOutOfMemory, ThrownException};

use crate::args::text;
use crate::heap::{is_reserve_taken, try_box};
use crate::purpose::{Purpose, expect};

/// What kind of error it is. The numbers are stable; new ones may come.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum minplat_error_code_t {
    /// No error: the code of NULL.
    MINPLAT_OK = 0,
    /// The artifact is cut or changed: its digest or its layout is wrong.
    MINPLAT_ERROR_ARTIFACT_DAMAGED = 1,
    /// The artifact was compiled for another platform or by another Wasmtime, or uses what this CPU does not have.
    MINPLAT_ERROR_PLATFORM_MISMATCH = 2,
    /// The artifact does not lie on the boundary that the text names.
    MINPLAT_ERROR_MISALIGNED = 3,
    /// The bytes are no artifact of `minplat-compile`.
    MINPLAT_ERROR_WRONG_FORMAT = 4,
    /// Memory ran out: the heap's, or the platform refused to map, protect or fill pages.
    MINPLAT_ERROR_OUT_OF_MEMORY = 5,
    /// An import is missing or has another type, or a name is defined twice.
    MINPLAT_ERROR_LINK = 6,
    /// The guest trapped; `minplat_error_trap_code` says how.
    MINPLAT_ERROR_TRAP = 7,
    /// The guest ran out of fuel: a trap too.
    MINPLAT_ERROR_OUT_OF_FUEL = 8,
    /// The guest ran past its epoch deadline: a trap too.
    MINPLAT_ERROR_INTERRUPTED = 9,
    /// A value, or the number of values, does not fit a type.
    MINPLAT_ERROR_TYPE = 10,
    /// There is nothing with this name or index.
    MINPLAT_ERROR_NOT_FOUND = 11,
    /// The platform does not have it; the text names the key that switches it on.
    MINPLAT_ERROR_UNSUPPORTED = 12,
    /// A host function returned an error made by `minplat_error_new`.
    MINPLAT_ERROR_HOST = 13,
    /// An argument is NULL, not UTF-8, or a handle of another store or of another kind.
    MINPLAT_ERROR_ARGUMENT = 14,
    /// A limit of the store, or a maximum, does not allow it.
    MINPLAT_ERROR_LIMIT = 15,
    /// An exception that no guest caught; `minplat_context_take_exception` gives it.
    #[cfg_attr(not(feature = "gc"), expect(dead_code, reason = "nothing throws without a collector"))]
    MINPLAT_ERROR_EXCEPTION = 16,
    /// Anything else; see the text.
    MINPLAT_ERROR_OTHER = 255,
}

use minplat_error_code_t as code;

/// An error; NULL stands for success.
pub struct minplat_error_t {
    code: code,
    /// Whether it is a [`Fixed`] one, which nobody frees.
    is_fixed: bool,
    kind: Kind,
    /// What `minplat_error_message` made of it.
    message: OnceCell<String>,
}

enum Kind {
    Fixed(&'static str),
    Text(String),
    Wasmtime(Error),
}

/// An error that costs no memory, and so can be made while another thread, or what an interrupt stopped, is in the heap, or
/// before there is one.
pub(crate) struct Fixed(minplat_error_t);

// SAFETY: `message` of a fixed error is never filled, so nothing in it changes.
unsafe impl Sync for Fixed {}

impl Fixed {
    pub(crate) const fn new(code: code, text: &'static str) -> Self {
        Self(minplat_error_t { code, is_fixed: true, kind: Kind::Fixed(text), message: OnceCell::new() })
    }
}

static OUT_OF_MEMORY: Fixed = Fixed::new(
    code::MINPLAT_ERROR_OUT_OF_MEMORY,
    "out of memory: give the platform more, or let guests use less (minplat_store_set_limits)",
);
static NULL: Fixed = Fixed::new(code::MINPLAT_ERROR_ARGUMENT, "an argument that must point to something is NULL");
static NO_EPOCHS: Fixed = Fixed::new(
    code::MINPLAT_ERROR_UNSUPPORTED,
    "this platform has no epochs: set wasm.interruption = \"epoch\" in the platform file",
);

/// An error on its way out: what `?` carries inside this library.
pub(crate) struct Failure(NonNull<minplat_error_t>);

impl Failure {
    pub(crate) const OUT_OF_MEMORY: Self = Self::fixed(&OUT_OF_MEMORY);
    pub(crate) const NULL: Self = Self::fixed(&NULL);
    pub(crate) const NO_EPOCHS: Self = Self::fixed(&NO_EPOCHS);

    /// An error that costs no memory.
    pub(crate) const fn fixed(error: &'static Fixed) -> Self {
        Self(NonNull::from_ref(&error.0))
    }

    /// [`Self::NULL`], for `ok_or_else`: what `ok_or` is given has to be dropped where it is not needed.
    pub(crate) fn null() -> Self {
        Self::NULL
    }

    /// [`Self::OUT_OF_MEMORY`], likewise.
    pub(crate) fn out_of_memory() -> Self {
        Self::OUT_OF_MEMORY
    }

    /// An error with a fixed text.
    #[cold]
    pub(crate) fn new(code: code, text: &'static str) -> Self {
        Self::boxed(code, Kind::Fixed(text))
    }

    /// An error with a text of its own; out of memory if there is none left for it.
    #[cold]
    pub(crate) fn text(code: code, arguments: fmt::Arguments<'_>) -> Self {
        match format(arguments) {
            Some(text) => Self::boxed(code, Kind::Text(text)),
            None => Self::OUT_OF_MEMORY,
        }
    }

    /// An error of Wasmtime's; `fallback` is its code unless the error says more.
    #[cold]
    pub(crate) fn wasmtime(error: Error, fallback: code) -> Self {
        // The room that its text took is wanted for the next one.
        let is_out_of_text = is_reserve_taken();
        let code = if is_out_of_text { None } else { code_of(&error).or(Some(fallback)) };
        let code = code.unwrap_or(code::MINPLAT_ERROR_OUT_OF_MEMORY);
        if code == code::MINPLAT_ERROR_OUT_OF_MEMORY {
            // A guest's growth may have ended here that was announced and never came.
            expect(Purpose::Other, 0);
        }
        if is_out_of_text {
            return Self::OUT_OF_MEMORY;
        }
        Self::boxed(code, Kind::Wasmtime(error))
    }

    fn boxed(code: code, kind: Kind) -> Self {
        match try_box(minplat_error_t { code, is_fixed: false, kind, message: OnceCell::new() }) {
            Some(error) => Self(NonNull::from(Box::leak(error))),
            None => Self::OUT_OF_MEMORY,
        }
    }

    /// What kind of error it is.
    pub(crate) fn code(&self) -> code {
        // SAFETY: a failure owns its object, or it is a fixed one that stays.
        unsafe { self.0.as_ref() }.code
    }

    /// What a host function returned. It owned the error, and gave it up.
    pub(crate) fn returned(error: NonNull<minplat_error_t>) -> Self {
        Self(error)
    }

    /// The error in Wasmtime's form, to be carried through a guest. `is_thrown` says whether an exception of the guest's
    /// store is on its way.
    #[cfg_attr(not(feature = "gc"), expect(unused_variables, reason = "nothing throws without a collector"))]
    pub(crate) fn into_error(self, is_thrown: bool) -> Error {
        let raw = self.into_raw();
        // SAFETY: a failure owns its object, or it is a fixed one that stays.
        let fixed = unsafe { &*raw };
        if fixed.is_fixed {
            return match fixed.kind {
                Kind::Fixed(text) if fixed.code != code::MINPLAT_ERROR_OUT_OF_MEMORY => {
                    Error::new(Returned { code: fixed.code, text: Kind::Fixed(text) })
                }
                // Costs no memory here either.
                _ => OutOfMemory::new(0).into(),
            };
        }
        // SAFETY: every error that is not fixed was boxed, and a failure owns its object.
        let error = unsafe { Box::from_raw(raw) };
        let text = match error.kind {
            // What it stands for is in another store, or was taken.
            #[cfg(feature = "gc")]
            Kind::Wasmtime(_) if error.code == code::MINPLAT_ERROR_EXCEPTION && !is_thrown => Kind::Fixed(NOT_THROWN),
            Kind::Wasmtime(inner) if code_of(&inner) == Some(error.code) => return inner,
            // Its code is from what was called, which is forgotten outside.
            Kind::Wasmtime(inner) => describe(&inner).map_or(Kind::Fixed(NO_TEXT), Kind::Text),
            text => text,
        };
        Error::new(Returned { code: error.code, text })
    }

    fn into_raw(self) -> *mut minplat_error_t {
        ManuallyDrop::new(self).0.as_ptr()
    }
}

impl Drop for Failure {
    fn drop(&mut self) {
        // SAFETY: a failure owns its object, and this is its end.
        unsafe { delete(self.0.as_ptr()) }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::wasmtime(error, code::MINPLAT_ERROR_OTHER)
    }
}

/// The result of an exported function.
#[inline(always)]
pub(crate) fn report(body: impl FnOnce() -> Result<(), Failure>) -> *mut minplat_error_t {
    let _turn = crate::turn::take();
    report_in_interrupt(body)
}

/// The same for what may be called at any time, whoever is in the library.
#[inline(always)]
pub(crate) fn report_in_interrupt(body: impl FnOnce() -> Result<(), Failure>) -> *mut minplat_error_t {
    body().map_or_else(Failure::into_raw, |()| ptr::null_mut())
}

/// What a host function returned, while Wasmtime carries it through the guest.
struct Returned {
    code: code,
    text: Kind,
}

// SAFETY: its texts can be read on any thread, and nothing in it changes; it never holds `Kind::Wasmtime`.
unsafe impl Send for Returned {}
// SAFETY: as above.
unsafe impl Sync for Returned {}

impl fmt::Display for Returned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.text {
            Kind::Fixed(text) => text,
            Kind::Text(text) => text,
            Kind::Wasmtime(_) => "",
        })
    }
}

impl fmt::Debug for Returned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl core::error::Error for Returned {}

impl minplat_error_t {
    /// What Wasmtime said, if it did.
    pub(crate) fn inner(&self) -> Option<&Error> {
        match &self.kind {
            Kind::Wasmtime(error) => Some(error),
            _ => None,
        }
    }

    fn message(&self) -> &str {
        match &self.kind {
            Kind::Fixed(text) => text,
            Kind::Text(text) => text,
            Kind::Wasmtime(error) => match self.message.get() {
                Some(text) => text,
                None => match describe(error) {
                    Some(text) => self.message.get_or_init(|| text),
                    None => NO_TEXT,
                },
            },
        }
    }
}

#[cfg(feature = "gc")]
const NOT_THROWN: &str = "an exception of another store was not caught there, or was taken before";
const NO_TEXT: &str = "out of memory while the error's text was made";

/// Whether code of a guest, or a host function for it, had run when the error came to be.
pub(crate) fn is_of_guest(error: &Error) -> bool {
    error.is::<WasmBacktrace>() || error.is::<Trap>() || error.is::<Returned>()
}

/// What an error of Wasmtime's says by itself: memory, a trap, a limit, or what a host function returned.
pub(crate) fn code_of(error: &Error) -> Option<code> {
    if let Some(trap) = error.downcast_ref::<Trap>() {
        return Some(match trap {
            Trap::OutOfFuel => code::MINPLAT_ERROR_OUT_OF_FUEL,
            Trap::Interrupt => code::MINPLAT_ERROR_INTERRUPTED,
            _ => code::MINPLAT_ERROR_TRAP,
        });
    }
    if let Some(returned) = error.downcast_ref::<Returned>() {
        return Some(returned.code);
    }
    if error.is::<OutOfMemory>() || error.is::<TryReserveError>() {
        return Some(code::MINPLAT_ERROR_OUT_OF_MEMORY);
    }
    #[cfg(feature = "gc")]
    if error.is::<ThrownException>() {
        return Some(code::MINPLAT_ERROR_EXCEPTION);
    } else if error.is::<GcHeapOutOfMemory<()>>() {
        return Some(code::MINPLAT_ERROR_OUT_OF_MEMORY);
    }
    // Wasmtime has no types for these, only texts; the tests in C and of minplat-host tell when they change.
    let Some(text) = format(format_args!("{}", error.root_cause())) else {
        return Some(code::MINPLAT_ERROR_OUT_OF_MEMORY);
    };
    if text.starts_with("os error") {
        Some(code::MINPLAT_ERROR_OUT_OF_MEMORY)
    } else if text.starts_with("resource limit exceeded")
        || text.ends_with("exceeds memory limits")
        || text.ends_with("exceeds table limits")
    {
        Some(code::MINPLAT_ERROR_LIMIT)
    } else {
        None
    }
}

/// The text of Wasmtime's error: all causes, or behind a backtrace (which has functions of its own) the first alone.
fn describe(error: &Error) -> Option<String> {
    #[cfg(feature = "gc")]
    if error.is::<ThrownException>() {
        return format(format_args!("an exception was not caught: minplat_context_take_exception gives it"));
    }
    if error.is::<WasmBacktrace>() {
        format(format_args!("{}", error.root_cause()))
    } else {
        format(format_args!("{error:#}"))
    }
}

/// A text that says so when memory runs out.
struct Growing(String);

impl fmt::Write for Growing {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.try_reserve(text.len()).map_err(|_| fmt::Error)?;
        self.0.push_str(text);
        Ok(())
    }
}

/// `alloc::format!`, but `None` when memory runs out.
pub(crate) fn format(arguments: fmt::Arguments<'_>) -> Option<String> {
    let mut text = Growing(String::new());
    text.write_fmt(arguments).ok()?;
    Some(text.0)
}

/// The error's kind; MINPLAT_OK for NULL. Stack: 1 KiB. Tasks: the error's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_error_code(error: *const minplat_error_t) -> minplat_error_code_t {
    // SAFETY: NULL, or an error of this library.
    unsafe { error.as_ref() }.map_or(code::MINPLAT_OK, |error| error.code)
}

/// The whole text, with causes and remedy: `*len` bytes of UTF-8, not terminated, valid until the error is deleted. NULL
/// and no bytes for NULL. `len` may not be NULL. Stack: 2 KiB. Tasks: the error's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_error_message(error: *const minplat_error_t, len: *mut usize) -> *const u8 {
    let _turn = crate::turn::take();
    // SAFETY: NULL, or room for a length.
    let Some(len) = (unsafe { len.as_mut() }) else { return ptr::null() };
    *len = 0;
    // SAFETY: NULL, or an error of this library.
    let Some(error) = (unsafe { error.as_ref() }) else { return ptr::null() };
    let message = error.message();
    *len = message.len();
    message.as_ptr()
}

/// Makes an error for a host function to return: it ends the guest's call and comes out of `minplat_func_call` with the code
/// MINPLAT_ERROR_HOST. The text is copied. Never NULL: bytes that are not UTF-8, or NULL with a length, give an error that says
/// so (MINPLAT_ERROR_ARGUMENT) and ends the guest's call likewise. Stack: 1 KiB. Tasks: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_error_new(message: *const u8, len: usize) -> *mut minplat_error_t {
    let _turn = crate::turn::take();
    // SAFETY: NULL, or `len` bytes.
    let failure = match unsafe { text(message, len) } {
        Ok(message) => Failure::text(code::MINPLAT_ERROR_HOST, format_args!("{message}")),
        Err(failure) => failure,
    };
    failure.into_raw()
}

/// Frees an error. NULL is fine. Stack: 1 KiB. Tasks: the error's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_error_delete(error: *mut minplat_error_t) {
    let _turn = crate::turn::take();
    // SAFETY: NULL, or an error of this library that its owner gives back.
    unsafe { delete(error) }
}

/// Frees an error, unless it is a fixed one.
///
/// # Safety
/// `error` is NULL or an error of this library, and nobody has it any more.
unsafe fn delete(error: *mut minplat_error_t) {
    // SAFETY: NULL, or an error of this library.
    if unsafe { error.as_ref() }.is_some_and(|error| !error.is_fixed) {
        // SAFETY: every error that is not fixed was boxed, and its owner gives it back.
        drop(unsafe { Box::from_raw(error) });
    }
}

/// The error, if it is one of this library's.
///
/// # Safety
/// `error` is NULL or an error of this library.
pub(crate) unsafe fn borrow<'a>(error: *const minplat_error_t) -> Option<&'a minplat_error_t> {
    // SAFETY: the caller's contract is the function's own.
    unsafe { error.as_ref() }
}
