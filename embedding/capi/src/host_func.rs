//! Host functions: what guests call, and how that gets to the program and back.

use alloc::vec::Vec;
use core::ffi::c_void;
use core::mem::MaybeUninit;
use core::ptr::{self, NonNull};

use minplat::wasmtime::{
    AsContextMut as _, Caller, Engine, Extern, FuncType, Linker, Result as WasmtimeResult, ValRaw, ValType,
};

use crate::args::{items, out, text};
use crate::error::{Failure, minplat_error_code_t as code, minplat_error_t, report};
use crate::func::{Room, minplat_func_t};
use crate::heap::grow;
use crate::instance::{from_extern, minplat_extern_t};
use crate::purpose::{Purpose, scope};
use crate::raw::minplat_raw_t;
use crate::store::{Data, context, context_pointer, minplat_context_t};
use crate::types::{MINPLAT_I32, minplat_kind_t};
use crate::value::{lift, lower, minplat_value_t, mismatch, type_of};

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

/// A host function without conversions: `values` hold the arguments from the first on, and get the results from the first
/// on; there are as many as parameters or results, whichever are more. NULL: it succeeded. An error, which the library then
/// owns, ends the guest's call.
pub type minplat_raw_callback_t = Option<
    unsafe extern "C" fn(
        env: *mut c_void,
        caller: *mut minplat_caller_t,
        values: *mut minplat_raw_t,
        values_len: usize,
    ) -> *mut minplat_error_t,
>;

/// Ends what a host function's `env`, or the `data` of an externref or a store, points to. It must not call the library: it runs
/// in the midst of a call, on the thread and the stack of the one that ends the thing. That is a `*_delete`, a collection (which
/// a guest may set off too), or the failed definition itself.
pub type minplat_finalizer_t = Option<unsafe extern "C" fn(env: *mut c_void)>;

/// What the program gave together: something of its own, and what ends that.
pub(crate) struct Env {
    pub(crate) env: *mut c_void,
    pub(crate) finalizer: minplat_finalizer_t,
}

// SAFETY: a program whose stores run on several threads gives callbacks and finalizers that can be called there, as the
// documentation demands.
unsafe impl Send for Env {}
// SAFETY: as above.
unsafe impl Sync for Env {}

impl Drop for Env {
    fn drop(&mut self) {
        if let Some(finalizer) = self.finalizer {
            // SAFETY: the program gave the two together.
            crate::turn::lend(|| unsafe { finalizer(self.env) });
        }
    }
}

/// What a host function is made of, however its values are passed.
pub(crate) trait Host: Sized + Send + Sync + 'static {
    /// Takes the kinds of parameters and results down, if it needs them.
    fn of_kinds(&mut self, params: &[minplat_kind_t], results: &[minplat_kind_t]) -> Result<(), Failure>;

    /// Calls the host function for a guest.
    ///
    /// # Safety
    /// `raw` are arguments of the function's type, and room for its results.
    unsafe fn call(&self, caller: &mut Caller<'_, Data>, raw: &mut [MaybeUninit<ValRaw>]) -> Result<(), Failure>;
}

/// Passes values with their kinds.
pub(crate) struct Typed {
    callback: minplat_callback_t,
    env: Env,
    /// Of the parameters and, behind them, of the results.
    kinds: Vec<minplat_kind_t>,
    params: usize,
}

impl Typed {
    pub(crate) fn new(callback: minplat_callback_t, env: Env) -> Self {
        Self { callback, env, kinds: Vec::new(), params: 0 }
    }

    /// Calls the function; `result_type` gives the type of a result by index and kind.
    ///
    /// # Safety
    /// As [`Host::call`].
    pub(crate) unsafe fn pass(
        &self,
        caller: &mut Caller<'_, Data>,
        raw: &mut [MaybeUninit<ValRaw>],
        result_type: impl Fn(usize, minplat_kind_t) -> Option<ValType>,
    ) -> Result<(), Failure> {
        let (mut args, mut results) = (Room::new(), Room::new());
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
            let error = crate::turn::lend(|| unsafe {
                callback(self.env.env, caller.cast(), args.as_ptr(), args.len(), results.as_mut_ptr(), results.len())
            });
            returned(error)?;
        }
        let mut context = caller.as_context_mut();
        for (index, ((raw, result), kind)) in raw.iter_mut().zip(results).zip(returns).enumerate() {
            let ty = result_type(index, *kind).ok_or_else(mismatch)?;
            *raw = MaybeUninit::new(lower(&mut context, result, &ty)?);
        }
        Ok(())
    }
}

