//! Engines.

use std::ptr;
use std::sync::Arc;

use super::api::Api;
use super::error::{self, Error, ErrorCode};
use super::ffi;
use super::opened::Device;
use super::store::Store;

/// An engine of a device. Clones are the same engine.
#[derive(Clone)]
pub struct Engine {
    pub(super) device: Device,
    inner: Arc<Inner>,
}

struct Inner {
    raw: *mut ffi::minplat_engine_t,
    api: &'static Api,
}

// SAFETY: only `SharedEngine` takes an engine to another thread, and there is one only for libraries with locks; an
// `Interrupter` calls the one function that any thread may call, and there is one only where that function allocates nothing.
unsafe impl Send for Inner {}
// SAFETY: as above.
unsafe impl Sync for Inner {}

impl Drop for Inner {
    fn drop(&mut self) {
        // SAFETY: it is ours, and nothing of this crate uses it any more; modules and stores count for themselves.
        unsafe { self.api.engine_delete(self.raw) }
    }
}

impl Engine {
    /// Makes an engine.
    ///
    /// # Errors
    /// No memory, or a CPU that lacks what the library was built for.
    pub fn new(device: &Device) -> Result<Self, Error> {
        let mut raw = ptr::null_mut();
        // SAFETY: a place for the result.
        unsafe { device.check(device.api().engine_new(&mut raw)) }?;
        Ok(Self { device: device.clone(), inner: Arc::new(Inner { raw, api: device.api() }) })
    }

    /// The device that it belongs to.
    pub fn device(&self) -> &Device {
        &self.device
    }

    pub(super) fn raw(&self) -> *const ffi::minplat_engine_t {
        self.inner.raw
    }

    /// What advances the epoch, from any thread, while this engine lives.
    ///
    /// # Errors
    /// The platform has no epochs (`wasm.interruption`): then the library would make an error of each tick, on its heap,
    /// which other threads must keep off. Or no memory to find out.
    pub fn interrupter(&self) -> Result<Interrupter<'_>, Error> {
        // Asked on this thread, of a store that nobody else has: a tick here would be one too many for the others.
        Store::new(self)?.set_epoch_deadline(1).map_err(|error| match error.code {
            ErrorCode::UNSUPPORTED => {
                let name = self.device.platform_name();
                let what = format!("platform {name} has no epochs: set wasm.interruption = \"epoch\" in its file");
                Error::new(ErrorCode::UNSUPPORTED, what)
            }
            _ => error,
        })?;
        Ok(Interrupter { inner: &self.inner })
    }

    /// The engine for use on other threads.
    ///
    /// # Errors
    /// The platform offers no threads (`offers.multi-thread`).
    pub fn share(&self) -> Result<SharedEngine, Error> {
        if !self.device.multi_thread() {
            let name = self.device.platform_name();
            let what = format!("platform {name} offers no threads: set offers.multi-thread = true in its file");
            return Err(Error::new(ErrorCode::UNSUPPORTED, what));
        }
        Ok(SharedEngine { path: self.device.path().into(), inner: self.inner.clone() })
    }
}

/// Advances an engine's epoch. There is one only where the platform has epochs.
pub struct Interrupter<'a> {
    inner: &'a Inner,
}

impl Interrupter<'_> {
    /// One tick: guests whose deadline has come are interrupted.
    ///
    /// # Errors
    /// None is known; what the library says is handed on.
    pub fn increment_epoch(&self) -> Result<(), Error> {
        let api = self.inner.api;
        // SAFETY: the engine lives as long as the borrow; with epochs any thread may do this.
        unsafe { error::check(api, api.engine_increment_epoch(self.inner.raw)) }
    }
}

/// An engine on its way to other threads.
#[derive(Clone)]
pub struct SharedEngine {
    path: std::path::PathBuf,
    inner: Arc<Inner>,
}

impl SharedEngine {
    /// The engine, for the current thread.
    ///
    /// # Errors
    /// The library's file is gone.
    pub fn engine(&self) -> anyhow::Result<Engine> {
        Ok(Engine { device: Device::open(&self.path)?, inner: self.inner.clone() })
    }
}
