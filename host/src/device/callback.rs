//! Host functions: from C's view back to Rust's.

use std::any::Any;
use std::ffi::c_void;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::slice;

use super::api::Api;
use super::error::{Error, ErrorCode, Origins};
use super::ffi;
use super::instance::Extern;
use super::store::{Context, StoreId};
use super::value::Value;

/// Whoever called a host function, during the call.
pub struct Caller<'a> {
    raw: *mut ffi::minplat_caller_t,
    api: &'static Api,
    origins: Origins,
    lent: PhantomData<&'a mut ()>,
}

impl Caller<'_> {
    pub(super) fn lend(&mut self) -> Context<'_> {
        // SAFETY: the caller lives during the call, and is borrowed as long as the context lives.
        let raw = unsafe { self.api.caller_context(self.raw) };
        // SAFETY: every store of this crate has its number as data.
        let id = unsafe { self.api.context_data(raw) }.addr();
        Context { raw, id, api: self.api, origins: Some(&self.origins), lent: PhantomData }
    }

    /// What the calling instance exports under a name; `None` too if it is no instance.
    pub fn export(&mut self, name: &str) -> Option<Extern> {
        let id = self.lend().id;
        let mut item = Extern::blank();
        // SAFETY: the name is valid, and there is a place for the result.
        let found = unsafe { self.api.caller_export(self.raw, name.as_ptr(), name.len(), &mut item) };
        // SAFETY: the library has filled it.
        found.then(|| unsafe { Extern::from_raw(&item, id) }).flatten()
    }
}

/// What a host function is made of. It may be called again while it runs (by a guest that it calls), so it is a `Fn`.
pub(super) type Body = dyn Fn(&mut Caller<'_>, &[Value], &mut [Value]) -> Result<(), Error>;

/// What C carries for us as `env`.
pub(super) struct Env {
    api: &'static Api,
    body: Box<Body>,
    results: Vec<super::types::Kind>,
}

impl Env {
    pub(super) fn into_raw(api: &'static Api, results: &[super::types::Kind], body: Box<Body>) -> *mut c_void {
        Box::into_raw(Box::new(Env { api, body, results: results.to_vec() })).cast()
    }
}

/// `finalizer` of every host function.
///
/// # Safety
/// `env` is from [`Env::into_raw`] and not used any more.
pub(super) unsafe extern "C" fn finalize(env: *mut c_void) {
    // SAFETY: the caller's.
    drop(unsafe { Box::from_raw(env.cast::<Env>()) });
}

/// `callback` of every host function.
///
/// # Safety
/// As `minplat.h` says; `env` is from [`Env::into_raw`].
pub(super) unsafe extern "C" fn call(
    env: *mut c_void,
    caller: *mut ffi::minplat_caller_t,
    args: *const ffi::minplat_value_t,
    args_len: usize,
    results: *mut ffi::minplat_value_t,
    results_len: usize,
) -> *mut ffi::minplat_error_t {
    // SAFETY: the library keeps it until it calls the finalizer.
    let env = unsafe { &*env.cast::<Env>() };
    // SAFETY: the library gives as many values as it says; for none the pointer may be anything.
    let args = if args_len == 0 { &[] } else { unsafe { slice::from_raw_parts(args, args_len) } };
    // SAFETY: as above.
    let results = if results_len == 0 { &mut [] } else { unsafe { slice::from_raw_parts_mut(results, results_len) } };

    let mut caller = Caller { raw: caller, api: env.api, origins: Origins::new(env.api), lent: PhantomData };
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let id = caller.lend().id;
        let args = args.iter().map(|arg| Value::from_raw(arg, id)).collect::<Result<Vec<_>, _>>()?;
        let mut answers: Vec<_> = env.results.iter().map(|kind| Value::zero(*kind)).collect();
        (env.body)(&mut caller, &args, &mut answers)?;
        store_answers(&answers, &env.results, results, id)
    }));
    let error = match outcome {
        Ok(Ok(())) => return std::ptr::null_mut(),
        Ok(Err(error)) => {
            let own = caller.origins.take(&error);
            if !own.is_null() {
                return own;
            }
            error.message
        }
        Err(panic) => format!("the host function panicked: {}", panic_text(&*panic)),
    };
    // SAFETY: the text is valid; the library copies it.
    unsafe { env.api.error_new(error.as_ptr(), error.len()) }
}

fn store_answers(
    answers: &[Value],
    kinds: &[super::types::Kind],
    results: &mut [ffi::minplat_value_t],
    store: StoreId,
) -> Result<(), Error> {
    for ((answer, kind), result) in answers.iter().zip(kinds).zip(results) {
        if answer.kind() != *kind {
            let what = format!("a host function answered with {} where its type says {kind}", answer.kind());
            return Err(Error::new(ErrorCode::TYPE, what));
        }
        *result = answer.to_raw(store)?;
    }
    Ok(())
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}
