//! Types of imports, exports and functions.

use alloc::string::String;
use core::ptr;

use minplat::wasmtime::{ExternType, FuncType, HeapType, Mutability, ValType};

use crate::args::{delete, out};
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
/// References that the library has no form for, as to continuations: null ones alone can be given.
pub const MINPLAT_OTHERREF: minplat_kind_t = 7;
/// References of the garbage collection proposal: to structs, arrays, 31-bit integers.
pub const MINPLAT_ANYREF: minplat_kind_t = 8;
/// References to exceptions.
pub const MINPLAT_EXNREF: minplat_kind_t = 9;
/// What stands where there is no type.
pub const MINPLAT_NO_KIND: minplat_kind_t = 255;

/// What a reference can refer to: the specification's heap types. Not an enumeration, because new ones may come.
pub type minplat_heap_t = u8;
/// Functions.
pub const MINPLAT_HEAP_FUNC: minplat_heap_t = 0;
/// Functions of one type that the module defines.
pub const MINPLAT_HEAP_TYPED_FUNC: minplat_heap_t = 1;
/// No function: null alone.
pub const MINPLAT_HEAP_NOFUNC: minplat_heap_t = 2;
/// Things of the host.
pub const MINPLAT_HEAP_EXTERN: minplat_heap_t = 3;
/// Nothing of the host's: null alone.
pub const MINPLAT_HEAP_NOEXTERN: minplat_heap_t = 4;
/// Everything that the collector knows, but exceptions.
pub const MINPLAT_HEAP_ANY: minplat_heap_t = 5;
/// What can be compared.
pub const MINPLAT_HEAP_EQ: minplat_heap_t = 6;
/// 31-bit integers.
pub const MINPLAT_HEAP_I31: minplat_heap_t = 7;
/// Structs.
pub const MINPLAT_HEAP_STRUCT: minplat_heap_t = 8;
/// Structs of one type that the module defines.
pub const MINPLAT_HEAP_TYPED_STRUCT: minplat_heap_t = 9;
/// Arrays.
pub const MINPLAT_HEAP_ARRAY: minplat_heap_t = 10;
/// Arrays of one type that the module defines.
pub const MINPLAT_HEAP_TYPED_ARRAY: minplat_heap_t = 11;
/// Nothing of the collector's: null alone.
pub const MINPLAT_HEAP_NONE: minplat_heap_t = 12;
/// Exceptions.
pub const MINPLAT_HEAP_EXN: minplat_heap_t = 13;
/// Exceptions of one type.
pub const MINPLAT_HEAP_TYPED_EXN: minplat_heap_t = 14;
/// No exception: null alone.
pub const MINPLAT_HEAP_NOEXN: minplat_heap_t = 15;
/// What this list does not have.
pub const MINPLAT_HEAP_OTHER: minplat_heap_t = 254;
/// What stands where there is no reference.
pub const MINPLAT_NO_HEAP: minplat_heap_t = 255;

/// A type of values, whole.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct minplat_valtype_t {
    /// The kind.
    pub kind: minplat_kind_t,
    /// Of references: to what. MINPLAT_NO_HEAP for numbers and vectors.
    pub heap: minplat_heap_t,
    /// Of references: whether null is one of them.
    pub is_nullable: bool,
}

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
    pub(crate) module: String,
    pub(crate) name: String,
    ty: ExternType,
}

impl minplat_externtype_t {
    /// The function type, if it is a function's.
    pub(crate) fn func(&self) -> Option<&FuncType> {
        match &self.ty {
            ExternType::Func(ty) => Some(ty),
            _ => None,
        }
    }
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
        HeapType::Any
        | HeapType::Eq
        | HeapType::I31
        | HeapType::Struct
        | HeapType::ConcreteStruct(_)
        | HeapType::Array
        | HeapType::ConcreteArray(_)
        | HeapType::None => MINPLAT_ANYREF,
        HeapType::Exn | HeapType::ConcreteExn(_) | HeapType::NoExn => MINPLAT_EXNREF,
        _ => MINPLAT_OTHERREF,
    }
}

