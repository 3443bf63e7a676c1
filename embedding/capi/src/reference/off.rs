//! A platform without a collector: every function answers that.

use core::ffi::c_void;

use crate::error::Failure;
use crate::host_func::Env;
use crate::raw::minplat_raw_t;
use crate::reference::{minplat_root_t, minplat_scope_t, needs_gc};
use crate::store::minplat_context_t;
use crate::tag::minplat_tag_t;
use crate::types::{minplat_heap_t, minplat_kind_t};
use crate::value::{minplat_ref_t, minplat_value_t};

/// There is none.
pub(crate) struct Root;

macro_rules! absent {
    ($($name:ident($($arg:ty),*);)*) => { $(
        /// # Safety
        /// None is needed.
        pub(crate) unsafe fn $name($(_: $arg),*) -> Result<(), Failure> {
            needs_gc()
        }
    )* };
}
absent! {
    externref_new(*mut minplat_context_t, Env, *mut minplat_ref_t);
    externref_data(*const minplat_context_t, *const minplat_ref_t, *mut *mut c_void);
    anyref_heap(*const minplat_context_t, *const minplat_ref_t, *mut minplat_heap_t);
    i31_new(*mut minplat_context_t, i32, *mut minplat_ref_t);
    i31_get(*const minplat_context_t, *const minplat_ref_t, *mut i32);
    anyref_len(*const minplat_context_t, *const minplat_ref_t, *mut u32);
    anyref_get(*mut minplat_context_t, *const minplat_ref_t, u32, *mut minplat_value_t);
    ref_equal(*const minplat_context_t, *const minplat_ref_t, *const minplat_ref_t, *mut bool);
    ref_to_raw(*mut minplat_context_t, *const minplat_ref_t, *mut minplat_raw_t);
    ref_from_raw(*mut minplat_context_t, minplat_kind_t, *const minplat_raw_t, *mut minplat_value_t);
    scope_enter(*mut minplat_context_t, *mut minplat_scope_t);
    root_new(*mut minplat_context_t, *const minplat_value_t, *mut *mut minplat_root_t);
    root_get(*mut minplat_context_t, *const minplat_root_t, *mut minplat_value_t);
    collect(*mut minplat_context_t);
    exception_new(*mut minplat_context_t, *const minplat_tag_t, *const minplat_value_t, usize, *mut minplat_ref_t);
    throw(*mut minplat_context_t, *const minplat_ref_t);
    take_exception(*mut minplat_context_t, *mut minplat_ref_t);
    exception_tag(*mut minplat_context_t, *const minplat_ref_t, *mut minplat_tag_t);
    exception_len(*const minplat_context_t, *const minplat_ref_t, *mut usize);
    exception_get(*mut minplat_context_t, *const minplat_ref_t, usize, *mut minplat_value_t);
}

/// # Safety
/// None is needed.
pub(crate) unsafe fn scope_leave(_: *mut minplat_scope_t) {}
