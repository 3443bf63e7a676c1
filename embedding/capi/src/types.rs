//! Types of imports, exports and functions.

use alloc::boxed::Box;
use alloc::string::String;
use core::ptr;

use minplat::wasmtime::{ExternType, FuncType, HeapType, Mutability, ValType};

use crate::args::out;
use crate::error::Failure;

/// A type of values. Not an enumeration, because programs give it too.
pub type minplat_kind_t = u8;
/// 32-bit integers.
pub const MINPLAT_I32: minplat_kind_t = 0;
/// 64-bit integers.
pub const MINPLAT_I64: minplat_kind_t = 1;
/// 32-bit floats.
pub const MINPLAT_F32: minplat_kind_t = 2;
/// 64-bit floats.
pub const MINPLAT_F64: minplat_kind_t = 3;
/// 128-bit vectors.
pub const MINPLAT_V128: minplat_kind_t = 4;
/// References to functions, of one type or of any.
pub const MINPLAT_FUNCREF: minplat_kind_t = 5;
/// References to things of the host.
pub const MINPLAT_EXTERNREF: minplat_kind_t = 6;
/// References of the garbage collection and exception proposals: null ones alone can be given.
pub const MINPLAT_OTHERREF: minplat_kind_t = 7;
/// What stands where there is no type.
pub const MINPLAT_NO_KIND: minplat_kind_t = 255;

/// What an import or export is. Not an enumeration, because programs give it too.
pub type minplat_extern_kind_t = u8;
/// A function.
pub const MINPLAT_EXTERN_FUNC: minplat_extern_kind_t = 0;
/// A table.
pub const MINPLAT_EXTERN_TABLE: minplat_extern_kind_t = 1;
/// A memory.
pub const MINPLAT_EXTERN_MEMORY: minplat_extern_kind_t = 2;
/// A global.
pub const MINPLAT_EXTERN_GLOBAL: minplat_extern_kind_t = 3;
/// A tag of exceptions.
pub const MINPLAT_EXTERN_TAG: minplat_extern_kind_t = 4;
/// What stands where there is nothing.
pub const MINPLAT_EXTERN_NONE: minplat_extern_kind_t = 255;

/// An import or export with its names and its type, or a function's type without names.
pub struct minplat_externtype_t {
    module: String,
    name: String,
    ty: ExternType,
}

/// A type with its names.
pub(crate) fn named(module: &str, name: &str, ty: ExternType) -> Result<minplat_externtype_t, Failure> {
    Ok(minplat_externtype_t { module: copy(module)?, name: copy(name)?, ty })
}

fn copy(text: &str) -> Result<String, Failure> {
    let mut new = String::new();
    new.try_reserve_exact(text.len()).map_err(|_| Failure::OUT_OF_MEMORY)?;
    new.push_str(text);
    Ok(new)
}

/// The kind of a type.
pub(crate) fn kind_of(ty: &ValType) -> minplat_kind_t {
    match ty {
        ValType::I32 => MINPLAT_I32,
        ValType::I64 => MINPLAT_I64,
        ValType::F32 => MINPLAT_F32,
        ValType::F64 => MINPLAT_F64,
        ValType::V128 => MINPLAT_V128,
        ValType::Ref(ty) => kind_of_reference(ty.heap_type()),
    }
}

/// The kind of references to this.
pub(crate) fn kind_of_reference(heap: &HeapType) -> minplat_kind_t {
    match heap {
        HeapType::Func | HeapType::ConcreteFunc(_) | HeapType::NoFunc => MINPLAT_FUNCREF,
        HeapType::Extern | HeapType::NoExtern => MINPLAT_EXTERNREF,
        _ => MINPLAT_OTHERREF,
    }
}

fn signature(ty: Option<&minplat_externtype_t>) -> Option<&FuncType> {
    match &ty?.ty {
        ExternType::Func(ty) => Some(ty),
        ExternType::Tag(ty) => Some(ty.ty()),
        _ => None,
    }
}

fn kind_or_none(ty: Option<ValType>) -> minplat_kind_t {
    ty.map_or(MINPLAT_NO_KIND, |ty| kind_of(&ty))
}

/// # Safety
/// `len` is NULL or room for a length.
unsafe fn name(text: Option<&str>, len: *mut usize) -> *const u8 {
    let Some(text) = text else { return ptr::null() };
    // SAFETY: the caller's contract is the function's own.
    match unsafe { out(len, text.len()) } {
        Ok(()) => text.as_ptr(),
        Err(_) => ptr::null(),
    }
}

/// The module that an import comes from: `*len` bytes of UTF-8, not terminated, valid as long as the type; empty for
/// exports. NULL if an argument is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_externtype_module(ty: *const minplat_externtype_t, len: *mut usize) -> *const u8 {
    // SAFETY: NULL, or a type of this library and room for a length.
    unsafe { name(ty.as_ref().map(|ty| ty.module.as_str()), len) }
}