/// A heap type's number.
pub(crate) fn heap_of(heap: &HeapType) -> minplat_heap_t {
    match heap {
        HeapType::Func => MINPLAT_HEAP_FUNC,
        HeapType::ConcreteFunc(_) => MINPLAT_HEAP_TYPED_FUNC,
        HeapType::NoFunc => MINPLAT_HEAP_NOFUNC,
        HeapType::Extern => MINPLAT_HEAP_EXTERN,
        HeapType::NoExtern => MINPLAT_HEAP_NOEXTERN,
        HeapType::Any => MINPLAT_HEAP_ANY,
        HeapType::Eq => MINPLAT_HEAP_EQ,
        HeapType::I31 => MINPLAT_HEAP_I31,
        HeapType::Struct => MINPLAT_HEAP_STRUCT,
        HeapType::ConcreteStruct(_) => MINPLAT_HEAP_TYPED_STRUCT,
        HeapType::Array => MINPLAT_HEAP_ARRAY,
        HeapType::ConcreteArray(_) => MINPLAT_HEAP_TYPED_ARRAY,
        HeapType::None => MINPLAT_HEAP_NONE,
        HeapType::Exn => MINPLAT_HEAP_EXN,
        HeapType::ConcreteExn(_) => MINPLAT_HEAP_TYPED_EXN,
        HeapType::NoExn => MINPLAT_HEAP_NOEXN,
        _ => MINPLAT_HEAP_OTHER,
    }
}

fn valtype(ty: &ValType) -> minplat_valtype_t {
    let (heap, is_nullable) = match ty {
        ValType::Ref(ty) => (heap_of(ty.heap_type()), ty.is_nullable()),
        _ => (MINPLAT_NO_HEAP, false),
    };
    minplat_valtype_t { kind: kind_of(ty), heap, is_nullable }
}

/// # Safety
/// `to` is NULL or room for a type.
unsafe fn whole(ty: Option<ValType>, to: *mut minplat_valtype_t) -> bool {
    // SAFETY: the caller's contract is the function's own.
    ty.is_some_and(|ty| unsafe { out(to, valtype(&ty)) }.is_ok())
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
/// exports. NULL if an argument is NULL. Stack: 1 KiB. Tasks: the type's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_externtype_module(ty: *const minplat_externtype_t, len: *mut usize) -> *const u8 {
    let _turn = crate::turn::take();
    // SAFETY: NULL, or a type of this library and room for a length.
    unsafe { name(ty.as_ref().map(|ty| ty.module.as_str()), len) }
}

/// The name of an import or export, likewise; empty for a function's type. Stack: 1 KiB. Tasks: the type's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_externtype_name(ty: *const minplat_externtype_t, len: *mut usize) -> *const u8 {
    let _turn = crate::turn::take();
    // SAFETY: NULL, or a type of this library and room for a length.
    unsafe { name(ty.as_ref().map(|ty| ty.name.as_str()), len) }
}

/// What it is; MINPLAT_EXTERN_NONE for NULL. Stack: 1 KiB. Tasks: the type's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_externtype_kind(ty: *const minplat_externtype_t) -> minplat_extern_kind_t {
    let _turn = crate::turn::take();
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

/// How many parameters a function or tag has; 0 for anything else. Stack: 1 KiB. Tasks: the type's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_externtype_param_count(ty: *const minplat_externtype_t) -> usize {
    let _turn = crate::turn::take();
    // SAFETY: NULL, or a type of this library.
    signature(unsafe { ty.as_ref() }).map_or(0, |ty| ty.params().len())
}

/// How many results a function has; 0 for anything else. Stack: 1 KiB. Tasks: the type's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_externtype_result_count(ty: *const minplat_externtype_t) -> usize {
    let _turn = crate::turn::take();
    // SAFETY: NULL, or a type of this library.
    signature(unsafe { ty.as_ref() }).map_or(0, |ty| ty.results().len())
}

