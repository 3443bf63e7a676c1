//! Linkers: names for what modules import, and instantiation.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ffi::c_void;
use core::mem::MaybeUninit;
use core::ptr::{self, NonNull};

use minplat::wasmtime::{
    AsContextMut as _, Caller, Engine, Error, FuncType, Linker, Result as WasmtimeResult, UnknownImportError, ValRaw,
    ValType,
};

use crate::args::{boxed, items, out, place, required, required_mut, text};
use crate::engine::minplat_engine_t;
use crate::error::{Failure, format, minplat_error_code_t as code, minplat_error_t, report};
use crate::func::Room;
use crate::instance::{from_extern, minplat_extern_t, minplat_instance_t, to_extern};
use crate::module::minplat_module_t;
use crate::purpose::{Purpose, scope};
use crate::store::{Data, Making, context, context_pointer, minplat_context_t};
use crate::types::{MINPLAT_I32, minplat_kind_t};
use crate::value::{lift, lower, minplat_value_t, mismatch, type_of};

/// What modules can import, by name.
pub struct minplat_linker_t {
    linker: Linker<Data>,
}

/// A host function's view of its caller: valid until the host function returns.
pub struct minplat_caller_t {
    _opaque: [u8; 0],
}

/// A host function. `args` have the kinds that it was defined with; `results` come with theirs and zeros in them, to be
/// overwritten. NULL: it succeeded. An error, which the library then owns, ends the guest's call.
pub type minplat_callback_t = Option<
    unsafe extern "C" fn(
        env: *mut c_void,
        caller: *mut minplat_caller_t,
        args: *const minplat_value_t,
        args_len: usize,
        results: *mut minplat_value_t,
        results_len: usize,
    ) -> *mut minplat_error_t,
>;

/// Ends what a host function's `env` points to.
pub type minplat_finalizer_t = Option<unsafe extern "C" fn(env: *mut c_void)>;

/// Makes an empty linker.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_linker_new(
    engine: *const minplat_engine_t,
    linker: *mut *mut minplat_linker_t,
) -> *mut minplat_error_t {
    report(|| {
        // SAFETY: NULL, or an engine of this library.
        let (engine, place) = (unsafe { required(engine) }?, place(linker)?);
        let new = minplat_linker_t { linker: Linker::new(&engine.engine) };
        // SAFETY: the place has room for a pointer.
        unsafe { place.write(boxed(new)?) };
        Ok(())
    })
}

/// Frees a linker. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_linker_delete(linker: *mut minplat_linker_t) {
    if !linker.is_null() {
        // SAFETY: it came from `minplat_linker_new`, and its owner gives it back.
        drop(unsafe { Box::from_raw(linker) });
    }
}

/// A host function with what it needs; dropping it calls the finalizer.
struct Host {
    callback: minplat_callback_t,
    env: *mut c_void,
    finalizer: minplat_finalizer_t,
    /// The kinds of the parameters and, behind them, of the results.
    kinds: Vec<minplat_kind_t>,
    params: usize,
}

// SAFETY: a program whose stores run on several threads gives callbacks that can be called there, as the documentation of
// `minplat_linker_define_func` demands.
unsafe impl Send for Host {}
// SAFETY: as above.
unsafe impl Sync for Host {}

impl Drop for Host {
    fn drop(&mut self) {
        if let Some(finalizer) = self.finalizer {
            // SAFETY: the program gave the two together.
            unsafe { finalizer(self.env) };
        }
    }
}

