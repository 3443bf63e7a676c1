//! References that a collector owns: making them, asking what they are, keeping and releasing them; and exceptions. Where the
//! platform has no collector, every function here is MINPLAT_ERROR_UNSUPPORTED.

use core::ffi::c_void;
use core::mem::MaybeUninit;

use crate::args::delete;
use crate::error::{Failure, minplat_error_code_t as code, minplat_error_t, report};
use crate::host_func::{Env, minplat_finalizer_t};
use crate::raw::minplat_raw_t;
use crate::store::minplat_context_t;
use crate::tag::minplat_tag_t;
use crate::types::{minplat_heap_t, minplat_kind_t};
use crate::value::{minplat_ref_t, minplat_value_t};

#[cfg(not(feature = "gc"))]
#[path = "reference/off.rs"]
mod collector;
#[cfg(feature = "gc")]
#[path = "reference/on.rs"]
mod collector;

/// Whether there is a collector.
pub(crate) fn needs_gc() -> Result<(), Failure> {
    if cfg!(feature = "gc") {
        return Ok(());
    }
    Err(Failure::new(
        code::MINPLAT_ERROR_UNSUPPORTED,
        "this platform has no collector: set runtime.gc = true in the platform file",
    ))
}

/// A part of a program after which references are released. Zeros: none is open. While it is open it must not be copied.
#[repr(C)]
pub struct minplat_scope_t {
    /// Opaque.
    pub opaque: [MaybeUninit<usize>; 2],
    /// Whether it is open.
    pub is_open: bool,
}

/// Something that is kept alive until this is deleted.
#[cfg_attr(not(feature = "gc"), expect(dead_code, reason = "without a collector nobody makes one"))]
pub struct minplat_root_t {
    root: collector::Root,
    /// The store's number.
    store: u64,
}

/// Makes an externref to `data`, a thing of the host's. `finalizer`, unless NULL, is called with `data` once, when the
/// collector finds that nobody has the reference any more, when the store is deleted, or at once if this fails. It must not
/// call the library. MINPLAT_ERROR_OUT_OF_MEMORY if the collector's heap is full. Stack: 4 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_externref_new(
    context: *mut minplat_context_t,
    data: *mut c_void,
    finalizer: minplat_finalizer_t,
    reference: *mut minplat_ref_t,
) -> *mut minplat_error_t {
    // Made first, so that `data` is ended whatever fails.
    let data = Env { env: data, finalizer };
    // SAFETY: pointers are NULL or point to what their types say.
    report(|| unsafe { collector::externref_new(context, data, reference) })
}

/// What `minplat_externref_new` was given. MINPLAT_ERROR_TYPE if it was made by something else, as by a guest's
/// `extern.convert_any`. Stack: 4 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_externref_data(
    context: *const minplat_context_t,
    reference: *const minplat_ref_t,
    data: *mut *mut c_void,
) -> *mut minplat_error_t {
    // SAFETY: pointers are NULL or point to what their types say.
    report(|| unsafe { collector::externref_data(context, reference, data) })
}

/// What an anyref refers to: MINPLAT_HEAP_I31, _TYPED_STRUCT, _TYPED_ARRAY, or _ANY for a thing of the host's that a guest
/// converted. Stack: 1 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_anyref_heap(
    context: *const minplat_context_t,
    reference: *const minplat_ref_t,
    heap: *mut minplat_heap_t,
) -> *mut minplat_error_t {
    // SAFETY: pointers are NULL or point to what their types say.
    report(|| unsafe { collector::anyref_heap(context, reference, heap) })
}

/// Makes an anyref to a 31-bit integer: the lowest 31 bits of `value`. It takes no room in the collector's heap.
/// Stack: 1 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_i31_new(
    context: *mut minplat_context_t,
    value: i32,
    reference: *mut minplat_ref_t,
) -> *mut minplat_error_t {
    // SAFETY: pointers are NULL or point to what their types say.
    report(|| unsafe { collector::i31_new(context, value, reference) })
}

