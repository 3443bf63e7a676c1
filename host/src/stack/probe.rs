//! Running the probe guest through the bare C API: nothing of this crate's comfort is on the stack that is measured.

use std::ffi::c_void;
use std::ptr;

use crate::device::{Api, Device, Error, ErrorCode, ensure_signal_stack, ffi};

/// The probe guest in a library. Every function is one call into the library, or the few that belong together.
pub(super) struct Probe {
    api: &'static Api,
    device: Device,
    bytes: &'static [u8],
    pub(super) engine: *mut ffi::minplat_engine_t,
    store: *mut ffi::minplat_store_t,
    module: *mut ffi::minplat_module_t,
    linker: *mut ffi::minplat_linker_t,
    instance: ffi::minplat_instance_t,
    /// What the host function `again` calls, and with whom.
    back: Box<Back>,
}

/// What a host function of the probe needs.
struct Back {
    api: &'static Api,
    name: &'static str,
}

impl Probe {
    /// Nothing is made yet.
    pub(super) fn new(device: &Device, bytes: &'static [u8]) -> Self {
        ensure_signal_stack();
        let api = device.raw();
        Self {
            api,
            device: device.clone(),
            bytes,
            engine: ptr::null_mut(),
            store: ptr::null_mut(),
            module: ptr::null_mut(),
            linker: ptr::null_mut(),
            instance: ffi::minplat_instance_t::default(),
            back: Box::new(Back { api, name: "trap" }),
        }
    }

    /// What `again` calls from now on.
    pub(super) fn calls_back(&mut self, name: &'static str) {
        self.back.name = name;
    }

    /// An error of the library's as one of ours: not on the stack that is measured.
    ///
    /// # Errors
    /// Unless it is NULL.
    pub(super) fn check(&self, error: *mut ffi::minplat_error_t) -> Result<(), Error> {
        // SAFETY: what a function of this library has just returned.
        unsafe { self.device.check(error) }
    }

    pub(super) fn make_engine(&mut self) -> *mut ffi::minplat_error_t {
        // SAFETY: there is a place for the result.
        unsafe { self.api.engine_new(&mut self.engine) }
    }

    pub(super) fn load(&mut self) -> *mut ffi::minplat_error_t {
        // SAFETY: the engine is alive, and the bytes are an artifact's.
        unsafe { self.api.module_load(self.engine, self.bytes.as_ptr(), self.bytes.len(), &mut self.module) }
    }

    /// A store, and a linker with the probe's host functions.
    pub(super) fn link(&mut self) -> *mut ffi::minplat_error_t {
        let env: *mut c_void = (&raw mut *self.back).cast();
        // SAFETY: the engine is alive, texts are valid, and the environment lives as long as the probe.
        unsafe {
            let error = self.api.store_new(self.engine, ptr::null_mut(), None, &mut self.store);
            if !error.is_null() {
                return error;
            }
            let error = self.api.linker_new(self.engine, &mut self.linker);
            if !error.is_null() {
                return error;
            }
            for (name, callback) in [("leaf", leaf as ffi::minplat_callback_t), ("again", again)] {
                let (kinds, host) = (ptr::null(), "host");
                let error = self.api.linker_define_func(
                    self.linker,
                    host.as_ptr(),
                    host.len(),
                    name.as_ptr(),
                    name.len(),
                    kinds,
                    0,
                    kinds,
                    0,
                    Some(callback),
                    env,
                    None,
                );
                if !error.is_null() {
                    return error;
                }
            }
        }
        ptr::null_mut()
    }

    pub(super) fn instantiate(&mut self) -> *mut ffi::minplat_error_t {
        // SAFETY: linker, store and module are alive.
        unsafe {
            let context = self.api.store_context(self.store);
            self.api.linker_instantiate(self.linker, context, self.module, &mut self.instance)
        }
    }

    /// Calls an export that takes and gives nothing.
    pub(super) fn call(&self, name: &str) -> *mut ffi::minplat_error_t {
        // SAFETY: store and instance are alive, the name is valid, and the function is of the store.
        unsafe {
            let context = self.api.store_context(self.store);
            let mut export: ffi::minplat_extern_t = std::mem::zeroed();
            if !self.api.instance_export(context, &self.instance, name.as_ptr(), name.len(), &mut export) {
                return self.api.error_new(name.as_ptr(), name.len());
            }
            self.api.func_call(context, &export.of.func, ptr::null(), 0, ptr::null_mut(), 0)
        }
    }

    /// Calls an export that traps, and reads the error as firmware would; it stays the caller's.
    pub(super) fn trap(&self, name: &str) -> *mut ffi::minplat_error_t {
        let error = self.call(name);
        let (mut len, mut code) = (0, 0);
        // SAFETY: NULL, or an error of this library; there are places for the results.
        unsafe {
            self.api.error_message(error, &mut len);
            self.api.error_trap_code(error, &mut code);
            let mut frame: ffi::minplat_frame_t = std::mem::zeroed();
            self.api.error_frame(error, 0, &mut frame);
        }
        error
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        // SAFETY: all are ours or NULL.
        unsafe {
            self.api.linker_delete(self.linker);
            self.api.module_delete(self.module);
            self.api.store_delete(self.store);
            self.api.engine_delete(self.engine);
        }
    }
}

/// A host function that does nothing.
unsafe extern "C" fn leaf(
    _env: *mut c_void,
    _caller: *mut ffi::minplat_caller_t,
    _args: *const ffi::minplat_value_t,
    _args_len: usize,
    _results: *mut ffi::minplat_value_t,
    _results_len: usize,
) -> *mut ffi::minplat_error_t {
    ptr::null_mut()
}

/// A host function that calls its caller back.
unsafe extern "C" fn again(
    env: *mut c_void,
    caller: *mut ffi::minplat_caller_t,
    _args: *const ffi::minplat_value_t,
    _args_len: usize,
    _results: *mut ffi::minplat_value_t,
    _results_len: usize,
) -> *mut ffi::minplat_error_t {
    // SAFETY: the environment is the probe's, which outlives the call; the caller is valid during it.
    unsafe {
        let Back { api, name } = &*env.cast::<Back>();
        let mut export: ffi::minplat_extern_t = std::mem::zeroed();
        if !api.caller_export(caller, name.as_ptr(), name.len(), &mut export) {
            return api.error_new(name.as_ptr(), name.len());
        }
        api.func_call(api.caller_context(caller), &export.of.func, ptr::null(), 0, ptr::null_mut(), 0)
    }
}

/// Whether a call ended as one that traps must.
///
/// # Errors
/// It did not trap, or otherwise.
pub(super) fn must_trap(outcome: Result<(), Error>, code: u32) -> Result<(), Error> {
    match outcome {
        Err(error) if error.trap.as_ref().is_some_and(|trap| trap.code == code) => Ok(()),
        Err(error) => Err(error),
        Ok(()) => Err(Error::new(ErrorCode::OTHER, "the probe did not trap; is it examples/stack.wat?")),
    }
}
