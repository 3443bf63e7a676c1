//! Linkers.

use std::ptr;

use super::altstack;
use super::callback::{self, Caller, Env};
use super::engine::Engine;
use super::error::{self, Error};
use super::ffi;
use super::instance::{Extern, Instance};
use super::module::Module;
use super::opened::Device;
use super::store::AsContext;
use super::types::FuncType;
use super::value::Value;

/// What imports are looked up in.
pub struct Linker {
    raw: *mut ffi::minplat_linker_t,
    device: Device,
}

impl Linker {
    /// An empty linker.
    ///
    /// # Errors
    /// No memory.
    pub fn new(engine: &Engine) -> Result<Self, Error> {
        let device = engine.device.clone();
        let mut raw = ptr::null_mut();
        // SAFETY: the engine is alive.
        unsafe { device.check(device.api().linker_new(engine.raw(), &mut raw)) }?;
        Ok(Self { raw, device })
    }

    /// Lets a definition take the place of another of the same name from now on, instead of being an error.
    pub fn allow_shadowing(&mut self, allow: bool) {
        // SAFETY: the linker is ours.
        unsafe { self.device.api().linker_allow_shadowing(self.raw, allow) }
    }

    /// Defines a host function. Its results are zeros and nulls until `body` sets them.
    ///
    /// # Errors
    /// No memory, a type that the platform does not have, or a name that is taken.
    pub fn define_func(
        &mut self,
        module: &str,
        name: &str,
        ty: &FuncType,
        body: impl Fn(&mut Caller<'_>, &[Value], &mut [Value]) -> Result<(), Error> + 'static,
    ) -> Result<(), Error> {
        let numbers = |kinds: &[super::types::Kind]| kinds.iter().map(|kind| kind.number()).collect::<Vec<_>>();
        let (params, results) = (numbers(&ty.params), numbers(&ty.results));
        let env = Env::into_raw(self.device.api(), &ty.results, Box::new(body));
        // SAFETY: everything passed is valid; `env` is the library's from here on, until it calls `finalize`.
        unsafe {
            self.device.check(self.device.api().linker_define_func(
                self.raw,
                module.as_ptr(),
                module.len(),
                name.as_ptr(),
                name.len(),
                params.as_ptr(),
                params.len(),
                results.as_ptr(),
                results.len(),
                Some(callback::call),
                env,
                Some(callback::finalize),
            ))
        }
    }

    /// Defines something of a store.
    ///
    /// # Errors
    /// It belongs to another store, or the name is taken.
    pub fn define(&mut self, cx: &mut impl AsContext, module: &str, name: &str, item: Extern) -> Result<(), Error> {
        let cx = cx.context();
        let (item, store) = item.to_raw();
        cx.owns(store, "definition")?;
        // SAFETY: everything passed is valid, and the item is the store's.
        unsafe {
            cx.check(cx.api.linker_define(
                self.raw,
                cx.raw,
                module.as_ptr(),
                module.len(),
                name.as_ptr(),
                name.len(),
                &item,
            ))
        }
    }

    /// Defines everything that an instance exports, as a module's name.
    ///
    /// # Errors
    /// It belongs to another store, or a name is taken.
    pub fn define_instance(&mut self, cx: &mut impl AsContext, name: &str, instance: &Instance) -> Result<(), Error> {
        let cx = cx.context();
        cx.owns(instance.store, "instance")?;
        // SAFETY: everything passed is valid, and the instance is the store's.
        unsafe { cx.check(cx.api.linker_define_instance(self.raw, cx.raw, name.as_ptr(), name.len(), &instance.raw)) }
    }

    /// Makes an instance of a module and runs its start function.
    ///
    /// # Errors
    /// An import is missing or of another type, memory, or the start function trapped.
    pub fn instantiate(&self, cx: &mut impl AsContext, module: &Module) -> Result<Instance, Error> {
        altstack::ensure();
        let cx = cx.context();
        let mut raw = ffi::minplat_instance_t::default();
        // SAFETY: everything passed is alive.
        unsafe {
            cx.check(cx.api.linker_instantiate(self.raw, cx.raw, module.raw(), &mut raw))
                .map_err(|error| error::with_exception(cx.api, cx.raw, cx.id, error))?;
        }
        Ok(Instance { raw, store: cx.id })
    }
}

impl Drop for Linker {
    fn drop(&mut self) {
        // SAFETY: it is ours.
        unsafe { self.device.api().linker_delete(self.raw) }
    }
}