/// The kind of a parameter; MINPLAT_NO_KIND if there is none. Stack: 1 KiB. Tasks: the type's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_externtype_param(ty: *const minplat_externtype_t, index: usize) -> minplat_kind_t {
    let _turn = crate::turn::take();
    // SAFETY: NULL, or a type of this library.
    kind_or_none(signature(unsafe { ty.as_ref() }).and_then(|ty| ty.param(index)))
}

/// The kind of a result; MINPLAT_NO_KIND if there is none. Stack: 1 KiB. Tasks: the type's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_externtype_result(ty: *const minplat_externtype_t, index: usize) -> minplat_kind_t {
    let _turn = crate::turn::take();
    // SAFETY: NULL, or a type of this library.
    kind_or_none(signature(unsafe { ty.as_ref() }).and_then(|ty| ty.result(index)))
}

/// The whole type of a parameter; false if there is none. Stack: 1 KiB. Tasks: the type's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_externtype_param_type(
    ty: *const minplat_externtype_t,
    index: usize,
    to: *mut minplat_valtype_t,
) -> bool {
    let _turn = crate::turn::take();
    // SAFETY: NULL, or a type of this library; NULL, or room for a type.
    unsafe { whole(signature(ty.as_ref()).and_then(|ty| ty.param(index)), to) }
}

/// The whole type of a result; false if there is none. Stack: 1 KiB. Tasks: the type's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_externtype_result_type(
    ty: *const minplat_externtype_t,
    index: usize,
    to: *mut minplat_valtype_t,
) -> bool {
    let _turn = crate::turn::take();
    // SAFETY: NULL, or a type of this library; NULL, or room for a type.
    unsafe { whole(signature(ty.as_ref()).and_then(|ty| ty.result(index)), to) }
}

/// The whole type of what a global holds or of a table's elements; false for anything else. Stack: 1 KiB. Tasks: the type's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_externtype_content_type(
    ty: *const minplat_externtype_t,
    to: *mut minplat_valtype_t,
) -> bool {
    let _turn = crate::turn::take();
    // SAFETY: NULL, or a type of this library.
    let content = match unsafe { ty.as_ref() }.map(|ty| &ty.ty) {
        Some(ExternType::Global(ty)) => Some(ty.content().clone()),
        Some(ExternType::Table(ty)) => Some(ValType::Ref(ty.element().clone())),
        _ => None,
    };
    // SAFETY: NULL, or room for a type.
    unsafe { whole(content, to) }
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

/// The limits of a memory or table; false for anything else. Stack: 1 KiB. Tasks: the type's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_externtype_limits(
    ty: *const minplat_externtype_t,
    limits: *mut minplat_limits_type_t,
) -> bool {
    let _turn = crate::turn::take();
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

/// The kind of what a global holds or of a table's elements; MINPLAT_NO_KIND for anything else. Stack: 1 KiB.
/// Tasks: the type's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_externtype_content(ty: *const minplat_externtype_t) -> minplat_kind_t {
    let _turn = crate::turn::take();
    // SAFETY: NULL, or a type of this library.
    match unsafe { ty.as_ref() }.map(|ty| &ty.ty) {
        Some(ExternType::Global(ty)) => kind_of(ty.content()),
        Some(ExternType::Table(ty)) => kind_of_reference(ty.element().heap_type()),
        _ => MINPLAT_NO_KIND,
    }
}

/// Whether it is a global that can be set. Stack: 1 KiB. Tasks: the type's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_externtype_mutable(ty: *const minplat_externtype_t) -> bool {
    let _turn = crate::turn::take();
    // SAFETY: NULL, or a type of this library.
    let ty = unsafe { ty.as_ref() }.map(|ty| &ty.ty);
    matches!(ty, Some(ExternType::Global(ty)) if matches!(ty.mutability(), Mutability::Var))
}

/// Frees a type. NULL is fine. Stack: 1 KiB. Tasks: the type's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_externtype_delete(ty: *mut minplat_externtype_t) {
    // SAFETY: NULL, or it came from this library, and its owner gives it back.
    unsafe { delete(ty) }
}