/// Defines a host function. `env` is handed to it; `finalizer`, unless NULL, is called with `env` once, when the last thing
/// that could call the function is gone, or at once if this fails. Where the platform offers multi-thread, the function
/// may be called on every thread that runs a store. MINPLAT_ERROR_LINK if the name is taken.
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
        let mut host = Host { callback, env, finalizer, kinds: Vec::new(), params: params_len };
        if callback.is_none() {
            return Err(Failure::NULL);
        }
        // SAFETY: pointers are NULL or point to what their types say, as many as the lengths say.
        let (linker, module, name, params, results) = unsafe {
            (
                required_mut(linker)?,
                text(module, module_len)?,
                text(name, name_len)?,
                items(params, params_len)?,
                items(results, results_len)?,
            )
        };
        host.kinds.try_reserve_exact(params.len() + results.len()).map_err(|_| Failure::OUT_OF_MEMORY)?;
        host.kinds.extend_from_slice(params);
        host.kinds.extend_from_slice(results);
        let types = scope(Purpose::Types);
        let ty = signature(linker.linker.engine(), params, results)?;
        drop(types);
        let call = move |caller: Caller<'_, Data>, raw: &mut [MaybeUninit<ValRaw>]| host.call(caller, raw);
        // SAFETY: `Host::call` reads and writes values of the type that it is defined with.
        let defined = unsafe { linker.linker.func_new_unchecked(module, name, ty, call) };
        defined.map(|_| ()).map_err(|error| Failure::wasmtime(error, code::MINPLAT_ERROR_LINK))
    })
}

fn signature(engine: &Engine, params: &[minplat_kind_t], results: &[minplat_kind_t]) -> Result<FuncType, Failure> {
    if params.iter().chain(results).any(|kind| type_of(*kind).is_none()) {
        return Err(Failure::new(
            code::MINPLAT_ERROR_UNSUPPORTED,
            "a host function takes and returns MINPLAT_I32 to MINPLAT_FUNCREF, and MINPLAT_EXTERNREF where the platform \
             has runtime.gc",
        ));
    }
    FuncType::try_new(engine, types(params), types(results)).map_err(|_| Failure::OUT_OF_MEMORY)
}

fn types(kinds: &[minplat_kind_t]) -> impl Iterator<Item = ValType> {
    kinds.iter().filter_map(|kind| type_of(*kind))
}

impl Host {
    /// Calls the host function for a guest.
    fn call(&self, mut caller: Caller<'_, Data>, raw: &mut [MaybeUninit<ValRaw>]) -> WasmtimeResult<()> {
        let (mut args, mut results) = (Room::new(), Room::new());
        self.pass(&mut caller, raw, &mut args, &mut results).map_err(|failure| failure.into_error())
    }

    fn pass(
        &self,
        caller: &mut Caller<'_, Data>,
        raw: &mut [MaybeUninit<ValRaw>],
        args: &mut Room<minplat_value_t>,
        results: &mut Room<minplat_value_t>,
    ) -> Result<(), Failure> {
        let (params, returns) = self.kinds.split_at(self.params);
        let args = args.fill(params.len(), minplat_value_t::zero(MINPLAT_I32))?;
        let results = results.fill(returns.len(), minplat_value_t::zero(MINPLAT_I32))?;
        let mut context = caller.as_context_mut();
        for ((arg, raw), kind) in args.iter_mut().zip(&*raw).zip(params) {
            // SAFETY: compiled code wrote arguments of the type that the function was defined with.
            *arg = unsafe { lift(&mut context, raw.assume_init_ref(), *kind) }?;
        }
        for (result, kind) in results.iter_mut().zip(returns) {
            *result = minplat_value_t::zero(*kind);
        }
        if let Some(callback) = self.callback {
            let caller: *mut Caller<'_, Data> = caller;
            // SAFETY: the program gave a callback that takes this.
            let error = unsafe {
                callback(self.env, caller.cast(), args.as_ptr(), args.len(), results.as_mut_ptr(), results.len())
            };
            if let Some(error) = NonNull::new(error) {
                return Err(Failure::returned(error));
            }
        }
        let mut context = caller.as_context_mut();
        for ((raw, result), kind) in raw.iter_mut().zip(results).zip(returns) {
            let ty = type_of(*kind).ok_or_else(mismatch)?;
            *raw = MaybeUninit::new(lower(&mut context, result, &ty)?);
        }
        Ok(())
    }
}

