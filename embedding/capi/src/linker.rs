//! Linkers: names for what modules import, and instantiation.

use alloc::vec::Vec;
use core::ffi::c_void;

use minplat::wasmtime::{Engine, Error, FuncType, Instance, Linker, UnknownImportError, ValType};

use crate::args::{boxed, delete, out, place, required, required_mut, text};
use crate::engine::minplat_engine_t;
use crate::error::{Failure, format, is_of_guest, minplat_error_code_t as code, minplat_error_t, report};
use crate::heap::texts;
use crate::host_func::{
    Env, Exact, Host, Kinds, Raw, Typed, define, minplat_callback_t, minplat_finalizer_t, minplat_raw_callback_t,
};
use crate::instance::{from_extern, minplat_extern_t, minplat_instance_t, to_extern};
use crate::module::minplat_module_t;
use crate::store::{Context, Data, Making, context, minplat_context_t};
use crate::types::{kind_of, minplat_externtype_t, minplat_kind_t};

/// What modules can import, by name.
pub struct minplat_linker_t {
    pub(crate) linker: Linker<Data>,
    /// The number of the store that owns what `minplat_linker_define` and its kin put in; 0 until there is such a thing.
    store: u64,
}

impl minplat_linker_t {
    /// Whether it can be used together with this store. Wasmtime stops the program for things of another.
    fn fits(&self, context: &Context<'_>) -> Result<(), Failure> {
        one_engine(self.linker.engine(), context.engine())?;
        // A store that has given out no handle is not the one that the linker's things came from.
        if self.store == 0 || self.store == context.data().id() {
            return Ok(());
        }
        Err(Failure::new(
            code::MINPLAT_ERROR_ARGUMENT,
            "the linker has things of another store: make a linker for each store, or define host functions alone",
        ))
    }
}

/// Makes an empty linker. Owned by the caller. Stack: 4 KiB. Tasks: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_linker_new(
    engine: *const minplat_engine_t,
    linker: *mut *mut minplat_linker_t,
) -> *mut minplat_error_t {
    report(|| {
        // SAFETY: NULL, or an engine of this library.
        let (engine, place) = (unsafe { required(engine) }?, place(linker)?);
        let new = minplat_linker_t { linker: Linker::new(&engine.engine), store: 0 };
        // SAFETY: the place has room for a pointer.
        unsafe { place.write(boxed(new)?) };
        Ok(())
    })
}

/// Frees a linker. Instances that were made with it stay, with the host functions that they call. NULL is fine.
/// Stack: 1 KiB. Tasks: the linker's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_linker_delete(linker: *mut minplat_linker_t) {
    // SAFETY: NULL, or it came from `minplat_linker_new`, and its owner gives it back.
    unsafe { delete(linker) }
}

/// Lets a definition take the place of another of the same name from now on, instead of being MINPLAT_ERROR_LINK. NULL does
/// nothing. Stack: 2 KiB. Tasks: the linker's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_linker_allow_shadowing(linker: *mut minplat_linker_t, allow: bool) {
    let _turn = crate::turn::take();
    // SAFETY: NULL, or a linker of this library.
    if let Ok(linker) = unsafe { required_mut(linker) } {
        linker.linker.allow_shadowing(allow);
    }
}

/// # Safety
/// Pointers are NULL or point to what their types say, as many as the lengths say.
unsafe fn define_kinds<H: Host>(
    linker: *mut minplat_linker_t,
    (module, module_len): (*const u8, usize),
    (name, name_len): (*const u8, usize),
    kinds: Result<Kinds<'_>, Failure>,
    mut host: H,
) -> Result<(), Failure> {
    let (linker, module, name, kinds) =
        // SAFETY: the caller's contract is the function's own.
        unsafe { (required_mut(linker)?, text(module, module_len)?, text(name, name_len)?, kinds?) };
    host.of_kinds(kinds.params, kinds.results)?;
    let ty = kinds.signature(linker.linker.engine())?;
    define(&mut linker.linker, module, name, ty, host)
}

/// Defines a host function. `env` is handed to it; `finalizer`, unless NULL, is called with `env` once, when the last thing
/// that could call the function is gone, or at once if this fails. Where the platform offers multi-thread, the function
/// may be called on every thread that runs a store. MINPLAT_ERROR_LINK if the name is taken. Stack: 4 KiB.
/// Tasks: the linker's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_linker_define_func(
    linker: *mut minplat_linker_t,
    module: *const u8,
    module_len: usize,
    name: *const u8,
    name_len: usize,
    params: *const minplat_kind_t,
    params_len: usize,
    results: *const minplat_kind_t,
    results_len: usize,
    callback: minplat_callback_t,
    env: *mut c_void,
    finalizer: minplat_finalizer_t,
) -> *mut minplat_error_t {
    report(|| {
        // Made first, so that `env` is ended whatever fails.
        let host = Typed::new(callback, Env { env, finalizer });
        if callback.is_none() {
            return Err(Failure::NULL);
        }
        // SAFETY: pointers are NULL or point to what their types say, as many as the lengths say.
        unsafe {
            let kinds = Kinds::of(params, params_len, results, results_len);
            define_kinds(linker, (module, module_len), (name, name_len), kinds, host)
        }
    })
}