/// The name of an import or export, likewise; empty for a function's type.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_externtype_name(ty: *const minplat_externtype_t, len: *mut usize) -> *const u8 {
    // SAFETY: NULL, or a type of this library and room for a length.
    unsafe { name(ty.as_ref().map(|ty| ty.name.as_str()), len) }
}

/// What it is; MINPLAT_EXTERN_NONE for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_externtype_kind(ty: *const minplat_externtype_t) -> minplat_extern_kind_t {
    // SAFETY: NULL, or a type of this library.
    match unsafe { ty.as_ref() }.map(|ty| &ty.ty) {
        Some(ExternType::Func(_)) => MINPLAT_EXTERN_FUNC,
        Some(ExternType::Table(_)) => MINPLAT_EXTERN_TABLE,
        Some(ExternType::Memory(_)) => MINPLAT_EXTERN_MEMORY,
        Some(ExternType::Global(_)) => MINPLAT_EXTERN_GLOBAL,
        Some(ExternType::Tag(_)) => MINPLAT_EXTERN_TAG,
        None => MINPLAT_EXTERN_NONE,
    }
}

/// How many parameters a function or tag has; 0 for anything else.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_externtype_param_count(ty: *const minplat_externtype_t) -> usize {
    // SAFETY: NULL, or a type of this library.
    signature(unsafe { ty.as_ref() }).map_or(0, |ty| ty.params().len())
}

/// How many results a function has; 0 for anything else.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_externtype_result_count(ty: *const minplat_externtype_t) -> usize {
    // SAFETY: NULL, or a type of this library.
    signature(unsafe { ty.as_ref() }).map_or(0, |ty| ty.results().len())
}

/// The kind of a parameter; MINPLAT_NO_KIND if there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_externtype_param(ty: *const minplat_externtype_t, index: usize) -> minplat_kind_t {
    // SAFETY: NULL, or a type of this library.
    kind_or_none(signature(unsafe { ty.as_ref() }).and_then(|ty| ty.param(index)))
}

/// The kind of a result; MINPLAT_NO_KIND if there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_externtype_result(ty: *const minplat_externtype_t, index: usize) -> minplat_kind_t {
    // SAFETY: NULL, or a type of this library.
    kind_or_none(signature(unsafe { ty.as_ref() }).and_then(|ty| ty.result(index)))
}

/// How large a memory or table may be.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct minplat_limits_type_t {
    /// Pages of a memory, elements of a table, that it starts with.
    pub minimum: u64,
    /// The most that it may grow to; UINT64_MAX if the type has none.
    pub maximum: u64,
    /// A memory's page is 1 << this many bytes: 16 unless the module says otherwise. 0 for tables.
    pub page_size_log2: u32,
    /// Whether it is addressed by 64-bit integers.
    pub is_64: bool,
    /// Whether it can be shared between threads.
    pub is_shared: bool,
}

/// The limits of a memory or table; false for anything else.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_externtype_limits(
    ty: *const minplat_externtype_t,
    limits: *mut minplat_limits_type_t,
) -> bool {
    // SAFETY: NULL, or a type of this library.
    let found = match unsafe { ty.as_ref() }.map(|ty| &ty.ty) {
        Some(ExternType::Memory(ty)) => minplat_limits_type_t {
            minimum: ty.minimum(),
            maximum: ty.maximum().unwrap_or(u64::MAX),
            page_size_log2: u32::from(ty.page_size_log2()),
            is_64: ty.is_64(),
            is_shared: ty.is_shared(),
        },
        Some(ExternType::Table(ty)) => minplat_limits_type_t {
            minimum: ty.minimum(),
            maximum: ty.maximum().unwrap_or(u64::MAX),
            page_size_log2: 0,
            is_64: ty.is_64(),
            is_shared: false,
        },
        _ => return false,
    };
    // SAFETY: NULL, or room for limits.
    unsafe { out(limits, found) }.is_ok()
}

/// The kind of what a global holds or of a table's elements; MINPLAT_NO_KIND for anything else.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_externtype_content(ty: *const minplat_externtype_t) -> minplat_kind_t {
    // SAFETY: NULL, or a type of this library.
    match unsafe { ty.as_ref() }.map(|ty| &ty.ty) {
        Some(ExternType::Global(ty)) => kind_of(ty.content()),
        Some(ExternType::Table(ty)) => kind_of_reference(ty.element().heap_type()),
        _ => MINPLAT_NO_KIND,
    }
}

/// Whether it is a global that can be set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_externtype_mutable(ty: *const minplat_externtype_t) -> bool {
    // SAFETY: NULL, or a type of this library.
    let ty = unsafe { ty.as_ref() }.map(|ty| &ty.ty);
    matches!(ty, Some(ExternType::Global(ty)) if matches!(ty.mutability(), Mutability::Var))
}

/// Frees a type. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_externtype_delete(ty: *mut minplat_externtype_t) {
    if !ty.is_null() {
        // SAFETY: it came from this library, and its owner gives it back.
        drop(unsafe { Box::from_raw(ty) });
    }
}
