//! Values as compiled code passes them: 16 bytes each, no kinds, nothing checked. And the way between these and references.

use core::ffi::c_void;

use minplat::wasmtime::{Func, ValRaw};

use crate::args::{out, required};
use crate::error::{Failure, minplat_error_t, report};
use crate::func::minplat_func_t;
use crate::store::{context, minplat_context_t};

/// A value without its kind, as compiled code passes it. It is as long as the longest, and what is behind a shorter one is
/// of no worth.
#[repr(C)]
#[derive(Clone, Copy)]
pub union minplat_raw_t {
    /// MINPLAT_I32.
    pub i32: i32,
    /// MINPLAT_I64.
    pub i64: i64,
    /// MINPLAT_F32.
    pub f32: f32,
    /// MINPLAT_F64.
    pub f64: f64,
    /// MINPLAT_V128: the bytes in little-endian order, lane 0 first.
    pub v128: [u8; 16],
    /// MINPLAT_FUNCREF: from `minplat_func_to_raw`; NULL: null.
    pub funcref: *mut c_void,
    /// MINPLAT_EXTERNREF, MINPLAT_ANYREF, MINPLAT_EXNREF: from `minplat_ref_to_raw`; 0: null.
    pub reference: u32,
}

// Every target is little-endian, where Wasmtime's form of a number is the machine's.
const _: () = assert!(cfg!(target_endian = "little"));
const _: () = assert!(size_of::<minplat_raw_t>() == size_of::<ValRaw>());
const _: () = assert!(align_of::<minplat_raw_t>() <= align_of::<ValRaw>());

/// A function's reference in raw form, for the `funcref` of a minplat_raw_t; valid with the store. NULL for the null
/// reference, and where an argument is not valid. Stack: 4 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_func_to_raw(
    context: *mut minplat_context_t,
    func: *const minplat_func_t,
) -> *mut c_void {
    let _turn = crate::turn::take();
    let convert = || {
        // SAFETY: pointers are NULL or point to what their types say.
        let (context, func) = unsafe { (self::context(context)?, required(func)?) };
        Ok::<_, Failure>(func.get(&context)?.to_raw(context))
    };
    convert().unwrap_or(core::ptr::null_mut())
}

/// The function behind a raw reference that compiled code of this store passed, or that `minplat_func_to_raw` gave; all
/// zeros for NULL. Stack: 4 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_func_from_raw(
    context: *mut minplat_context_t,
    raw: *mut c_void,
    func: *mut minplat_func_t,
) -> *mut minplat_error_t {
    report(|| {
        // SAFETY: NULL, or a store of this library; and a reference of it, as the documentation demands.
        let (mut context, found) = unsafe {
            let mut context = self::context(context)?;
            let found = Func::from_raw(&mut context, raw);
            (context, found)
        };
        let found = found.map_or(minplat_func_t::NULL, |found| minplat_func_t::new(&mut context, found));
        // SAFETY: NULL, or room for a handle.
        unsafe { out(func, found) }
    })
}
