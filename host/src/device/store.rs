//! Stores, and what they lend.

use std::ffi::c_void;
use std::marker::PhantomData;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use super::api::Api;
use super::callback::Caller;
use super::engine::Engine;
use super::error::{self, Error, Origins};
use super::ffi;

pub use super::ffi::minplat_limits_t as Limits;

/// What tells stores apart, in this process. It is the store's data pointer too, so a host function knows its store.
pub(super) type StoreId = usize;

/// A store: what instances live in.
pub struct Store {
    raw: *mut ffi::minplat_store_t,
    pub(super) id: StoreId,
    engine: Engine,
}

impl Store {
    /// Makes an empty store.
    ///
    /// # Errors
    /// No memory.
    pub fn new(engine: &Engine) -> Result<Self, Error> {
        static NEXT: AtomicUsize = AtomicUsize::new(1);
        let id = NEXT.fetch_add(1, Relaxed);
        let device = &engine.device;
        let mut raw = ptr::null_mut();
        let data = ptr::without_provenance_mut::<c_void>(id);
        // SAFETY: the engine is alive; the data is never read as memory.
        unsafe { device.check(device.api().store_new(engine.raw(), data, None, &mut raw)) }?;
        Ok(Self { raw, id, engine: engine.clone() })
    }

    /// The engine that it belongs to.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Limits what instances made from now on, and growth from now on, may use.
    pub fn set_limits(&mut self, limits: &Limits) {
        // SAFETY: the store is ours.
        unsafe { self.engine.device.api().store_set_limits(self.raw, limits) }
    }

    /// Sets the fuel that is left.
    ///
    /// # Errors
    /// The platform has no fuel (`wasm.interruption`).
    pub fn set_fuel(&mut self, fuel: u64) -> Result<(), Error> {
        let cx = self.context();
        // SAFETY: the context is the store's.
        unsafe { cx.check(cx.api.context_set_fuel(cx.raw, fuel)) }
    }

    /// The fuel that is left.
    ///
    /// # Errors
    /// The platform has no fuel (`wasm.interruption`).
    pub fn fuel(&mut self) -> Result<u64, Error> {
        let cx = self.context();
        let mut fuel = 0;
        // SAFETY: the context is the store's.
        unsafe { cx.check(cx.api.context_get_fuel(cx.raw, &mut fuel)) }?;
        Ok(fuel)
    }

    /// Guests are interrupted `ticks` epochs from now.
    ///
    /// # Errors
    /// The platform has no epochs (`wasm.interruption`).
    pub fn set_epoch_deadline(&mut self, ticks: u64) -> Result<(), Error> {
        let cx = self.context();
        // SAFETY: the context is the store's.
        unsafe { cx.check(cx.api.context_set_epoch_deadline(cx.raw, ticks)) }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // SAFETY: it is ours; handles that outlive it are refused by their store's number.
        unsafe { self.engine.device.api().store_delete(self.raw) }
    }
}

/// A store as it is lent: by itself, or by the caller of a host function.
pub struct Context<'a> {
    pub(super) raw: *mut ffi::minplat_context_t,
    pub(super) id: StoreId,
    pub(super) api: &'static Api,
    /// Of the host function of the store that runs.
    pub(super) origins: Option<&'a Origins>,
    pub(super) lent: PhantomData<&'a mut Store>,
}

impl Context<'_> {
    /// Turns an error of the library into one of ours.
    ///
    /// # Safety
    /// See `error::check`.
    pub(super) unsafe fn check(&self, error: *mut ffi::minplat_error_t) -> Result<(), Error> {
        // SAFETY: the caller's.
        unsafe {
            match self.origins {
                Some(origins) => error::check_nested(origins, error),
                None => error::check(self.api, error),
            }
        }
    }

    /// Refuses a handle of another store.
    pub(super) fn owns(&self, store: StoreId, what: &str) -> Result<(), Error> {
        if store == self.id { Ok(()) } else { Err(Error::foreign(what)) }
    }
}

/// What lends a store.
pub trait AsContext {
    /// The store.
    fn context(&mut self) -> Context<'_>;
}

impl AsContext for Store {
    fn context(&mut self) -> Context<'_> {
        let api = self.engine.device.api();
        // SAFETY: the store is ours, and borrowed as long as the context lives.
        Context { raw: unsafe { api.store_context(self.raw) }, id: self.id, api, origins: None, lent: PhantomData }
    }
}

impl AsContext for Context<'_> {
    fn context(&mut self) -> Context<'_> {
        Context { raw: self.raw, id: self.id, api: self.api, origins: self.origins, lent: PhantomData }
    }
}

impl AsContext for Caller<'_> {
    fn context(&mut self) -> Context<'_> {
        self.lend()
    }
}
