//! Loaded modules.

use std::ptr;

use super::engine::Engine;
use super::error::Error;
use super::ffi;
use super::opened::Device;
use super::types::ExternType;

/// A loaded module.
pub struct Module {
    raw: *mut ffi::minplat_module_t,
    device: Device,
}

impl Module {
    /// Loads an artifact by copying it.
    ///
    /// # Errors
    /// No artifact, a damaged one, one for another platform, no memory.
    pub fn load(engine: &Engine, bytes: &[u8]) -> Result<Self, Error> {
        let device = engine.device.clone();
        let mut raw = ptr::null_mut();
        // SAFETY: the bytes are valid during the call.
        unsafe { device.check(device.api().module_load(engine.raw(), bytes.as_ptr(), bytes.len(), &mut raw)) }?;
        Ok(Self { raw, device })
    }

    /// Uses an artifact where it lies: as from flash, for as long as the process lives.
    ///
    /// # Errors
    /// As [`Module::load`], and if it does not lie on the boundary that it needs.
    pub fn load_in_place(engine: &Engine, bytes: &'static [u8]) -> Result<Self, Error> {
        let device = engine.device.clone();
        let mut raw = ptr::null_mut();
        // SAFETY: the bytes stay, unchanged.
        unsafe {
            device.check(device.api().module_load_in_place(engine.raw(), bytes.as_ptr(), bytes.len(), &mut raw))
        }?;
        Ok(Self { raw, device })
    }

    pub(super) fn raw(&self) -> *const ffi::minplat_module_t {
        self.raw
    }

    /// Its imports, in order.
    ///
    /// # Errors
    /// No memory.
    pub fn imports(&self) -> Result<Vec<ExternType>, Error> {
        // SAFETY: the module is alive.
        let count = unsafe { self.device.api().module_import_count(self.raw) };
        (0..count)
            .map(|i| {
                let mut ty = ptr::null_mut();
                // SAFETY: the index is in range; the type is ours and taken at once.
                unsafe {
                    self.device.check(self.device.api().module_import(self.raw, i, &mut ty))?;
                    Ok(ExternType::take(self.device.api(), ty))
                }
            })
            .collect()
    }

    /// Its exports, in order.
    ///
    /// # Errors
    /// No memory.
    pub fn exports(&self) -> Result<Vec<ExternType>, Error> {
        // SAFETY: the module is alive.
        let count = unsafe { self.device.api().module_export_count(self.raw) };
        (0..count)
            .map(|i| {
                let mut ty = ptr::null_mut();
                // SAFETY: the index is in range; the type is ours and taken at once.
                unsafe {
                    self.device.check(self.device.api().module_export(self.raw, i, &mut ty))?;
                    Ok(ExternType::take(self.device.api(), ty))
                }
            })
            .collect()
    }
}

impl Drop for Module {
    fn drop(&mut self) {
        // SAFETY: it is ours; instances count for themselves.
        unsafe { self.device.api().module_delete(self.raw) }
    }
}