/// Defines something that the store owns. MINPLAT_ERROR_LINK if the name is taken.
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
        let item = to_extern(&context, item)?;
        let defined = linker.linker.define(&context, module, name, item);
        defined.map(|_| ()).map_err(|error| Failure::wasmtime(error, code::MINPLAT_ERROR_LINK))
    })
}

/// Defines every export of an instance under a module's name. MINPLAT_ERROR_LINK if a name is taken.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_linker_define_instance(
    linker: *mut minplat_linker_t,
    context: *mut minplat_context_t,
    module: *const u8,
    module_len: usize,
    instance: *const minplat_instance_t,
) -> *mut minplat_error_t {
    report(|| {
        // SAFETY: pointers are NULL or point to what their types say, as many as the lengths say.
        let (linker, mut context, module, instance) =
            unsafe { (required_mut(linker)?, self::context(context)?, text(module, module_len)?, required(instance)?) };
        let instance = instance.get(&context)?;
        let defined = linker.linker.instance(&mut context, module, instance);
        defined.map(|_| ()).map_err(|error| Failure::wasmtime(error, code::MINPLAT_ERROR_LINK))
    })
}

/// Whether an import is missing, or has another type.
fn is_link_error(error: &Error) -> bool {
    // Wasmtime has a type for the one, and for the other a text in front of it.
    error.is::<UnknownImportError>()
        || format(format_args!("{error}")).is_some_and(|text| text.starts_with("incompatible import type"))
}

/// Makes an instance and runs the module's start function. MINPLAT_ERROR_LINK if an import is missing or has another type;
/// MINPLAT_ERROR_LIMIT if the store's limits do not allow the instance; a trap of the start function, or of an active
/// segment, comes out as one. Linker, store and module are of one engine.
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
        let engine = linker.linker.engine();
        if !Engine::same(engine, context.engine()) || !Engine::same(engine, module.module.engine()) {
            return Err(Failure::new(
                code::MINPLAT_ERROR_ARGUMENT,
                "linker, store and module are of different engines: make all with one",
            ));
        }
        let making = Making::new(&mut context, &module.image)?;
        let made = linker.linker.instantiate(&mut context, &module.module);
        let made = made.map_err(|error| {
            let code = if is_link_error(&error) { code::MINPLAT_ERROR_LINK } else { code::MINPLAT_ERROR_OTHER };
            Failure::wasmtime(error, code)
        });
        making.done(&mut context, made.as_ref().err());
        let made = made?;
        let made = minplat_instance_t::new(&mut context, made);
        // SAFETY: NULL, or room for a handle.
        unsafe { out(instance, made) }
    })
}

/// The caller's store; valid until the host function returns. NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_caller_context(caller: *mut minplat_caller_t) -> *mut minplat_context_t {
    // SAFETY: NULL, or what `Host::pass` gave to the host function that is running.
    unsafe { caller.cast::<Caller<'_, Data>>().as_mut() }
        .map_or(ptr::null_mut(), |caller| context_pointer(caller.as_context_mut()))
}

/// The export of this name of the instance that called; false if there is none, or an argument is not valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_caller_export(
    caller: *mut minplat_caller_t,
    name: *const u8,
    name_len: usize,
    export: *mut minplat_extern_t,
) -> bool {
    let find = || {
        // SAFETY: NULL, or what `Host::pass` gave to the host function that is running; NULL, or so many bytes.
        let (caller, name) = unsafe { (caller.cast::<Caller<'_, Data>>().as_mut()?, text(name, name_len).ok()?) };
        let found = caller.get_export(name)?;
        let found = from_extern(&mut caller.as_context_mut(), found)?;
        // SAFETY: NULL, or room for an export.
        unsafe { out(export, found) }.ok()
    };
    find().is_some()
}
