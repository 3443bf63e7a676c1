//! Arguments from C: what is NULL, what is text.

use alloc::boxed::Box;
use core::ptr::NonNull;
use core::{slice, str};

use crate::error::{Failure, minplat_error_code_t as code};
use crate::heap::try_box;

/// What the pointer points to.
///
/// # Safety
/// `pointer` is NULL or points to a `T` that nobody writes for as long as `'a` lasts.
pub(crate) unsafe fn required<'a, T>(pointer: *const T) -> Result<&'a T, Failure> {
    // SAFETY: the caller's contract is the function's own.
    unsafe { pointer.as_ref() }.ok_or_else(Failure::null)
}

/// What the pointer points to, to be changed.
///
/// # Safety
/// `pointer` is NULL or points to a `T` that nobody else uses for as long as `'a` lasts.
pub(crate) unsafe fn required_mut<'a, T>(pointer: *mut T) -> Result<&'a mut T, Failure> {
    // SAFETY: the caller's contract is the function's own.
    unsafe { pointer.as_mut() }.ok_or_else(Failure::null)
}

/// `len` items; none where `len` is 0, whatever the pointer.
///
/// # Safety
/// `pointer` is NULL or points to `len` items that nobody writes for as long as `'a` lasts.
pub(crate) unsafe fn items<'a, T>(pointer: *const T, len: usize) -> Result<&'a [T], Failure> {
    match (len, pointer.is_null()) {
        (0, _) => Ok(&[]),
        (_, true) => Err(Failure::NULL),
        // SAFETY: the caller's contract is the function's own.
        (_, false) => Ok(unsafe { slice::from_raw_parts(pointer, len) }),
    }
}

/// `len` items to be written; none where `len` is 0.
///
/// # Safety
/// `pointer` is NULL or points to `len` items that nobody else uses for as long as `'a` lasts.
pub(crate) unsafe fn items_mut<'a, T>(pointer: *mut T, len: usize) -> Result<&'a mut [T], Failure> {
    match (len, pointer.is_null()) {
        (0, _) => Ok(&mut []),
        (_, true) => Err(Failure::NULL),
        // SAFETY: the caller's contract is the function's own.
        (_, false) => Ok(unsafe { slice::from_raw_parts_mut(pointer, len) }),
    }
}

/// A name in UTF-8.
///
/// # Safety
/// As [`items`].
pub(crate) unsafe fn text<'a>(pointer: *const u8, len: usize) -> Result<&'a str, Failure> {
    // SAFETY: the caller's contract is the function's own.
    let bytes = unsafe { items(pointer, len) }?;
    str::from_utf8(bytes)
        .map_err(|_| Failure::new(code::MINPLAT_ERROR_ARGUMENT, "a name is not UTF-8: give it in UTF-8"))
}

/// A result's place.
///
/// # Safety
/// `pointer` is NULL or points to room for a `T`.
pub(crate) unsafe fn out<T>(pointer: *mut T, value: T) -> Result<(), Failure> {
    if pointer.is_null() {
        return Err(Failure::NULL);
    }
    // SAFETY: the caller's contract is the function's own.
    unsafe { pointer.write(value) };
    Ok(())
}

/// Where a pointer to a new object goes. Asked for before the object is made: one that has no place would be lost.
pub(crate) fn place<T>(pointer: *mut T) -> Result<NonNull<T>, Failure> {
    NonNull::new(pointer).ok_or_else(Failure::null)
}

/// An object for the program to own.
pub(crate) fn boxed<T>(object: T) -> Result<*mut T, Failure> {
    try_box(object).map(Box::into_raw).ok_or_else(Failure::out_of_memory)
}

/// Ends an object that the program gives back; NULL is fine.
///
/// # Safety
/// `object` is NULL or came from [`boxed`], and nobody has it any more.
pub(crate) unsafe fn delete<T>(object: *mut T) {
    let _turn = crate::turn::take();
    if !object.is_null() {
        // SAFETY: the caller's contract is the function's own.
        drop(unsafe { Box::from_raw(object) });
    }
}
