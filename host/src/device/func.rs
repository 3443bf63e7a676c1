//! Functions.

use std::ptr;

use super::altstack;
use super::error::{self, Error};
use super::ffi;
use super::store::{AsContext, StoreId};
use super::types::{ExternKind, ExternType, FuncType};
use super::value::{Value, mismatch};

/// A function of a store.
#[derive(Clone, Copy, Debug)]
pub struct Func {
    pub(super) raw: ffi::minplat_func_t,
    pub(super) store: StoreId,
}

impl Func {
    /// Its type.
    ///
    /// # Errors
    /// A function of another store, or no memory.
    pub fn ty(&self, cx: &mut impl AsContext) -> Result<FuncType, Error> {
        let cx = cx.context();
        cx.owns(self.store, "function")?;
        let mut raw = ptr::null_mut();
        // SAFETY: the function is the store's.
        let ty = unsafe {
            cx.check(cx.api.func_type(cx.raw, &self.raw, &mut raw))?;
            ExternType::take(cx.api, raw)
        };
        match ty.kind {
            ExternKind::Func(ty) => Ok(ty),
            other => Err(mismatch(format!("the library says that a function is a {other}"))),
        }
    }

    /// Calls it.
    ///
    /// # Errors
    /// Arguments that do not fit, a trap, or what a host function answered.
    pub fn call(&self, cx: &mut impl AsContext, args: &[Value]) -> Result<Vec<Value>, Error> {
        let mut results: Vec<_> = self.ty(cx)?.results.into_iter().map(Value::zero).collect();
        self.call_into(cx, args, &mut results)?;
        Ok(results)
    }

    /// Calls it, with room for exactly its results: saves asking for its type.
    ///
    /// # Errors
    /// As [`Func::call`], and if `results` has another length than there are results.
    pub fn call_into(&self, cx: &mut impl AsContext, args: &[Value], results: &mut [Value]) -> Result<(), Error> {
        altstack::ensure();
        let cx = cx.context();
        cx.owns(self.store, "function")?;
        let args = Value::all_to_raw(args, cx.id)?;
        let mut raw = Value::all_to_raw(results, cx.id)?;
        // SAFETY: function and values are the store's; the library checks count and kinds.
        unsafe {
            let called = cx.api.func_call(cx.raw, &self.raw, args.as_ptr(), args.len(), raw.as_mut_ptr(), raw.len());
            cx.check(called).map_err(|error| error::with_exception(cx.api, cx.raw, cx.id, error))?;
        }
        for (result, raw) in results.iter_mut().zip(&raw) {
            *result = Value::from_raw(raw, cx.id)?;
        }
        Ok(())
    }
}