/// The integer that an anyref refers to, with its sign. MINPLAT_ERROR_TYPE if it refers to something else. Stack: 1 KiB.
/// Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_i31_get(
    context: *const minplat_context_t,
    reference: *const minplat_ref_t,
    value: *mut i32,
) -> *mut minplat_error_t {
    // SAFETY: pointers are NULL or point to what their types say.
    report(|| unsafe { collector::i31_get(context, reference, value) })
}

/// How many fields the struct has, or elements the array, that an anyref refers to. MINPLAT_ERROR_TYPE if it refers to
/// something else. Stack: 2 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_anyref_len(
    context: *const minplat_context_t,
    reference: *const minplat_ref_t,
    len: *mut u32,
) -> *mut minplat_error_t {
    // SAFETY: pointers are NULL or point to what their types say.
    report(|| unsafe { collector::anyref_len(context, reference, len) })
}

/// A field of the struct, or an element of the array, that an anyref refers to. Fields and elements of 8 and 16 bits come as
/// MINPLAT_I32, without a sign. MINPLAT_ERROR_NOT_FOUND if there is none with this index. Stack: 2 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_anyref_get(
    context: *mut minplat_context_t,
    reference: *const minplat_ref_t,
    index: u32,
    value: *mut minplat_value_t,
) -> *mut minplat_error_t {
    // SAFETY: pointers are NULL or point to what their types say.
    report(|| unsafe { collector::anyref_get(context, reference, index, value) })
}

/// Whether two references of a kind are one; two handles may be of one thing. Integers are compared by value. Stack: 1 KiB.
/// Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_ref_equal(
    context: *const minplat_context_t,
    one: *const minplat_ref_t,
    other: *const minplat_ref_t,
    equal: *mut bool,
) -> *mut minplat_error_t {
    // SAFETY: pointers are NULL or point to what their types say.
    report(|| unsafe { collector::ref_equal(context, one, other, equal) })
}

/// A reference in raw form, for the `reference` of a minplat_raw_t. It is good until the collector may run: give it to a call or
/// return it from a host function at once. Stack: 1 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_ref_to_raw(
    context: *mut minplat_context_t,
    reference: *const minplat_ref_t,
    raw: *mut minplat_raw_t,
) -> *mut minplat_error_t {
    // SAFETY: pointers are NULL or point to what their types say.
    report(|| unsafe { collector::ref_to_raw(context, reference, raw) })
}

/// The reference that compiled code of this store passed in raw form, as MINPLAT_EXTERNREF, MINPLAT_ANYREF or MINPLAT_EXNREF.
/// Stack: 1 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_ref_from_raw(
    context: *mut minplat_context_t,
    kind: minplat_kind_t,
    raw: *const minplat_raw_t,
    value: *mut minplat_value_t,
) -> *mut minplat_error_t {
    // SAFETY: pointers are NULL or point to what their types say.
    report(|| unsafe { collector::ref_from_raw(context, kind, raw, value) })
}

/// Opens a scope: references that come to be from now on are released by `minplat_scope_leave`. Scopes are left in the reverse
/// order; one that was opened in a host function before that returns. Stack: 4 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_scope_enter(
    context: *mut minplat_context_t,
    scope: *mut minplat_scope_t,
) -> *mut minplat_error_t {
    // SAFETY: pointers are NULL or point to what their types say.
    report(|| unsafe { collector::scope_enter(context, scope) })
}

/// Leaves a scope of a store that was not deleted: what its references refer to lives on only where somebody else has it. NULL,
/// and a scope that is not open, do nothing. Stack: 4 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_scope_leave(scope: *mut minplat_scope_t) {
    let _turn = crate::turn::take();
    // SAFETY: NULL, or a scope.
    unsafe { collector::scope_leave(scope) }
}

