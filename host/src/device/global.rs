//! Globals.

use super::error::Error;
use super::ffi;
use super::store::{AsContext, StoreId};
use super::value::Value;

/// A global of a store.
#[derive(Clone, Copy, Debug)]
pub struct Global {
    pub(super) raw: ffi::minplat_global_t,
    pub(super) store: StoreId,
}

impl Global {
    /// Makes a global for imports, of the kind that `init` has.
    ///
    /// # Errors
    /// No memory, or a type that the platform does not have.
    pub fn new(cx: &mut impl AsContext, mutable: bool, init: Value) -> Result<Self, Error> {
        let cx = cx.context();
        let kind = init.kind().number();
        let init = init.to_raw(cx.id)?;
        let mut raw = ffi::minplat_global_t::default();
        // SAFETY: the context is alive, and the value is the store's.
        unsafe { cx.check(cx.api.global_new(cx.raw, kind, mutable, &init, &mut raw)) }?;
        Ok(Self { raw, store: cx.id })
    }

    /// Reads it.
    ///
    /// # Errors
    /// A global of another store.
    pub fn get(&self, cx: &mut impl AsContext) -> Result<Value, Error> {
        let cx = cx.context();
        cx.owns(self.store, "global")?;
        let mut value = Value::I32(0).to_raw(cx.id)?;
        // SAFETY: the global is the store's.
        unsafe { cx.check(cx.api.global_get(cx.raw, &self.raw, &mut value)) }?;
        Value::from_raw(&value, cx.id)
    }

    /// Writes it.
    ///
    /// # Errors
    /// It is constant, or the value has another type.
    pub fn set(&self, cx: &mut impl AsContext, value: Value) -> Result<(), Error> {
        let cx = cx.context();
        cx.owns(self.store, "global")?;
        let value = value.to_raw(cx.id)?;
        // SAFETY: global and value are the store's.
        unsafe { cx.check(cx.api.global_set(cx.raw, &self.raw, &value)) }
    }
}