impl Host for Typed {
    fn of_kinds(&mut self, params: &[minplat_kind_t], results: &[minplat_kind_t]) -> Result<(), Failure> {
        self.kinds.try_reserve_exact(params.len() + results.len()).map_err(|_| Failure::OUT_OF_MEMORY)?;
        self.kinds.extend_from_slice(params);
        self.kinds.extend_from_slice(results);
        self.params = params.len();
        Ok(())
    }

    unsafe fn call(&self, caller: &mut Caller<'_, Data>, raw: &mut [MaybeUninit<ValRaw>]) -> Result<(), Failure> {
        // SAFETY: the caller's contract is the function's own.
        unsafe { self.pass(caller, raw, |_, kind| type_of(kind)) }
    }
}

/// Passes values with their kinds, and results of exactly the types that an import has.
pub(crate) struct Exact {
    pub(crate) typed: Typed,
    pub(crate) ty: FuncType,
}

impl Host for Exact {
    fn of_kinds(&mut self, params: &[minplat_kind_t], results: &[minplat_kind_t]) -> Result<(), Failure> {
        self.typed.of_kinds(params, results)
    }

    unsafe fn call(&self, caller: &mut Caller<'_, Data>, raw: &mut [MaybeUninit<ValRaw>]) -> Result<(), Failure> {
        // SAFETY: the caller's contract is the function's own.
        unsafe { self.typed.pass(caller, raw, |index, _| self.ty.result(index)) }
    }
}

/// Passes values as they are.
pub(crate) struct Raw {
    callback: RawCallback,
    env: Env,
}

type RawCallback =
    unsafe extern "C" fn(*mut c_void, *mut minplat_caller_t, *mut minplat_raw_t, usize) -> *mut minplat_error_t;

impl Raw {
    /// `env` is ended if there is no callback.
    pub(crate) fn new(callback: minplat_raw_callback_t, env: Env) -> Result<Self, Failure> {
        Ok(Self { callback: callback.ok_or_else(Failure::null)?, env })
    }
}

impl Host for Raw {
    fn of_kinds(&mut self, _params: &[minplat_kind_t], _results: &[minplat_kind_t]) -> Result<(), Failure> {
        Ok(())
    }

    #[inline]
    unsafe fn call(&self, caller: &mut Caller<'_, Data>, raw: &mut [MaybeUninit<ValRaw>]) -> Result<(), Failure> {
        let caller: *mut Caller<'_, Data> = caller;
        // SAFETY: the program gave a callback that takes this.
        returned(crate::turn::lend(|| unsafe {
            (self.callback)(self.env.env, caller.cast(), raw.as_mut_ptr().cast(), raw.len())
        }))
    }
}

/// What a callback returned: NULL, or an error that is ours now.
fn returned(error: *mut minplat_error_t) -> Result<(), Failure> {
    match NonNull::new(error) {
        None => Ok(()),
        Some(error) => Err(Failure::returned(error)),
    }
}

/// Kinds from C as they stand in a definition.
pub(crate) struct Kinds<'a> {
    pub(crate) params: &'a [minplat_kind_t],
    pub(crate) results: &'a [minplat_kind_t],
}

impl Kinds<'_> {
    /// # Safety
    /// Pointers are NULL or point to as many kinds as the lengths say.
    pub(crate) unsafe fn of(
        params: *const minplat_kind_t,
        params_len: usize,
        results: *const minplat_kind_t,
        results_len: usize,
    ) -> Result<Self, Failure> {
        // SAFETY: the caller's contract is the function's own.
        let (params, results) = unsafe { (items(params, params_len)?, items(results, results_len)?) };
        Ok(Self { params, results })
    }

    /// The function type.
    pub(crate) fn signature(&self, engine: &Engine) -> Result<FuncType, Failure> {
        if self.params.iter().chain(self.results).any(|kind| type_of(*kind).is_none()) {
            return Err(Failure::new(
                code::MINPLAT_ERROR_UNSUPPORTED,
                "a host function or tag has MINPLAT_I32 to MINPLAT_FUNCREF, and other references where runtime.gc is on",
            ));
        }
        let _types = scope(Purpose::Types);
        FuncType::try_new(engine, types(self.params), types(self.results)).map_err(|_| Failure::OUT_OF_MEMORY)
    }
}

fn types(kinds: &[minplat_kind_t]) -> impl Iterator<Item = ValType> {
    kinds.iter().filter_map(|kind| type_of(*kind))
}

