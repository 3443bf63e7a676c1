//! Instances, and the things that they export.

use alloc::vec::Vec;
use core::mem::MaybeUninit;

use minplat::wasmtime::{Extern, Instance};

use crate::args::{boxed, items, out, place, required, text};
use crate::error::{Failure, minplat_error_code_t as code, minplat_error_t, report};
use crate::func::minplat_func_t;
use crate::global::minplat_global_t;
use crate::handle::handle;
use crate::linker::{make, one_engine};
use crate::memory::minplat_memory_t;
use crate::module::minplat_module_t;
use crate::store::{Context, context, minplat_context_t};
use crate::table::minplat_table_t;
use crate::tag::minplat_tag_t;
use crate::types::{
    MINPLAT_EXTERN_FUNC, MINPLAT_EXTERN_GLOBAL, MINPLAT_EXTERN_MEMORY, MINPLAT_EXTERN_NONE, MINPLAT_EXTERN_TABLE,
    MINPLAT_EXTERN_TAG, minplat_extern_kind_t, minplat_externtype_t, named,
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
// No kind of extern: as large as a function's handle, and none.
handle!(minplat_instance_t, Instance, MINPLAT_EXTERN_NONE);

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

/// Something that an instance exports or imports. A guest decides what it exports under a name: `kind` says which member of `of`
/// it is. A handle from another member is MINPLAT_ERROR_ARGUMENT, or the answer "nothing", wherever it is given.
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

/// The export of this name; false if there is none, or an argument is not valid. Stack: 2 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_instance_export(
    context: *mut minplat_context_t,
    instance: *const minplat_instance_t,
    name: *const u8,
    name_len: usize,
    export: *mut minplat_extern_t,
) -> bool {
    let _turn = crate::turn::take();
    let find = || {
        let (mut context, instance, name) =
            // SAFETY: pointers are NULL or point to what their types say, as many as the lengths say.
            unsafe { (self::context(context).ok()?, required(instance).ok()?, text(name, name_len).ok()?) };
        let found = instance.get(&context).ok()?.get_export(&mut context, name)?;
        let found = from_extern(&mut context, found)?;
        // SAFETY: NULL, or room for an export.
        unsafe { out(export, found) }.ok()
    };
    find().is_some()
}

/// The instance's export number `index`, in the module's order, with its name: `*name_len` bytes of UTF-8, not terminated,
/// valid as long as the store. False if there is none with this index, or an argument is not valid. Stack: 2 KiB.
/// Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_instance_export_at(
    context: *mut minplat_context_t,
    instance: *const minplat_instance_t,
    index: usize,
    name: *mut *const u8,
    name_len: *mut usize,
    export: *mut minplat_extern_t,
) -> bool {
    let _turn = crate::turn::take();
    let find = || {
        // SAFETY: pointers are NULL or point to what their types say.
        let (mut context, instance) = unsafe { (self::context(context).ok()?, required(instance).ok()?) };
        let (name, name_len, export) = (place(name).ok()?, place(name_len).ok()?, place(export).ok()?);
        let instance = instance.get(&context).ok()?;
        let found = instance.exports(&mut context).nth(index)?;
        let (text, len) = (found.name().as_ptr(), found.name().len());
        let found = found.into_extern();
        let found = from_extern(&mut context, found)?;
        // SAFETY: there is room for what their types say.
        unsafe {
            name.write(text);
            name_len.write(len);
            export.write(found);
        }
        Some(())
    };
    find().is_some()
}

/// Makes an instance without a linker: `imports` are what the module imports, in its order. Otherwise as
/// `minplat_linker_instantiate`. Stack: 6 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_instance_new(
    context: *mut minplat_context_t,
    module: *const minplat_module_t,
    imports: *const minplat_extern_t,
    imports_len: usize,
    instance: *mut minplat_instance_t,
) -> *mut minplat_error_t {
    report(|| {
        let (mut context, module, imports) =
            // SAFETY: pointers are NULL or point to what their types say, as many as the lengths say.
            unsafe { (self::context(context)?, required(module)?, items(imports, imports_len)?) };
        let place = place(instance)?;
        one_engine(module.module.engine(), context.engine())?;
        if imports.len() != module.module.imports().len() {
            return Err(Failure::new(
                code::MINPLAT_ERROR_LINK,
                "the module imports another number of things: see minplat_module_import_count",
            ));
        }
        let mut given = Vec::new();
        given.try_reserve_exact(imports.len()).map_err(|_| Failure::OUT_OF_MEMORY)?;
        for import in imports {
            given.push(to_extern(&context, import)?);
        }
        let made = make(&mut context, module, |context| Instance::new(context, &module.module, &given))?;
        // SAFETY: the place has room for a handle.
        unsafe { place.write(made) };
        Ok(())
    })
}

/// The type of something that the store owns, without names. Owned by the caller. Stack: 1 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_extern_type(
    context: *const minplat_context_t,
    item: *const minplat_extern_t,
    ty: *mut *mut minplat_externtype_t,
) -> *mut minplat_error_t {
    report(|| {
        // SAFETY: pointers are NULL or point to what their types say.
        let (context, item, place) = unsafe { (self::context(context)?, required(item)?, place(ty)?) };
        let found = to_extern(&context, item)?.ty(&context);
        // SAFETY: the place has room for a pointer.
        unsafe { place.write(boxed(named("", "", found)?)?) };
        Ok(())
    })
}
