//! Functions: handles, types, calls.

use alloc::vec::Vec;
use core::mem::MaybeUninit;

use minplat::wasmtime::{ExternType, Func, ValRaw};

use crate::args::{boxed, items, items_mut, place, required};
use crate::error::{Failure, minplat_error_code_t as code, minplat_error_t, report};
use crate::handle::handle;
use crate::heap::grow;
use crate::store::{context, minplat_context_t};
use crate::types::{MINPLAT_EXTERN_FUNC, kind_of, minplat_externtype_t, named};
use crate::value::{lift, lower, minplat_value_t};

/// A function, valid with its store. All zeros: the null reference.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct minplat_func_t {
    /// The store's number; 0: null.
    pub store: u64,
    /// Which; opaque.
    pub opaque: MaybeUninit<u64>,
}

handle!(minplat_func_t, Func, MINPLAT_EXTERN_FUNC);

impl minplat_func_t {
    pub(crate) const NULL: Self = Self { store: 0, opaque: MaybeUninit::new(0) };

    pub(crate) fn is_null(&self) -> bool {
        // SAFETY: a handle without a store was written as numbers.
        self.store == 0 && unsafe { self.opaque.assume_init() } == 0
    }
}

/// So many values are passed without asking the heap.
pub(crate) const INLINE: usize = 8;

/// Room for values, on the stack unless there are many.
pub(crate) struct Room<T> {
    inline: [MaybeUninit<T>; INLINE],
    heap: Vec<T>,
}

impl<T: Copy> Room<T> {
    pub(crate) const fn new() -> Self {
        Self { inline: [const { MaybeUninit::uninit() }; INLINE], heap: Vec::new() }
    }

    /// Room for `len` values, all of them this one.
    pub(crate) fn fill(&mut self, len: usize, value: T) -> Result<&mut [T], Failure> {
        if let Some(inline) = self.inline.get_mut(..len) {
            inline.fill(MaybeUninit::new(value));
            // SAFETY: every one of them was written.
            return Ok(unsafe { inline.assume_init_mut() });
        }
        self.heap.try_reserve_exact(len).map_err(|_| Failure::OUT_OF_MEMORY)?;
        self.heap.resize(len, value);
        Ok(&mut self.heap)
    }
}

/// Calls a function. The arguments must have the kinds of its type; results are written with theirs. A trap, an exception that
/// nobody caught, or an error that a host function returned, comes out as the error; then the results hold nothing of worth.
///
/// No error spoils a store. What the guest had written to memories, globals and tables before it stopped stays, the rest of its
/// work is not done, and the next call works as ever: after a trap, an exception, fuel that ran out, an interrupt, memory that
/// ran out. Whether the guest's own data still makes sense, the guest's author knows.
///
/// While a guest runs, `minplat_engine_increment_epoch` is all that an interrupt or another thread may call with its engine: it
/// stops guests whose deadline that is. Fuel and deadlines of the store are changed between calls, or by a host function; to
/// stop a guest that runs on fuel, give it little at a time, for each call. Limits are changed between calls alone.
/// Stack: 5 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_func_call(
    context: *mut minplat_context_t,
    func: *const minplat_func_t,
    args: *const minplat_value_t,
    args_len: usize,
    results: *mut minplat_value_t,
    results_len: usize,
) -> *mut minplat_error_t {
    report(|| {
        let (mut context, args, results) =
            // SAFETY: pointers are NULL or point to what their types say, as many as the lengths say.
            unsafe { (self::context(context)?, items(args, args_len)?, items_mut(results, results_len)?) };
        // SAFETY: as above.
        let func = unsafe { required(func) }?.get(&context)?;
        let ty = func.ty(&context);
        if ty.params().len() != args.len() || ty.results().len() != results.len() {
            return Err(Failure::new(
                code::MINPLAT_ERROR_TYPE,
                "the function takes or returns another number of values: see minplat_func_type",
            ));
        }
        let mut room = Room::new();
        let raw = room.fill(args.len().max(results.len()), ValRaw::i64(0))?;
        for ((raw, arg), ty) in raw.iter_mut().zip(args).zip(ty.params()) {
            *raw = lower(&mut context, arg, &ty)?;
        }
        // SAFETY: the arguments fit the type, and there is room for the results.
        let called = unsafe { func.call_unchecked(&mut context, raw) };
        grow(false);
        called?;
        for ((raw, result), ty) in raw.iter().zip(results).zip(ty.results()) {
            // SAFETY: the function wrote results of its type.
            *result = unsafe { lift(&mut context, raw, kind_of(&ty)) }?;
        }
        Ok(())
    })
}

/// The function's type, without names. Owned by the caller. Stack: 4 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_func_type(
    context: *const minplat_context_t,
    func: *const minplat_func_t,
    ty: *mut *mut minplat_externtype_t,
) -> *mut minplat_error_t {
    report(|| {
        // SAFETY: pointers are NULL or point to what their types say.
        let context = unsafe { self::context(context) }?;
        // SAFETY: as above.
        let func = unsafe { required(func) }?.get(&context)?;
        let place = place(ty)?;
        // SAFETY: the place has room for a pointer.
        unsafe { place.write(boxed(named("", "", ExternType::Func(func.ty(&context)))?)?) };
        Ok(())
    })
}
