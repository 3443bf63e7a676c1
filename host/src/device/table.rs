//! Tables.

use super::error::Error;
use super::ffi;
use super::store::{AsContext, StoreId};
use super::types::{Kind, LimitsType};
use super::value::Value;

/// A table of a store.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    pub(super) raw: ffi::minplat_table_t,
    pub(super) store: StoreId,
}

impl Table {
    /// Makes a table for imports, filled with a value.
    ///
    /// # Errors
    /// No memory, or an element type that the platform does not have.
    pub fn new(cx: &mut impl AsContext, element: Kind, ty: &LimitsType, init: Value) -> Result<Self, Error> {
        let cx = cx.context();
        let init = init.to_raw(cx.id)?;
        let mut raw = ffi::minplat_table_t::default();
        // SAFETY: the context is alive, and the value is the store's.
        unsafe { cx.check(cx.api.table_new(cx.raw, element.number(), ty, &init, &mut raw)) }?;
        Ok(Self { raw, store: cx.id })
    }

    /// Its size, elements.
    ///
    /// # Errors
    /// A table of another store.
    pub fn size(&self, cx: &mut impl AsContext) -> Result<u64, Error> {
        let cx = cx.context();
        cx.owns(self.store, "table")?;
        // SAFETY: the table is the store's.
        Ok(unsafe { cx.api.table_size(cx.raw, &self.raw) })
    }

    /// Reads an element.
    ///
    /// # Errors
    /// There is none with this index.
    pub fn get(&self, cx: &mut impl AsContext, index: u64) -> Result<Value, Error> {
        let cx = cx.context();
        cx.owns(self.store, "table")?;
        let mut value = Value::I32(0).to_raw(cx.id)?;
        // SAFETY: the table is the store's.
        unsafe { cx.check(cx.api.table_get(cx.raw, &self.raw, index, &mut value)) }?;
        Value::from_raw(&value, cx.id)
    }

    /// Writes an element.
    ///
    /// # Errors
    /// There is none with this index, or the value has another type.
    pub fn set(&self, cx: &mut impl AsContext, index: u64, value: Value) -> Result<(), Error> {
        let cx = cx.context();
        cx.owns(self.store, "table")?;
        let value = value.to_raw(cx.id)?;
        // SAFETY: table and value are the store's.
        unsafe { cx.check(cx.api.table_set(cx.raw, &self.raw, index, &value)) }
    }

    /// Adds elements; the answer is the size before.
    ///
    /// # Errors
    /// No memory, or more than its type or the store's limits allow.
    pub fn grow(&self, cx: &mut impl AsContext, elements: u64, init: Value) -> Result<u64, Error> {
        let cx = cx.context();
        cx.owns(self.store, "table")?;
        let init = init.to_raw(cx.id)?;
        let mut previous = 0;
        // SAFETY: table and value are the store's.
        unsafe { cx.check(cx.api.table_grow(cx.raw, &self.raw, elements, &init, &mut previous)) }?;
        Ok(previous)
    }
}
