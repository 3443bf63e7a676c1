//! Calls whose lookup and type check were paid before.

use core::mem::MaybeUninit;
use core::ptr::slice_from_raw_parts_mut;

use minplat::wasmtime::{Func, ValRaw};

use crate::args::{items, out, required};
use crate::error::{Failure, minplat_error_code_t as code, minplat_error_t, report};
use crate::func::minplat_func_t;
use crate::handle::mark;
use crate::heap::grow;
use crate::raw::minplat_raw_t;
use crate::store::{context, foreign, minplat_context_t};
use crate::types::{MINPLAT_EXTERN_FUNC, kind_of, minplat_kind_t};

/// A function whose type was checked, valid with its store.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct minplat_prepared_t {
    /// The store's number.
    pub store: u64,
    /// Which; opaque.
    pub opaque: MaybeUninit<u64>,
    /// How many values a call needs room for: as many as there are parameters, or results, whichever are more.
    pub slots: usize,
}

const _: () = assert!(core::mem::offset_of!(minplat_prepared_t, slots) == size_of::<Func>());
// Its `store` is a function's.
const _: () = assert!(mark(MINPLAT_EXTERN_FUNC) == 0);

/// Checks once that a function has the type that its calls will take for granted. MINPLAT_ERROR_TYPE if it has another.
/// Stack: 1 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_func_prepare(
    context: *const minplat_context_t,
    func: *const minplat_func_t,
    params: *const minplat_kind_t,
    params_len: usize,
    results: *const minplat_kind_t,
    results_len: usize,
    prepared: *mut minplat_prepared_t,
) -> *mut minplat_error_t {
    report(|| {
        // SAFETY: pointers are NULL or point to what their types say, as many as the lengths say.
        let (context, func, params, results) = unsafe {
            (self::context(context)?, required(func)?, items(params, params_len)?, items(results, results_len)?)
        };
        let ty = func.get(&context)?.ty(&context);
        let fits = ty.params().map(|ty| kind_of(&ty)).eq(params.iter().copied())
            && ty.results().map(|ty| kind_of(&ty)).eq(results.iter().copied());
        if !fits {
            return Err(Failure::new(
                code::MINPLAT_ERROR_TYPE,
                "the function has other parameters or results than it was prepared for: see minplat_func_type",
            ));
        }
        let slots = params.len().max(results.len());
        // SAFETY: NULL, or room for a handle.
        unsafe { out(prepared, minplat_prepared_t { store: func.store, opaque: func.opaque, slots }) }
    })
}

/// Calls a prepared function: `values` are the arguments, and then the results, from the first on. There must be room for
/// `slots` of them, and they must fit the type: nothing is checked but the room and the store. A trap, or an error that a
/// host function returned, comes out as the error; then the values are of no worth. Stack: 2 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_prepared_call(
    context: *mut minplat_context_t,
    prepared: *const minplat_prepared_t,
    values: *mut minplat_raw_t,
    values_len: usize,
) -> *mut minplat_error_t {
    report(|| {
        // SAFETY: pointers are NULL or point to what their types say.
        let (context, prepared) = unsafe { (self::context(context)?, required(prepared)?) };
        // As `minplat_func_t::get`, here because that call takes longer than what it does.
        if prepared.store == 0 || prepared.store != context.data().id() {
            return Err(foreign());
        }
        // SAFETY: a handle that a store owns was made by `minplat_func_prepare` from a function's.
        let func = unsafe { (&raw const *prepared).cast::<Func>().read() };
        if values_len < prepared.slots {
            return Err(Failure::new(
                code::MINPLAT_ERROR_ARGUMENT,
                "there is less room for values than the prepared function's `slots`",
            ));
        }
        if values.is_null() && prepared.slots != 0 {
            return Err(Failure::NULL);
        }
        let values = slice_from_raw_parts_mut(values.cast::<ValRaw>(), prepared.slots);
        // SAFETY: the program prepared the function, so its arguments fit; there is room for the results.
        let called = unsafe { func.call_unchecked(context, values) };
        grow(false);
        Ok(called?)
    })
}
