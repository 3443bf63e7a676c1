//! wasmi, an interpreter, as it comes: a load validates the module, and each function is translated when it is called first.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use wasmi::{Engine as Runtime, Instance, Linker, Module, Store, TypedFunc};

use super::{Engine, Stages, Way};

/// The interpreter with a module.
pub(super) struct Interpreter {
    runtime: Runtime,
    linker: Linker<()>,
    wasm: Vec<u8>,
    running: Option<(Store<()>, TypedFunc<i32, i32>)>,
}

impl Interpreter {
    pub(super) fn new(wasm: &[u8]) -> Result<Self> {
        let runtime = Runtime::default();
        Module::new(&runtime, wasm).context("wasmi")?;
        let linker = Linker::new(&runtime);
        Ok(Self { runtime, linker, wasm: wasm.to_vec(), running: None })
    }

    fn instance(&self, module: &Module) -> Result<(Store<()>, Instance)> {
        let mut store = Store::new(&self.runtime, ());
        let instance = self.linker.instantiate_and_start(&mut store, module)?;
        Ok((store, instance))
    }
}

impl Engine for Interpreter {
    fn run(&mut self, units: i32) -> Result<i32> {
        if self.running.is_none() {
            let (mut store, instance) = self.instance(&Module::new(&self.runtime, &self.wasm)?)?;
            let func = instance.get_typed_func(&mut store, "run")?;
            self.running = Some((store, func));
        }
        let (store, func) = self.running.as_mut().context("it was made above")?;
        Ok(func.call(store, units)?)
    }

    fn start(&mut self, way: Way) -> Result<Stages> {
        if way == Way::InPlace {
            bail!("wasmi translates a module, and uses none in place");
        }
        let begin = Instant::now();
        let module = Module::new(&self.runtime, &self.wasm)?;
        let loaded = Instant::now();
        let (mut store, instance) = self.instance(&module)?;
        let instantiated = Instant::now();
        instance.get_typed_func::<(), ()>(&store, "nothing")?.call(&mut store, ())?;
        Ok([loaded - begin, instantiated - loaded, instantiated.elapsed()])
    }

    fn hold(&mut self, count: usize, held: &mut dyn FnMut()) -> Result<Duration> {
        let module = Module::new(&self.runtime, &self.wasm)?;
        super::held(count, held, || {
            let (mut store, instance) = self.instance(&module)?;
            instance.get_typed_func::<(), ()>(&store, "nothing")?.call(&mut store, ())?;
            Ok(store)
        })
    }
}
