//! What happens on the guest's thread: open, load, link, call.

use std::path::Path;
use std::time::{Duration, Instant};

use minplat_host::{Artifact, Device, Engine, Error, Instance, Linker, Module, Store, platform};

use crate::args::Run;
use crate::entry::{self, Entry};
use crate::imports::Imports;
use crate::report::{Failure, Report, Shown, Stats, Times};
use crate::watch;

/// The module to run, and those before it.
pub(crate) struct Modules {
    pub(crate) main: Artifact,
    pub(crate) preload: Vec<(String, String, Artifact)>,
}

/// Does it all, and notes in the report how far it came.
pub(crate) fn guest_run(args: &Run, library: &Path, modules: &Modules, report: &mut Report) -> Result<(), Failure> {
    let mut times = Times::default();
    let device = times.open.measure(|| Device::open(library)).map_err(Failure::from)?;
    let outcome = on_device(args, &device, modules, report, &mut times);
    if args.stats {
        report.stats = Some(Stats {
            platform: platform::stats(),
            heap: Some(device.heap_stats()),
            native_stack: None,
            times: Some(times),
        });
    }
    outcome
}

fn on_device(
    args: &Run,
    device: &Device,
    modules: &Modules,
    report: &mut Report,
    times: &mut Times,
) -> Result<(), Failure> {
    let voice = report.voice;
    voice.detail(format_args!(
        "{} built for {}, minplat {}",
        device.path().display(),
        device.platform_name(),
        device.version()
    ));
    let engine = times.open.measure(|| Engine::new(device))?;
    let mut store = Store::new(&engine)?;
    let timeout = args.timeout.map(Duration::from_millis);
    watch::allow(&mut store, args.fuel, timeout)?;

    let load = |artifact: &Artifact| match args.in_place {
        true => Module::load_in_place(&engine, artifact.bytes()),
        false => Module::load(&engine, artifact.bytes()),
    };
    let file = report.file.clone();
    let main = times.load.measure(|| load(&modules.main)).map_err(|error| Failure::device(&file, error))?;
    let entry = entry::choose(&main.exports()?, args.invoke.as_deref(), &args.args)?;

    let mut imports = Imports::new(Linker::new(&engine)?, voice, args.stub_imports);
    watch::within(timeout, &engine, || {
        for (name, file, artifact) in &modules.preload {
            let module = times.load.measure(|| load(artifact)).map_err(|error| Failure::device(file, error))?;
            let instance = times.instantiate.measure(|| imports.instantiate(&mut store, &module, file));
            let instance = instance.map_err(|failure| failure.during(&format!("making an instance of {file}")))?;
            imports.add(&mut store, name, &module, &instance)?;
            voice.detail(format_args!("{file} is there as {name}"));
        }
        let instance = times.instantiate.measure(|| imports.instantiate(&mut store, &main, &file));
        let instance = instance.map_err(|failure| failure.during(&format!("making an instance of {file}")))?;
        match entry {
            Some(entry) => call(&mut store, &instance, entry, report, times),
            None => {
                let exports = main.exports()?;
                voice.note(format_args!("nothing to call; --invoke calls one of:{}", entry::listed(&exports)));
                Ok(())
            }
        }
    })
}

fn call(
    store: &mut Store,
    instance: &Instance,
    entry: Entry,
    report: &mut Report,
    times: &mut Times,
) -> Result<(), Failure> {
    report.voice.detail(format_args!("calling {}{}", entry.name, entry.ty));
    report.function = Some(entry.name.clone());
    let func = instance.func(store, &entry.name).ok_or_else(|| {
        let what = format!("the library finds no function {} though the module exports it", entry.name);
        Failure::plain(what)
    })?;
    let args: Result<Vec<_>, Error> = entry.args.iter().map(|arg| arg.value(store)).collect();
    let args = args.map_err(|error| Failure::device(&entry.name, error))?;
    let outcome: Result<_, Error> = times.call.measure(|| func.call(store, &args));
    let results = outcome.map_err(|error| Failure::device(&entry.name, error))?;
    report.results = results.into_iter().map(|value| Shown::of(value, store)).collect();
    Ok(())
}

/// How long a step took, all its parts together.
#[derive(Clone, Copy, Default, serde::Serialize)]
#[serde(transparent)]
pub(crate) struct Lap(pub(crate) f64);

impl Lap {
    fn measure<R>(&mut self, job: impl FnOnce() -> R) -> R {
        let start = Instant::now();
        let result = job();
        self.0 += start.elapsed().as_secs_f64() * 1e6;
        result
    }
}