/// Defines a host function without conversions, the fastest there is: see minplat_raw_callback_t. Otherwise as
/// `minplat_linker_define_func`. Stack: 4 KiB. Tasks: the linker's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_linker_define_func_raw(
    linker: *mut minplat_linker_t,
    module: *const u8,
    module_len: usize,
    name: *const u8,
    name_len: usize,
    params: *const minplat_kind_t,
    params_len: usize,
    results: *const minplat_kind_t,
    results_len: usize,
    callback: minplat_raw_callback_t,
    env: *mut c_void,
    finalizer: minplat_finalizer_t,
) -> *mut minplat_error_t {
    report(|| {
        let host = Raw::new(callback, Env { env, finalizer })?;
        // SAFETY: pointers are NULL or point to what their types say, as many as the lengths say.
        unsafe {
            let kinds = Kinds::of(params, params_len, results, results_len);
            define_kinds(linker, (module, module_len), (name, name_len), kinds, host)
        }
    })
}

/// Defines a host function for an import, from `minplat_module_import`: under its names, and with exactly its type. So it can have
/// any type that there is, of references to the module's own types too. Otherwise as `minplat_linker_define_func`;
/// MINPLAT_ERROR_TYPE if the import is no function. Stack: 2 KiB. Tasks: the linker's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_linker_define_import(
    linker: *mut minplat_linker_t,
    import: *const minplat_externtype_t,
    callback: minplat_callback_t,
    env: *mut c_void,
    finalizer: minplat_finalizer_t,
) -> *mut minplat_error_t {
    report(|| {
        let mut typed = Typed::new(callback, Env { env, finalizer });
        if callback.is_none() {
            return Err(Failure::NULL);
        }
        // SAFETY: pointers are NULL or point to what their types say.
        let (linker, import, ty) = unsafe { of_import(linker, import) }?;
        let (params, results) = (kinds(ty.params())?, kinds(ty.results())?);
        typed.of_kinds(&params, &results)?;
        define(&mut linker.linker, &import.module, &import.name, ty.clone(), Exact { typed, ty })
    })
}

/// Likewise, without conversions: see minplat_raw_callback_t. Stack: 2 KiB. Tasks: the linker's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_linker_define_import_raw(
    linker: *mut minplat_linker_t,
    import: *const minplat_externtype_t,
    callback: minplat_raw_callback_t,
    env: *mut c_void,
    finalizer: minplat_finalizer_t,
) -> *mut minplat_error_t {
    report(|| {
        let host = Raw::new(callback, Env { env, finalizer })?;
        // SAFETY: pointers are NULL or point to what their types say.
        let (linker, import, ty) = unsafe { of_import(linker, import) }?;
        define(&mut linker.linker, &import.module, &import.name, ty, host)
    })
}

/// # Safety
/// Pointers are NULL or point to what their types say.
unsafe fn of_import<'a>(
    linker: *mut minplat_linker_t,
    import: *const minplat_externtype_t,
) -> Result<(&'a mut minplat_linker_t, &'a minplat_externtype_t, FuncType), Failure> {
    // SAFETY: the caller's contract is the function's own.
    let (linker, import) = unsafe { (required_mut(linker)?, required(import)?) };
    let Some(ty) = import.func() else {
        return Err(Failure::new(code::MINPLAT_ERROR_TYPE, "the import is no function: see minplat_externtype_kind"));
    };
    one_engine(linker.linker.engine(), ty.engine())?;
    Ok((linker, import, ty.clone()))
}

fn kinds(types: impl ExactSizeIterator<Item = ValType>) -> Result<Vec<minplat_kind_t>, Failure> {
    let mut kinds = Vec::new();
    kinds.try_reserve_exact(types.len()).map_err(|_| Failure::OUT_OF_MEMORY)?;
    kinds.extend(types.map(|ty| kind_of(&ty)));
    Ok(kinds)
}

/// Defines something that the store owns; from then on the linker is for this store alone. MINPLAT_ERROR_LINK if the name is
/// taken, MINPLAT_ERROR_ARGUMENT if the linker has things of another store. Linker and store are of one engine.
/// Stack: 2 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_linker_define(
    linker: *mut minplat_linker_t,
    context: *const minplat_context_t,
    module: *const u8,
    module_len: usize,
    name: *const u8,
    name_len: usize,
    item: *const minplat_extern_t,
) -> *mut minplat_error_t {
    report(|| {
        // SAFETY: pointers are NULL or point to what their types say, as many as the lengths say.
        let (linker, context, module, name, item) = unsafe {
            (
                required_mut(linker)?,
                self::context(context)?,
                text(module, module_len)?,
                text(name, name_len)?,
                required(item)?,
            )
        };
        linker.fits(&context)?;
        let item = to_extern(&context, item)?;
        let defined = linker.linker.define(&context, module, name, item);
        linker.store = context.data().id();
        defined.map(|_| ()).map_err(|error| Failure::wasmtime(error, code::MINPLAT_ERROR_LINK))
    })
}

