//! A host function that folds what it is called with into one number, so that many calls are told at once.

use core::cell::Cell;
use core::ffi::c_void;
use core::ptr;

use minplat_bundle::{FOLD, fold};
use minplat_sys::{MINPLAT_I32, linked as api, minplat_caller_t, minplat_error_t, minplat_raw_t};

use crate::library::{Error, Linker};

/// The most integers that such a function takes.
const MOST: usize = 16;

/// What was folded, and how many calls that were.
pub struct Fold(Cell<(u64, u32)>);

impl Fold {
    /// Of no call.
    pub const fn new() -> Self {
        Self(Cell::new((FOLD, 0)))
    }

    /// Gives it, and begins anew.
    pub fn take(&self) -> (u64, u32) {
        self.0.replace((FOLD, 0))
    }
}

impl Default for Fold {
    fn default() -> Self {
        Self::new()
    }
}

/// Defines the function, which takes so many 32-bit integers and gives nothing. What it folds outlives the linker and its store.
///
/// # Errors
/// It takes more than 16, or there is no memory.
pub fn define(linker: &Linker, fold: &Fold, (module, name): (&str, &str), params: u8) -> Result<(), Error> {
    let kinds = [MINPLAT_I32; MOST];
    // A number that is too large is a null pointer's, which the library refuses.
    let kinds = kinds.get(..params.into());
    // SAFETY: names and kinds are valid for the call; the function takes the fold, which outlives it.
    Error::check(unsafe {
        api::linker_define_func_raw(
            linker.raw(),
            module.as_ptr(),
            module.len(),
            name.as_ptr(),
            name.len(),
            kinds.map_or(ptr::null(), <[u8]>::as_ptr),
            params.into(),
            ptr::null(),
            0,
            Some(called),
            ptr::from_ref(fold).cast_mut().cast(),
            None,
        )
    })
}

unsafe extern "C" fn called(
    env: *mut c_void,
    _caller: *mut minplat_caller_t,
    values: *mut minplat_raw_t,
    len: usize,
) -> *mut minplat_error_t {
    // SAFETY: what `define` gave; as many 32-bit integers as the function takes, and it gives none.
    let (state, numbers) = unsafe { (&*env.cast::<Fold>(), core::slice::from_raw_parts(values, len)) };
    let (digest, calls) = state.0.get();
    // SAFETY: as above.
    let numbers = numbers.iter().map(|number| unsafe { number.i32 }.cast_unsigned());
    state.0.set((fold(digest, numbers), calls + 1));
    ptr::null_mut()
}
