//! The module `spectest`, which the specification's scripts import from.

use core::ffi::c_void;
use core::ptr;

use minplat_sys::{
    MINPLAT_EXTERN_GLOBAL, MINPLAT_EXTERN_MEMORY, MINPLAT_EXTERN_TABLE, MINPLAT_F32, MINPLAT_F64, MINPLAT_FUNCREF,
    MINPLAT_I32, MINPLAT_I64, linked as api, minplat_caller_t, minplat_error_t, minplat_extern_t,
    minplat_extern_union_t, minplat_global_t, minplat_kind_t, minplat_limits_type_t, minplat_memory_t, minplat_raw_t,
    minplat_table_t,
};

use crate::library::{Error, Linker, Store};
use crate::values::argument;

const MODULE: &str = "spectest";

/// What scripts tell to print is dropped.
unsafe extern "C" fn drop_it(
    _env: *mut c_void,
    _caller: *mut minplat_caller_t,
    _values: *mut minplat_raw_t,
    _len: usize,
) -> *mut minplat_error_t {
    ptr::null_mut()
}

/// Defines it.
///
/// # Errors
/// No memory: the memory that it exports has a page of 64 KiB.
pub fn define(linker: &Linker, store: &Store) -> Result<(), Error> {
    let functions: [(&str, &[minplat_kind_t]); 7] = [
        ("print", &[]),
        ("print_i32", &[MINPLAT_I32]),
        ("print_i64", &[MINPLAT_I64]),
        ("print_f32", &[MINPLAT_F32]),
        ("print_f64", &[MINPLAT_F64]),
        ("print_i32_f32", &[MINPLAT_I32, MINPLAT_F32]),
        ("print_f64_f64", &[MINPLAT_F64, MINPLAT_F64]),
    ];
    for (name, params) in functions {
        // SAFETY: names and kinds are valid for the call, and the function takes any environment.
        Error::check(unsafe {
            api::linker_define_func_raw(
                linker.raw(),
                MODULE.as_ptr(),
                MODULE.len(),
                name.as_ptr(),
                name.len(),
                params.as_ptr(),
                params.len(),
                ptr::null(),
                0,
                Some(drop_it),
                ptr::null_mut(),
                None,
            )
        })?;
    }
    let globals = [
        ("global_i32", MINPLAT_I32, 666),
        ("global_i64", MINPLAT_I64, 666),
        ("global_f32", MINPLAT_F32, u128::from(666.6f32.to_bits())),
        ("global_f64", MINPLAT_F64, u128::from(666.6f64.to_bits())),
    ];
    for (name, kind, bits) in globals {
        let value = argument(minplat_bundle::Value { kind, bits });
        let mut global = minplat_global_t::default();
        // SAFETY: the store is alive, and there is room for the answer.
        Error::check(unsafe { api::global_new(store.context(), kind, false, &value, &mut global) })?;
        item(linker, store, name, MINPLAT_EXTERN_GLOBAL, minplat_extern_union_t { global })?;
    }
    let (mut memory, mut table) = (minplat_memory_t::default(), minplat_table_t::default());
    let null = argument(minplat_bundle::Value { kind: MINPLAT_FUNCREF, bits: 0 });
    // SAFETY: as above.
    unsafe {
        Error::check(api::memory_new(store.context(), &limits(1, 2, 16), &mut memory))?;
        Error::check(api::table_new(store.context(), MINPLAT_FUNCREF, &limits(10, 20, 0), &null, &mut table))?;
    }
    item(linker, store, "memory", MINPLAT_EXTERN_MEMORY, minplat_extern_union_t { memory })?;
    item(linker, store, "table", MINPLAT_EXTERN_TABLE, minplat_extern_union_t { table })
}

fn limits(minimum: u64, maximum: u64, page_size_log2: u32) -> minplat_limits_type_t {
    minplat_limits_type_t { minimum, maximum, page_size_log2, is_64: false, is_shared: false }
}

fn item(linker: &Linker, store: &Store, name: &str, kind: u8, of: minplat_extern_union_t) -> Result<(), Error> {
    let item = minplat_extern_t { kind, of };
    // SAFETY: linker and store are alive and of one engine, the item is the store's.
    Error::check(unsafe {
        api::linker_define(
            linker.raw(),
            store.context(),
            MODULE.as_ptr(),
            MODULE.len(),
            name.as_ptr(),
            name.len(),
            &item,
        )
    })
}