/// Puts a host function into a linker.
pub(crate) fn define<H: Host>(
    linker: &mut Linker<Data>,
    module: &str,
    name: &str,
    ty: FuncType,
    host: H,
) -> Result<(), Failure> {
    let call = move |mut caller: Caller<'_, Data>, raw: &mut [MaybeUninit<ValRaw>]| -> WasmtimeResult<()> {
        grow(false);
        // SAFETY: compiled code calls it with arguments of its type.
        match unsafe { host.call(&mut caller, raw) } {
            Ok(()) => Ok(()),
            Err(failure) => {
                let is_thrown = cfg!(feature = "gc") && caller.as_context_mut().has_pending_exception();
                Err(failure.into_error(is_thrown))
            }
        }
    };
    // SAFETY: a `Host` reads and writes values of the type that it is defined with.
    let defined = unsafe { linker.func_new_unchecked(module, name, ty, call) };
    defined.map(|_| ()).map_err(|error| Failure::wasmtime(error, code::MINPLAT_ERROR_LINK))
}

/// # Safety
/// Pointers are NULL or point to what their types say.
unsafe fn new<H: Host>(
    context: *mut minplat_context_t,
    kinds: Result<Kinds<'_>, Failure>,
    mut host: H,
    func: *mut minplat_func_t,
) -> Result<(), Failure> {
    // SAFETY: the caller's contract is the function's own.
    let (mut context, kinds) = unsafe { (self::context(context)?, kinds?) };
    host.of_kinds(kinds.params, kinds.results)?;
    // Wasmtime's own constructor stops when memory runs out; a linker's does not.
    let mut linker = Linker::new(context.engine());
    define(&mut linker, "", "", kinds.signature(context.engine())?, host)?;
    let Extern::Func(new) = linker.get(&mut context, "", "")? else { return Err(mismatch()) };
    let new = minplat_func_t::new(&mut context, new);
    // SAFETY: NULL, or room for a handle.
    unsafe { out(func, new) }
}

/// Makes a host function without a linker: to be given to a table, a global, a guest, or `minplat_instance_new`. Otherwise as
/// `minplat_linker_define_func`; it lives as long as the store, and `finalizer` is called when that is deleted.
/// Stack: 4 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_func_new(
    context: *mut minplat_context_t,
    params: *const minplat_kind_t,
    params_len: usize,
    results: *const minplat_kind_t,
    results_len: usize,
    callback: minplat_callback_t,
    env: *mut c_void,
    finalizer: minplat_finalizer_t,
    func: *mut minplat_func_t,
) -> *mut minplat_error_t {
    report(|| {
        let host = Typed::new(callback, Env { env, finalizer });
        if callback.is_none() || func.is_null() {
            return Err(Failure::NULL);
        }
        // SAFETY: pointers are NULL or point to what their types say, as many as the lengths say.
        unsafe { new(context, Kinds::of(params, params_len, results, results_len), host, func) }
    })
}

/// Likewise, without conversions: see minplat_raw_callback_t. Stack: 4 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_func_new_raw(
    context: *mut minplat_context_t,
    params: *const minplat_kind_t,
    params_len: usize,
    results: *const minplat_kind_t,
    results_len: usize,
    callback: minplat_raw_callback_t,
    env: *mut c_void,
    finalizer: minplat_finalizer_t,
    func: *mut minplat_func_t,
) -> *mut minplat_error_t {
    report(|| {
        let host = Raw::new(callback, Env { env, finalizer })?;
        if func.is_null() {
            return Err(Failure::NULL);
        }
        // SAFETY: pointers are NULL or point to what their types say, as many as the lengths say.
        unsafe { new(context, Kinds::of(params, params_len, results, results_len), host, func) }
    })
}

/// The caller's store; valid until the host function returns. NULL for NULL. Stack: 1 KiB. Tasks: the host function's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_caller_context(caller: *mut minplat_caller_t) -> *mut minplat_context_t {
    let _turn = crate::turn::take();
    // SAFETY: NULL, or what `Host::call` gave to the host function that is running.
    unsafe { caller.cast::<Caller<'_, Data>>().as_mut() }
        .map_or(ptr::null_mut(), |caller| context_pointer(caller.as_context_mut()))
}

/// The export of this name of the instance that called; false if there is none, or an argument is not valid. The handle
/// outlives the host function: it is valid with the store. Stack: 1 KiB. Tasks: the host function's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_caller_export(
    caller: *mut minplat_caller_t,
    name: *const u8,
    name_len: usize,
    export: *mut minplat_extern_t,
) -> bool {
    let _turn = crate::turn::take();
    let find = || {
        // SAFETY: NULL, or what `Host::call` gave to the host function that is running; NULL, or so many bytes.
        let (caller, name) = unsafe { (caller.cast::<Caller<'_, Data>>().as_mut()?, text(name, name_len).ok()?) };
        let found = caller.get_export(name)?;
        let found = from_extern(&mut caller.as_context_mut(), found)?;
        // SAFETY: NULL, or room for an export.
        unsafe { out(export, found) }.ok()
    };
    find().is_some()
}
