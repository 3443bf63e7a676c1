//! A platform's library, which this process plays the device for.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use minplat_compiler::{Compiler, Options};
use minplat_host::platform::go_without_wrappers;
use minplat_host::{Artifact, Device, Engine as Runtime, Func, Instance, Linker, Module, Store, Value, find_library};
use minplat_platform::Platform;
use minplat_platform::settings::Interruption;

use super::{Engine, Kept, Stages, Way};

/// The library with a module.
pub(super) struct Board {
    interruption: Interruption,
    runtime: Runtime,
    linker: Linker,
    artifact: Artifact,
    /// What `run` is called in.
    running: Option<(Store, Func)>,
}

impl Board {
    pub(super) fn new(platform: &str, kept: &Kept<'_>) -> Result<Self> {
        let platform = Platform::load(platform, &[])?;
        // Linux itself is the platform: what the host counts and limits besides is no part of an engine.
        go_without_wrappers();
        let library = find_library(platform.name(), None)?;
        let compiled = kept.compiled(|wasm| {
            let compiler = Compiler::new(&platform, Options::default())?;
            Ok(compiler.compile("the module", wasm).map_err(|refusal| anyhow!("{refusal}"))?.artifact)
        })?;
        let artifact = Artifact::parse("the module", &compiled)?;
        let device = Device::open(&library)?;
        let runtime = Runtime::new(&device)?;
        let linker = Linker::new(&runtime)?;
        Ok(Self { interruption: platform.settings().interruption, runtime, linker, artifact, running: None })
    }

    fn load(&self, way: Way) -> Result<Module> {
        Ok(match way {
            Way::Copied => Module::load(&self.runtime, self.artifact.bytes())?,
            Way::InPlace => Module::load_in_place(&self.runtime, self.artifact.bytes())?,
        })
    }

    /// A store whose guests are not interrupted for a long time.
    fn store(&self) -> Result<Store> {
        let mut store = Store::new(&self.runtime)?;
        match self.interruption {
            Interruption::None => {}
            Interruption::Fuel => store.set_fuel(u64::MAX / 2)?,
            Interruption::Epoch => store.set_epoch_deadline(u64::MAX / 2)?,
        }
        Ok(store)
    }

    fn instance(&self, module: &Module) -> Result<(Store, Instance)> {
        let mut store = self.store()?;
        let instance = self.linker.instantiate(&mut store, module)?;
        Ok((store, instance))
    }
}

fn export(store: &mut Store, instance: &Instance, name: &str) -> Result<Func> {
    instance.func(store, name).with_context(|| format!("the module exports no function {name}"))
}

impl Engine for Board {
    fn run(&mut self, units: i32) -> Result<i32> {
        if self.running.is_none() {
            let (mut store, instance) = self.instance(&self.load(Way::InPlace)?)?;
            let func = export(&mut store, &instance, "run")?;
            self.running = Some((store, func));
        }
        let (store, func) = self.running.as_mut().context("it was made above")?;
        let mut result = [Value::I32(0)];
        func.call_into(store, &[Value::I32(units)], &mut result)?;
        match result {
            [Value::I32(sum)] => Ok(sum),
            [other] => Err(anyhow!("run gave {other:?}")),
        }
    }

    fn start(&mut self, way: Way) -> Result<Stages> {
        let begin = Instant::now();
        let module = self.load(way)?;
        let loaded = Instant::now();
        let (mut store, instance) = self.instance(&module)?;
        let instantiated = Instant::now();
        export(&mut store, &instance, "nothing")?.call_into(&mut store, &[], &mut [])?;
        Ok([loaded - begin, instantiated - loaded, instantiated.elapsed()])
    }

    fn hold(&mut self, count: usize, held: &mut dyn FnMut()) -> Result<Duration> {
        let module = self.load(Way::InPlace)?;
        super::held(count, held, || {
            let (mut store, instance) = self.instance(&module)?;
            export(&mut store, &instance, "nothing")?.call_into(&mut store, &[], &mut [])?;
            Ok(store)
        })
    }
}