/// Defines every export of an instance under a module's name; from then on the linker is for this store alone.
/// MINPLAT_ERROR_LINK if a name is taken, MINPLAT_ERROR_ARGUMENT if the linker has things of another store. Linker and store
/// are of one engine. Stack: 2 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_linker_define_instance(
    linker: *mut minplat_linker_t,
    context: *mut minplat_context_t,
    module: *const u8,
    module_len: usize,
    instance: *const minplat_instance_t,
) -> *mut minplat_error_t {
    report(|| {
        let (linker, mut context, module, instance) =
            // SAFETY: pointers are NULL or point to what their types say, as many as the lengths say.
            unsafe { (required_mut(linker)?, self::context(context)?, text(module, module_len)?, required(instance)?) };
        linker.fits(&context)?;
        let instance = instance.get(&context)?;
        let defined = linker.linker.instance(&mut context, module, instance);
        linker.store = context.data().id();
        defined.map(|_| ()).map_err(|error| Failure::wasmtime(error, code::MINPLAT_ERROR_LINK))
    })
}

/// What is defined under a name, for this store. MINPLAT_ERROR_NOT_FOUND if nothing is, MINPLAT_ERROR_ARGUMENT if the
/// linker has things of another store. Linker and store are of one engine. Stack: 2 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_linker_get(
    linker: *const minplat_linker_t,
    context: *mut minplat_context_t,
    module: *const u8,
    module_len: usize,
    name: *const u8,
    name_len: usize,
    item: *mut minplat_extern_t,
) -> *mut minplat_error_t {
    report(|| {
        let (linker, mut context, module, name) =
            // SAFETY: pointers are NULL or point to what their types say, as many as the lengths say.
            unsafe { (required(linker)?, self::context(context)?, text(module, module_len)?, text(name, name_len)?) };
        linker.fits(&context)?;
        let found = linker.linker.get(&mut context, module, name);
        let found = found.map_err(|error| Failure::wasmtime(error, code::MINPLAT_ERROR_NOT_FOUND))?;
        let found = from_extern(&mut context, found).ok_or_else(shared)?;
        // SAFETY: NULL, or room for an item.
        unsafe { out(item, found) }
    })
}

fn shared() -> Failure {
    Failure::new(code::MINPLAT_ERROR_UNSUPPORTED, "a shared memory has no handle")
}

pub(crate) fn one_engine(one: &Engine, other: &Engine) -> Result<(), Failure> {
    if Engine::same(one, other) {
        return Ok(());
    }
    Err(Failure::new(
        code::MINPLAT_ERROR_ARGUMENT,
        "linker, store, module or type are of different engines: make all with one",
    ))
}

/// Whether an import is missing, or has another type.
fn link_code(error: &Error) -> code {
    // Wasmtime has a type for the one, and for the other a text in front of it.
    let is_link = error.is::<UnknownImportError>()
        || format(format_args!("{error}")).is_some_and(|text| text.starts_with("incompatible import type"));
    if is_link { code::MINPLAT_ERROR_LINK } else { code::MINPLAT_ERROR_OTHER }
}

/// Makes an instance and runs the module's start function. MINPLAT_ERROR_LINK if an import is missing or has another type;
/// MINPLAT_ERROR_LIMIT if the store's limits do not allow the instance; a trap of the start function, or of an active
/// segment, comes out as one. A module can be instantiated any number of times in a store. Linker, store and module are
/// of one engine; MINPLAT_ERROR_ARGUMENT if the linker has things of another store. Stack: 6 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_linker_instantiate(
    linker: *const minplat_linker_t,
    context: *mut minplat_context_t,
    module: *const minplat_module_t,
    instance: *mut minplat_instance_t,
) -> *mut minplat_error_t {
    report(|| {
        // SAFETY: pointers are NULL or point to what their types say.
        let (linker, mut context, module) = unsafe { (required(linker)?, self::context(context)?, required(module)?) };
        let place = place(instance)?;
        linker.fits(&context)?;
        one_engine(linker.linker.engine(), module.module.engine())?;
        let made = make(&mut context, module, |context| linker.linker.instantiate(context, &module.module))?;
        // SAFETY: the place has room for a handle.
        unsafe { place.write(made) };
        Ok(())
    })
}

/// Makes an instance of a module, and keeps book of it.
pub(crate) fn make(
    context: &mut Context<'_>,
    module: &minplat_module_t,
    instantiate: impl FnOnce(&mut Context<'_>) -> Result<Instance, Error>,
) -> Result<minplat_instance_t, Failure> {
    let making = Making::new(context, &module.image)?;
    let _texts = texts();
    let mut has_run = true;
    let made = instantiate(context).map_err(|error| {
        let code = link_code(&error);
        has_run = is_of_guest(&error);
        Failure::wasmtime(error, code)
    });
    making.done(context, has_run, made.as_ref().err());
    Ok(minplat_instance_t::new(context, made?))
}
