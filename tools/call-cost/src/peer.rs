//! Wasmtime's typed Rust API.

use anyhow::{Context as _, Result, anyhow};
use minplat_platform::{Platform, running_config};
use wasmtime::{Caller, Engine, Func, Instance, Module, Store, TypedFunc};

use crate::{CALLS, Side};

/// The guest in Wasmtime on Linux, set up as on the device.
pub(crate) struct Peer {
    store: Store<u64>,
    add: TypedFunc<(i32, i32), i32>,
    again: TypedFunc<i32, i32>,
}

impl Peer {
    pub(crate) fn new(platform: &Platform, artifact: &[u8]) -> Result<Self> {
        let config = running_config(platform.settings());
        // Wasmtime has an error type of its own.
        let inner = || -> wasmtime::Result<Self> {
            let engine = Engine::new(&config)?;
            let image = minplat_format::read(artifact).map_err(|e| wasmtime::format_err!("{e}"))?.image;
            // SAFETY: minplat-compile has just made it.
            let module = unsafe { Module::deserialize(&engine, image) }?;
            let mut store = Store::new(&engine, 0);
            if platform.settings().interruption == minplat_platform::settings::Interruption::Epoch {
                store.set_epoch_deadline(u64::MAX / 2);
            }
            let add = Func::wrap(&mut store, |mut caller: Caller<'_, u64>, a: i32, b: i32| {
                *caller.data_mut() += 1;
                a.wrapping_add(b)
            });
            let instance = Instance::new(&mut store, &module, &[add.into()])?;
            let add = instance.get_typed_func(&mut store, "add")?;
            let again = instance.get_typed_func(&mut store, "loop")?;
            Ok(Self { store, add, again })
        };
        inner().map_err(|error| anyhow!("{error:#}")).context("Wasmtime on Linux")
    }
}

impl Side for Peer {
    fn to_guest(&mut self) -> Result<i32> {
        let mut sum = 0;
        for i in 0..CALLS {
            sum = self.add.call(&mut self.store, (sum, i)).map_err(|error| anyhow!("{error:#}"))?;
        }
        Ok(sum)
    }

    fn to_host(&mut self) -> Result<i32> {
        self.again.call(&mut self.store, CALLS).map_err(|error| anyhow!("{error:#}"))
    }

    fn host_calls(&self) -> u64 {
        *self.store.data()
    }
}
