//! The C API of a device library, called as a C program calls it.

use std::ffi::c_void;
use std::ptr;

use anyhow::{Result, bail, ensure};
use minplat_host::device::ffi::{
    MINPLAT_EXTERN_FUNC, MINPLAT_I32, minplat_caller_t, minplat_context_t, minplat_error_t, minplat_extern_t,
    minplat_func_t, minplat_instance_t, minplat_prepared_t, minplat_raw_t,
};
use minplat_host::device::{Api, Device as Library};
use minplat_host::find_library;
use minplat_platform::Platform;

use crate::{CALLS, Side};

/// The guest in the device library.
pub(crate) struct Device {
    api: &'static Api,
    context: *mut minplat_context_t,
    add: minplat_prepared_t,
    again: minplat_prepared_t,
    host_calls: *mut u64,
    _library: Library,
}

/// The host function: the same sum and count as the peer's.
unsafe extern "C" fn add(
    env: *mut c_void,
    _caller: *mut minplat_caller_t,
    values: *mut minplat_raw_t,
    _len: usize,
) -> *mut minplat_error_t {
    // SAFETY: `env` is the counter; the library gives two values, both i32.
    unsafe {
        *env.cast::<u64>() += 1;
        (*values).i32 = (*values).i32.wrapping_add((*values.add(1)).i32);
    }
    ptr::null_mut()
}

impl Device {
    /// Everything that it makes lives as long as the process.
    pub(crate) fn new(platform: &Platform, artifact: &[u8]) -> Result<Self> {
        let library = Library::open(&find_library(platform.name(), None)?)?;
        let api = library.raw();
        let (mut engine, mut store, mut module, mut linker) =
            (ptr::null_mut(), ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
        let mut instance = minplat_instance_t::default();
        let i32s = [MINPLAT_I32; 2];
        let host_calls = Box::into_raw(Box::new(0u64));
        // SAFETY: as `minplat.h` demands: what is passed is alive, and there is room for what comes back.
        unsafe {
            check(api, api.engine_new(&mut engine))?;
            check(api, api.store_new(engine, ptr::null_mut(), None, &mut store))?;
            check(api, api.module_load(engine, artifact.as_ptr(), artifact.len(), &mut module))?;
            check(api, api.linker_new(engine, &mut linker))?;
            let define = api.linker_define_func_raw(
                linker,
                b"host".as_ptr(),
                4,
                b"add".as_ptr(),
                3,
                i32s.as_ptr(),
                2,
                i32s.as_ptr(),
                1,
                Some(add),
                host_calls.cast(),
                None,
            );
            check(api, define)?;
            let context = api.store_context(store);
            check(api, api.linker_instantiate(linker, context, module, &mut instance))?;
            let prepare = |name: &str, params: usize| {
                let mut found = minplat_extern_t::default();
                let is_there = api.instance_export(context, &instance, name.as_ptr(), name.len(), &mut found);
                ensure!(is_there && found.kind == MINPLAT_EXTERN_FUNC, "the guest has no {name}");
                let mut prepared = minplat_prepared_t::default();
                let func: minplat_func_t = found.of.func;
                let made = api.func_prepare(context, &func, i32s.as_ptr(), params, i32s.as_ptr(), 1, &mut prepared);
                check(api, made)?;
                Ok(prepared)
            };
            let (add, again) = (prepare("add", 2)?, prepare("loop", 1)?);
            Ok(Self { api, context, add, again, host_calls, _library: library })
        }
    }

    fn call(&self, prepared: &minplat_prepared_t, values: &mut [minplat_raw_t]) -> Result<i32> {
        // SAFETY: the function was prepared for these values.
        unsafe {
            let error = self.api.prepared_call(self.context, prepared, values.as_mut_ptr(), values.len());
            if !error.is_null() {
                check(self.api, error)?;
            }
            Ok(values[0].i32)
        }
    }
}

impl Side for Device {
    fn to_guest(&mut self) -> Result<i32> {
        let mut sum = 0;
        for i in 0..CALLS {
            sum = self.call(&self.add, &mut [minplat_raw_t { i32: sum }, minplat_raw_t { i32: i }])?;
        }
        Ok(sum)
    }

    fn to_host(&mut self) -> Result<i32> {
        self.call(&self.again, &mut [minplat_raw_t { i32: CALLS }])
    }

    fn host_calls(&self) -> u64 {
        // SAFETY: it lives as long as the process, and no call is under way.
        unsafe { *self.host_calls }
    }
}

/// # Safety
/// NULL, or an error of the library.
unsafe fn check(api: &Api, error: *mut minplat_error_t) -> Result<()> {
    if error.is_null() {
        return Ok(());
    }
    let mut len = 0;
    // SAFETY: the error is alive until the process ends.
    let text = unsafe { std::slice::from_raw_parts(api.error_message(error, &mut len), len) };
    bail!("the device library: {}", String::from_utf8_lossy(text))
}
