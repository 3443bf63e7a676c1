//! Linear memories.

use std::slice;

use super::error::Error;
use super::ffi;
use super::store::{AsContext, StoreId};
use super::types::LimitsType;

/// A linear memory of a store.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    pub(super) raw: ffi::minplat_memory_t,
    pub(super) store: StoreId,
}

impl Memory {
    /// Makes a memory for imports.
    ///
    /// # Errors
    /// No memory, or a type that the platform does not have.
    pub fn new(cx: &mut impl AsContext, ty: &LimitsType) -> Result<Self, Error> {
        let cx = cx.context();
        let mut raw = ffi::minplat_memory_t::default();
        // SAFETY: the context is alive.
        unsafe { cx.check(cx.api.memory_new(cx.raw, ty, &mut raw)) }?;
        Ok(Self { raw, store: cx.id })
    }

    /// Its bytes, until the store is used again.
    ///
    /// # Errors
    /// A memory of another store.
    pub fn data<'a>(&self, cx: &'a mut impl AsContext) -> Result<&'a mut [u8], Error> {
        let cx = cx.context();
        cx.owns(self.store, "memory")?;
        let mut len = 0;
        // SAFETY: the memory is the store's.
        let data = unsafe { cx.api.memory_data(cx.raw, &self.raw, &mut len) };
        // SAFETY: the store is borrowed as long as the slice lives, so nothing moves or changes it meanwhile.
        Ok(if len == 0 { &mut [] } else { unsafe { slice::from_raw_parts_mut(data, len) } })
    }

    /// Its size, pages.
    ///
    /// # Errors
    /// A memory of another store.
    pub fn size(&self, cx: &mut impl AsContext) -> Result<u64, Error> {
        let cx = cx.context();
        cx.owns(self.store, "memory")?;
        // SAFETY: the memory is the store's.
        Ok(unsafe { cx.api.memory_size(cx.raw, &self.raw) })
    }

    /// Adds pages; the answer is the size before.
    ///
    /// # Errors
    /// No memory, or more than its type or the store's limits allow.
    pub fn grow(&self, cx: &mut impl AsContext, pages: u64) -> Result<u64, Error> {
        let cx = cx.context();
        cx.owns(self.store, "memory")?;
        let mut previous = 0;
        // SAFETY: the memory is the store's.
        unsafe { cx.check(cx.api.memory_grow(cx.raw, &self.raw, pages, &mut previous)) }?;
        Ok(previous)
    }
}
