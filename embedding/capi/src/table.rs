//! Tables of references.

use core::mem::MaybeUninit;

use minplat::wasmtime::{Ref, RefType, Table, TableType, ValType};

use crate::args::{out, place, required};
use crate::error::{Failure, minplat_error_code_t as code, minplat_error_t, report};
use crate::handle::handle;
use crate::store::{Context, attempt, context, minplat_context_t};
use crate::types::{MINPLAT_EXTERN_TABLE, kind_of_reference, minplat_kind_t, minplat_limits_type_t};
use crate::value::{from_ref, minplat_value_t, mismatch, reference, type_of};

/// A table, valid with its store.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct minplat_table_t {
    /// The number of the store, with the kind of handle in the topmost byte.
    pub store: u64,
    /// Which; opaque.
    pub opaque: [MaybeUninit<u64>; 2],
}
handle!(minplat_table_t, Table, MINPLAT_EXTERN_TABLE);

/// # Safety
/// Pointers are NULL or point to what their types say.
unsafe fn both<'a>(
    context: *const minplat_context_t,
    table: *const minplat_table_t,
) -> Result<(Context<'a>, Table), Failure> {
    // SAFETY: the caller's contract is the function's own.
    let (context, table) = unsafe { (self::context(context)?, required(table)?) };
    let table = table.get(&context)?;
    Ok((context, table))
}

/// A value as an element of this type.
fn element(context: &Context<'_>, value: &minplat_value_t, ty: &RefType) -> Result<Ref, Failure> {
    if value.kind != kind_of_reference(ty.heap_type()) {
        return Err(mismatch());
    }
    reference(context, value, ty)
}

fn outside() -> Failure {
    Failure::new(code::MINPLAT_ERROR_NOT_FOUND, "the table has no element with this index")
}

/// How many elements the table has; 0 if an argument is not valid. Stack: 2 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_table_size(context: *const minplat_context_t, table: *const minplat_table_t) -> u64 {
    let _turn = crate::turn::take();
    // SAFETY: pointers are NULL or point to what their types say.
    unsafe { both(context, table) }.map_or(0, |(context, table)| table.size(&context))
}

/// Reads an element. MINPLAT_ERROR_NOT_FOUND if there is none with this index. Stack: 2 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_table_get(
    context: *mut minplat_context_t,
    table: *const minplat_table_t,
    index: u64,
    value: *mut minplat_value_t,
) -> *mut minplat_error_t {
    report(|| {
        // SAFETY: pointers are NULL or point to what their types say.
        let (mut context, table) = unsafe { both(context, table) }?;
        let found = table.get(&mut context, index).ok_or_else(outside)?;
        let found = from_ref(&mut context, &found);
        // SAFETY: NULL, or room for a value.
        unsafe { out(value, found) }
    })
}

/// Writes an element. MINPLAT_ERROR_NOT_FOUND if there is none with this index, MINPLAT_ERROR_TYPE if the value is not one of the
/// table's. Stack: 2 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_table_set(
    context: *mut minplat_context_t,
    table: *const minplat_table_t,
    index: u64,
    value: *const minplat_value_t,
) -> *mut minplat_error_t {
    report(|| {
        // SAFETY: pointers are NULL or point to what their types say.
        let ((mut context, table), value) = unsafe { (both(context, table)?, required(value)?) };
        let value = element(&context, value, table.ty(&context).element())?;
        if index >= table.size(&context) {
            return Err(outside());
        }
        Ok(table.set(&mut context, index, value)?)
    })
}

/// Grows a table by so many elements, all of them `init`. `previous`, unless NULL, gets the size before.
/// MINPLAT_ERROR_LIMIT if the table's maximum or a limit of the store does not allow it. Stack: 3 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_table_grow(
    context: *mut minplat_context_t,
    table: *const minplat_table_t,
    delta: u64,
    init: *const minplat_value_t,
    previous: *mut u64,
) -> *mut minplat_error_t {
    report(|| {
        // SAFETY: pointers are NULL or point to what their types say.
        let ((mut context, table), init) = unsafe { (both(context, table)?, required(init)?) };
        let init = element(&context, init, table.ty(&context).element())?;
        let grown = table.grow(&mut context, delta, init);
        let grown = grown.map_err(|error| Failure::wasmtime(error, code::MINPLAT_ERROR_LIMIT))?;
        // SAFETY: NULL, or room for a size.
        if let Some(previous) = unsafe { previous.as_mut() } {
            *previous = grown;
        }
        Ok(())
    })
}

/// Makes a table of nullable references that modules can import, every element `init`. `kind` is MINPLAT_FUNCREF, or
/// MINPLAT_EXTERNREF, MINPLAT_ANYREF or MINPLAT_EXNREF where the platform has runtime.gc. MINPLAT_ERROR_TYPE if `init` is not
/// of this kind, or the limits need is_64; MINPLAT_ERROR_LIMIT if the maximum or a limit of the store does not allow the minimum.
/// Stack: 5 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_table_new(
    context: *mut minplat_context_t,
    kind: minplat_kind_t,
    limits: *const minplat_limits_type_t,
    init: *const minplat_value_t,
    table: *mut minplat_table_t,
) -> *mut minplat_error_t {
    report(|| {
        // SAFETY: pointers are NULL or point to what their types say.
        let (mut context, limits, init) = unsafe { (self::context(context)?, required(limits)?, required(init)?) };
        let place = place(table)?;
        let Some(ValType::Ref(ty)) = type_of(kind) else { return Err(mismatch()) };
        let init = element(&context, init, &ty)?;
        let maximum = (limits.maximum != u64::MAX).then_some(limits.maximum);
        let ty = if limits.is_64 {
            TableType::new64(ty, limits.minimum, maximum)
        } else {
            let narrow = |n| u32::try_from(n).map_err(|_| too_large());
            TableType::new(ty, narrow(limits.minimum)?, maximum.map(narrow).transpose()?)
        };
        let new = attempt(&mut context, |context| Table::new(context, ty, init));
        let new = new.map_err(|error| Failure::wasmtime(error, code::MINPLAT_ERROR_LIMIT))?;
        let new = minplat_table_t::new(&mut context, new);
        // SAFETY: the place has room for a handle.
        unsafe { place.write(new) };
        Ok(())
    })
}

fn too_large() -> Failure {
    Failure::new(code::MINPLAT_ERROR_TYPE, "a table of 32-bit indices has at most 2^32 - 1 elements: set is_64")
}
