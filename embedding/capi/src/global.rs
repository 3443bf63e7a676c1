//! Globals.

use core::mem::MaybeUninit;

use minplat::wasmtime::{Global, GlobalType, Mutability, ValType};

use crate::args::{out, place, required};
use crate::error::{Failure, minplat_error_code_t as code, minplat_error_t, report};
use crate::handle::handle;
use crate::store::{Context, context, minplat_context_t};
use crate::types::{MINPLAT_EXTERN_GLOBAL, minplat_kind_t};
use crate::value::{from_val, minplat_value_t, mismatch, type_of, val};

/// A global, valid with its store.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct minplat_global_t {
    /// The number of the store, with the kind of handle in the topmost byte.
    pub store: u64,
    /// Which; opaque.
    pub opaque: [MaybeUninit<u64>; 2],
}
handle!(minplat_global_t, Global, MINPLAT_EXTERN_GLOBAL);

/// # Safety
/// Pointers are NULL or point to what their types say.
unsafe fn both<'a>(
    context: *const minplat_context_t,
    global: *const minplat_global_t,
) -> Result<(Context<'a>, Global), Failure> {
    // SAFETY: the caller's contract is the function's own.
    let (context, global) = unsafe { (self::context(context)?, required(global)?) };
    let global = global.get(&context)?;
    Ok((context, global))
}

/// Reads a global. Stack: 2 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_global_get(
    context: *mut minplat_context_t,
    global: *const minplat_global_t,
    value: *mut minplat_value_t,
) -> *mut minplat_error_t {
    report(|| {
        // SAFETY: pointers are NULL or point to what their types say.
        let (mut context, global) = unsafe { both(context, global) }?;
        let found = global.get(&mut context);
        let found = from_val(&mut context, &found);
        // SAFETY: NULL, or room for a value.
        unsafe { out(value, found) }
    })
}

/// Writes a global. MINPLAT_ERROR_TYPE if it is constant or the value is of another kind. Stack: 2 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_global_set(
    context: *mut minplat_context_t,
    global: *const minplat_global_t,
    value: *const minplat_value_t,
) -> *mut minplat_error_t {
    report(|| {
        // SAFETY: pointers are NULL or point to what their types say.
        let ((mut context, global), value) = unsafe { (both(context, global)?, required(value)?) };
        let value = val(&context, value, global.ty(&context).content())?;
        global.set(&mut context, value).map_err(|error| Failure::wasmtime(error, code::MINPLAT_ERROR_TYPE))
    })
}

/// Makes a global that modules can import. Stack: 2 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_global_new(
    context: *mut minplat_context_t,
    kind: minplat_kind_t,
    is_mutable: bool,
    value: *const minplat_value_t,
    global: *mut minplat_global_t,
) -> *mut minplat_error_t {
    report(|| {
        // SAFETY: pointers are NULL or point to what their types say.
        let (mut context, value) = unsafe { (self::context(context)?, required(value)?) };
        let place = place(global)?;
        let ty: ValType = type_of(kind).ok_or_else(mismatch)?;
        let value = val(&context, value, &ty)?;
        let mutability = if is_mutable { Mutability::Var } else { Mutability::Const };
        let new = Global::new(&mut context, GlobalType::new(ty, mutability), value)?;
        let new = minplat_global_t::new(&mut context, new);
        // SAFETY: the place has room for a handle.
        unsafe { place.write(new) };
        Ok(())
    })
}