/// Keeps what a reference refers to, whatever scope ends. Owned by the caller. A null reference, and a value that is no
/// reference to something that is collected, is MINPLAT_ERROR_TYPE. Stack: 4 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_root_new(
    context: *mut minplat_context_t,
    value: *const minplat_value_t,
    root: *mut *mut minplat_root_t,
) -> *mut minplat_error_t {
    // SAFETY: pointers are NULL or point to what their types say.
    report(|| unsafe { collector::root_new(context, value, root) })
}

/// A new handle of what is kept. Stack: 4 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_root_get(
    context: *mut minplat_context_t,
    root: *const minplat_root_t,
    value: *mut minplat_value_t,
) -> *mut minplat_error_t {
    // SAFETY: pointers are NULL or point to what their types say.
    report(|| unsafe { collector::root_get(context, root, value) })
}

/// Keeps it no longer; before or after the store is deleted. NULL is fine. Stack: 4 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_root_delete(root: *mut minplat_root_t) {
    // SAFETY: NULL, or it came from `minplat_root_new`, and its owner gives it back.
    unsafe { delete(root) }
}

/// Runs the collector. It runs by itself when its heap is full. Stack: 3 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_context_collect(context: *mut minplat_context_t) -> *mut minplat_error_t {
    // SAFETY: NULL, or a store of this library.
    report(|| unsafe { collector::collect(context) })
}

/// Makes an exception: a tag, and values of the kinds that the tag has. Stack: 6 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_exception_new(
    context: *mut minplat_context_t,
    tag: *const minplat_tag_t,
    values: *const minplat_value_t,
    values_len: usize,
    exception: *mut minplat_ref_t,
) -> *mut minplat_error_t {
    // SAFETY: pointers are NULL or point to what their types say, as many as the lengths say.
    report(|| unsafe { collector::exception_new(context, tag, values, values_len, exception) })
}

/// Throws an exception: the error, unless it has another code than MINPLAT_ERROR_EXCEPTION, is for a host function to return. The
/// guest can catch it; if no guest does, it comes out of the outermost call. Stack: 6 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_throw(
    context: *mut minplat_context_t,
    exception: *const minplat_ref_t,
) -> *mut minplat_error_t {
    // SAFETY: pointers are NULL or point to what their types say.
    report(|| unsafe { collector::throw(context, exception) })
}

/// Takes the exception behind the latest MINPLAT_ERROR_EXCEPTION of the store, which keeps it until it is taken or another is
/// thrown. MINPLAT_ERROR_NOT_FOUND if there is none. A host function that returns that error lets the exception go on;
/// one that has taken it does not. Stack: 6 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_context_take_exception(
    context: *mut minplat_context_t,
    exception: *mut minplat_ref_t,
) -> *mut minplat_error_t {
    // SAFETY: pointers are NULL or point to what their types say.
    report(|| unsafe { collector::take_exception(context, exception) })
}

/// The tag of an exception. Stack: 6 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_exception_tag(
    context: *mut minplat_context_t,
    exception: *const minplat_ref_t,
    tag: *mut minplat_tag_t,
) -> *mut minplat_error_t {
    // SAFETY: pointers are NULL or point to what their types say.
    report(|| unsafe { collector::exception_tag(context, exception, tag) })
}

/// How many values an exception carries. Stack: 6 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_exception_len(
    context: *const minplat_context_t,
    exception: *const minplat_ref_t,
    len: *mut usize,
) -> *mut minplat_error_t {
    // SAFETY: pointers are NULL or point to what their types say.
    report(|| unsafe { collector::exception_len(context, exception, len) })
}

/// A value that an exception carries. MINPLAT_ERROR_NOT_FOUND if there is none with this index. Stack: 6 KiB.
/// Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_exception_get(
    context: *mut minplat_context_t,
    exception: *const minplat_ref_t,
    index: usize,
    value: *mut minplat_value_t,
) -> *mut minplat_error_t {
    // SAFETY: pointers are NULL or point to what their types say.
    report(|| unsafe { collector::exception_get(context, exception, index, value) })
}
