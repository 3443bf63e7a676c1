//! Instances, and the things that they export.

use core::mem::MaybeUninit;

use minplat::wasmtime::{Extern, Instance};

use crate::args::{out, required, text};
use crate::error::{Failure, minplat_error_code_t as code};
use crate::func::minplat_func_t;
use crate::global::minplat_global_t;
use crate::handle::handle;
use crate::memory::minplat_memory_t;
use crate::store::{Context, context, minplat_context_t};
use crate::table::minplat_table_t;
use crate::types::{
    MINPLAT_EXTERN_FUNC, MINPLAT_EXTERN_GLOBAL, MINPLAT_EXTERN_MEMORY, MINPLAT_EXTERN_TABLE, MINPLAT_EXTERN_TAG,
    minplat_extern_kind_t,
};

/// An instance, valid with its store.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct minplat_instance_t {
    /// The store's number.
    pub store: u64,
    /// Which; opaque.
    pub opaque: MaybeUninit<u64>,
}
handle!(minplat_instance_t, Instance);

/// A tag of exceptions, valid with its store. It can be passed on, nothing else.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct minplat_tag_t {
    /// The store's number.
    pub store: u64,
    /// Which; opaque.
    pub opaque: [MaybeUninit<u64>; 2],
}
handle!(minplat_tag_t, minplat::wasmtime::Tag);

/// What an import or export is, by its kind.
#[repr(C)]
#[derive(Clone, Copy)]
pub union minplat_extern_union_t {
    /// MINPLAT_EXTERN_FUNC.
    pub func: minplat_func_t,
    /// MINPLAT_EXTERN_TABLE.
    pub table: minplat_table_t,
    /// MINPLAT_EXTERN_MEMORY.
    pub memory: minplat_memory_t,
    /// MINPLAT_EXTERN_GLOBAL.
    pub global: minplat_global_t,
    /// MINPLAT_EXTERN_TAG.
    pub tag: minplat_tag_t,
}

/// Something that an instance exports or imports.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct minplat_extern_t {
    /// Which member of `of` it is.
    pub kind: minplat_extern_kind_t,
    /// The thing.
    pub of: minplat_extern_union_t,
}

/// In C's form; `None` for a shared memory, which no platform has.
pub(crate) fn from_extern(context: &mut Context<'_>, found: Extern) -> Option<minplat_extern_t> {
    let (kind, of) = match found {
        Extern::Func(func) => {
            (MINPLAT_EXTERN_FUNC, minplat_extern_union_t { func: minplat_func_t::new(context, func) })
        }
        Extern::Table(table) => {
            (MINPLAT_EXTERN_TABLE, minplat_extern_union_t { table: minplat_table_t::new(context, table) })
        }
        Extern::Memory(memory) => {
            (MINPLAT_EXTERN_MEMORY, minplat_extern_union_t { memory: minplat_memory_t::new(context, memory) })
        }
        Extern::Global(global) => {
            (MINPLAT_EXTERN_GLOBAL, minplat_extern_union_t { global: minplat_global_t::new(context, global) })
        }
        Extern::Tag(tag) => (MINPLAT_EXTERN_TAG, minplat_extern_union_t { tag: minplat_tag_t::new(context, tag) }),
        Extern::SharedMemory(_) => return None,
    };
    Some(minplat_extern_t { kind, of })
}

/// In Rust's form, if the store owns it.
pub(crate) fn to_extern(context: &Context<'_>, given: &minplat_extern_t) -> Result<Extern, Failure> {
    // SAFETY: the kind says which member was written, and handles take any bits.
    Ok(unsafe {
        match given.kind {
            MINPLAT_EXTERN_FUNC => given.of.func.get(context)?.into(),
            MINPLAT_EXTERN_TABLE => given.of.table.get(context)?.into(),
            MINPLAT_EXTERN_MEMORY => given.of.memory.get(context)?.into(),
            MINPLAT_EXTERN_GLOBAL => given.of.global.get(context)?.into(),
            MINPLAT_EXTERN_TAG => given.of.tag.get(context)?.into(),
            _ => {
                return Err(Failure::new(
                    code::MINPLAT_ERROR_ARGUMENT,
                    "the kind of a minplat_extern_t is none of MINPLAT_EXTERN_*",
                ));
            }
        }
    })
}

/// The export of this name; false if there is none, or an argument is not valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_instance_export(
    context: *mut minplat_context_t,
    instance: *const minplat_instance_t,
    name: *const u8,
    name_len: usize,
    export: *mut minplat_extern_t,
) -> bool {
    let find = || {
        // SAFETY: pointers are NULL or point to what their types say, as many as the lengths say.
        let (mut context, instance, name) =
            unsafe { (self::context(context).ok()?, required(instance).ok()?, text(name, name_len).ok()?) };
        let found = instance.get(&context).ok()?.get_export(&mut context, name)?;
        let found = from_extern(&mut context, found)?;
        // SAFETY: NULL, or room for an export.
        unsafe { out(export, found) }.ok()
    };
    find().is_some()
}
