//! One module in the device: loaded, linked, instantiated, called.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use minplat_host::{Engine, Error, Instance, Kind, Linker, Module, Store, Value, text as values};
use minplat_platform::settings::Interruption;

use crate::env::{self, Printed};
use crate::examples::{Call, Places};
use crate::text;

/// Enough for any example: what is not meant to run out does not.
pub(crate) const PLENTY: u64 = u64::MAX / 2;

/// An instance, and what it needs to be called.
pub(crate) struct Guest {
    engine: Engine,
    store: Store,
    instance: Instance,
    printed: Printed,
    interruption: Interruption,
    /// Loading and instantiating took this long, the start function included.
    pub(crate) load_time: Duration,
}

/// What came of a call.
pub(crate) struct Came {
    /// The results, or the error of the device.
    pub(crate) answer: Result<Vec<Value>, Error>,
    /// The text that the results point to, where the call is to give text.
    pub(crate) text: Option<String>,
    /// What the guest had the host print.
    pub(crate) printed: String,
    /// How long the call took.
    pub(crate) time: Duration,
}

impl Guest {
    /// Loads and instantiates an artifact.
    ///
    /// # Errors
    /// The device refuses it.
    pub(crate) fn new(engine: &Engine, artifact: &[u8], interruption: Interruption) -> anyhow::Result<Self> {
        let mut linker = Linker::new(engine)?;
        let printed = env::define(&mut linker)?;
        let begin = Instant::now();
        let module = Module::load(engine, artifact)?;
        let mut store = Store::new(engine)?;
        allow(&mut store, interruption, PLENTY)?;
        let instance = linker.instantiate(&mut store, &module)?;
        let load_time = begin.elapsed();
        Ok(Self { engine: engine.clone(), store, instance, printed, interruption, load_time })
    }

    /// Why the platform cannot do this call, if it cannot.
    pub(crate) fn lacks(call: &Call, interruption: Interruption) -> Option<&'static str> {
        match interruption {
            Interruption::Fuel if call.epoch => Some("no epochs"),
            Interruption::Epoch if call.fuel.is_some() => Some("no fuel"),
            Interruption::None if call.fuel.is_some() || call.epoch => Some("no interruption"),
            _ => None,
        }
    }

    /// Calls as the table says.
    ///
    /// # Errors
    /// The call could not be made: no such export, arguments that do not fit it. A trap is an answer.
    pub(crate) fn call(&mut self, call: &Call, places: &Places) -> anyhow::Result<Came> {
        allow(&mut self.store, self.interruption, call.fuel.unwrap_or(PLENTY))?;
        let func = self.instance.func(&mut self.store, &call.invoke);
        let func = func.with_context(|| format!("it exports no function \"{}\"", call.invoke))?;
        let args = match (&call.text, &call.file) {
            (Some(given), _) => text::put(&mut self.store, &self.instance, given.as_bytes())?,
            (None, Some(file)) => {
                let path = places.root.join(file);
                let bytes = std::fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
                text::put(&mut self.store, &self.instance, &bytes)?
            }
            (None, None) => arguments(&func.ty(&mut self.store)?.params, &call.args)?,
        };

        let begin = Instant::now();
        let answer = if call.epoch {
            self.store.set_epoch_deadline(1)?;
            interrupted(&self.engine, || func.call(&mut self.store, &args))?
        } else {
            func.call(&mut self.store, &args)
        };
        let time = begin.elapsed();

        let text = match (&call.returns, &answer) {
            (Some(_), Ok(results)) => Some(text::get(&mut self.store, &self.instance, results)?),
            _ => None,
        };
        Ok(Came { answer, text, printed: self.printed.take(), time })
    }
}

fn arguments(kinds: &[Kind], texts: &[String]) -> anyhow::Result<Vec<Value>> {
    ensure!(kinds.len() == texts.len(), "it takes {} arguments, not {}", kinds.len(), texts.len());
    texts.iter().zip(kinds).map(|(text, kind)| values::parse(text, *kind).map_err(anyhow::Error::msg)).collect()
}

/// Runs a call, and lets the next epoch begin in a moment, from another thread.
fn interrupted<R>(engine: &Engine, call: impl FnOnce() -> R) -> Result<R, Error> {
    let interrupter = engine.interrupter()?;
    std::thread::scope(|scope| {
        let ticked = scope.spawn(move || {
            std::thread::sleep(Duration::from_millis(20));
            interrupter.increment_epoch()
        });
        let answer = call();
        ticked.join().expect("the thread only sleeps and counts")?;
        Ok(answer)
    })
}

/// Lets guests of the store run, where the platform would stop them.
pub(crate) fn allow(store: &mut Store, interruption: Interruption, amount: u64) -> Result<(), Error> {
    match interruption {
        Interruption::None => Ok(()),
        Interruption::Fuel => store.set_fuel(amount),
        Interruption::Epoch => store.set_epoch_deadline(PLENTY),
    }
}
