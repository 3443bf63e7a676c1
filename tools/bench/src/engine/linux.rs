//! The `wasmtime` crate on Linux: as it comes, without the help of signals, or with the settings of a platform.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow};
use minplat_platform::settings::Interruption;
use minplat_platform::{CompileOptions, Platform, compiling_config, running_config};
use wasmtime::{Config, Engine as Runtime, Instance, Module, Store, TypedFunc};

use super::{Engine, Kept, Stages, Way};

/// What the engine is set to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Setup<'a> {
    /// As it comes.
    Defaults,
    /// Without signals, guard pages and reservations: as on a machine with virtual memory alone.
    Checks,
    /// As a platform.
    As(&'a str),
}

/// The crate with a module.
pub(super) struct Linux {
    interruption: Interruption,
    runtime: Runtime,
    image: Vec<u8>,
    /// Where the image is, too.
    file: PathBuf,
    running: Option<(Store<()>, TypedFunc<i32, i32>)>,
}

/// Wasmtime has an error type of its own.
fn ours(error: wasmtime::Error) -> anyhow::Error {
    anyhow!("Wasmtime: {error:#}")
}

/// What Wasmtime with a platform's settings makes of a module: for a device, or for this machine.
pub(crate) fn precompile(platform: &Platform, wasm: &[u8]) -> Result<Vec<u8>> {
    compiled(platform, wasm, CompileOptions::default())
}

/// The same in one thread.
pub(crate) fn precompile_serially(platform: &Platform, wasm: &[u8]) -> Result<Vec<u8>> {
    compiled(platform, wasm, CompileOptions { parallel: false, ..CompileOptions::default() })
}

fn compiled(platform: &Platform, wasm: &[u8], options: CompileOptions) -> Result<Vec<u8>> {
    compiling_config(platform.settings(), &platform.compile_triple(), options)
        .and_then(|config| Runtime::new(&config))
        .and_then(|engine| engine.precompile_module(wasm))
        .map_err(ours)
}

impl Linux {
    pub(super) fn new(setup: Setup<'_>, kept: &Kept<'_>) -> Result<Self> {
        let mut interruption = Interruption::None;
        let (config, platform) = match setup {
            Setup::Defaults => (Config::new(), None),
            Setup::Checks => {
                let mut config = Config::new();
                config.signals_based_traps(false).memory_guard_size(0);
                config.memory_reservation(0).memory_reservation_for_growth(0);
                (config, None)
            }
            Setup::As(name) => {
                let platform = Platform::load(name, &["target.rust=x86_64-unknown-linux-gnu".into()])?;
                interruption = platform.settings().interruption;
                (running_config(platform.settings()), Some(platform))
            }
        };
        let runtime = Runtime::new(&config).map_err(ours)?;
        let image = kept.compiled(|wasm| match &platform {
            Some(platform) => precompile(platform, wasm),
            None => runtime.precompile_module(wasm).map_err(ours),
        })?;
        Ok(Self { interruption, runtime, image, file: kept.file.to_path_buf(), running: None })
    }

    fn load(&self, way: Way) -> Result<Module> {
        // SAFETY: Wasmtime of this very version has made it, for a process of this very run, whose folder is of no interest to anybody else.
        let loaded = unsafe {
            match way {
                Way::Copied => Module::deserialize(&self.runtime, &self.image),
                Way::InPlace => Module::deserialize_file(&self.runtime, &self.file),
            }
        };
        loaded.map_err(ours)
    }

    fn instance(&self, module: &Module) -> Result<(Store<()>, Instance)> {
        let mut store = Store::new(&self.runtime, ());
        match self.interruption {
            Interruption::None => {}
            Interruption::Fuel => store.set_fuel(u64::MAX / 2).map_err(ours)?,
            Interruption::Epoch => store.set_epoch_deadline(u64::MAX / 2),
        }
        let instance = Instance::new(&mut store, module, &[]).map_err(ours)?;
        Ok((store, instance))
    }
}

impl Engine for Linux {
    fn run(&mut self, units: i32) -> Result<i32> {
        if self.running.is_none() {
            let (mut store, instance) = self.instance(&self.load(Way::InPlace)?)?;
            let func = instance.get_typed_func(&mut store, "run").map_err(ours)?;
            self.running = Some((store, func));
        }
        let (store, func) = self.running.as_mut().context("it was made above")?;
        func.call(store, units).map_err(ours)
    }

    fn start(&mut self, way: Way) -> Result<Stages> {
        let begin = Instant::now();
        let module = self.load(way)?;
        let loaded = Instant::now();
        let (mut store, instance) = self.instance(&module)?;
        let instantiated = Instant::now();
        let func = instance.get_typed_func::<(), ()>(&mut store, "nothing").map_err(ours)?;
        func.call(&mut store, ()).map_err(ours)?;
        Ok([loaded - begin, instantiated - loaded, instantiated.elapsed()])
    }

    fn hold(&mut self, count: usize, held: &mut dyn FnMut()) -> Result<Duration> {
        let module = self.load(Way::InPlace)?;
        super::held(count, held, || {
            let (mut store, instance) = self.instance(&module)?;
            let func = instance.get_typed_func::<(), ()>(&mut store, "nothing").map_err(ours)?;
            func.call(&mut store, ()).map_err(ours)?;
            Ok(store)
        })
    }
}
