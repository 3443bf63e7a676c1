//! What happens on the guest's thread: open, load, link, call.

use std::path::Path;
use std::time::{Duration, Instant};

use minplat_host::entry::{self, Entry};
use minplat_host::stack::Gauge;
use minplat_host::{
    Artifact, Device, Engine, Error, ErrorCode, Instance, Linker, MemoryStats, Module, Store, platform,
};

use crate::args::Run;
use crate::imports::Imports;
use crate::report::{Depths, Failure, Report, Shown, Stats, Times};
use crate::watch;

/// The module to run, and those before it.
pub(crate) struct Modules {
    pub(crate) main: Artifact,
    pub(crate) preload: Vec<(String, String, Artifact)>,
}

/// Does it all, and notes in the report how far it came.
pub(crate) fn guest_run(args: &Run, library: &Path, modules: &Modules, report: &mut Report) -> Result<(), Failure> {
    let mut steps = Steps {
        times: Times::default(),
        depths: Depths::default(),
        gauge: args.stats.then(Gauge::new).flatten(),
        memory: None,
    };
    let device = steps.measure(Step::Open, || Device::open(library)).map_err(Failure::from)?;
    let outcome = on_device(args, &device, modules, report, &mut steps);
    if args.stats {
        report.stats = Some(Stats {
            platform: platform::stats(),
            heap: Some(device.heap_stats()),
            memory: steps.memory,
            native_stack: steps.gauge.is_some().then_some(steps.depths),
            times: Some(steps.times),
        });
    }
    outcome
}

fn on_device(
    args: &Run,
    device: &Device,
    modules: &Modules,
    report: &mut Report,
    steps: &mut Steps,
) -> Result<(), Failure> {
    let voice = report.voice;
    voice.detail(format_args!(
        "{} built for {}, minplat {}",
        device.path().display(),
        device.platform_name(),
        device.version()
    ));
    let engine = steps.measure(Step::Open, || Engine::new(device))?;
    let mut store = Store::new(&engine)?;
    let timeout = args.timeout.map(Duration::from_millis);
    watch::allow(&mut store, args.fuel, timeout)?;

    let load = |artifact: &Artifact| match args.in_place {
        true => Module::load_in_place(&engine, artifact.bytes()),
        false => match (Module::load(&engine, artifact.bytes()), artifact.expanded()) {
            (Err(error), Some(expanded)) if error.code == ErrorCode::WRONG_FORMAT => {
                voice.note(format_args!(
                    "this library was built without build.unpack: it gets what the packed file expands to"
                ));
                Module::load(&engine, expanded)
            }
            (loaded, _) => loaded,
        },
    };
    let file = report.file.clone();
    let main = steps.measure(Step::Load, || load(&modules.main)).map_err(|error| Failure::device(&file, error))?;
    let entry = entry::choose(&main.exports()?, args.invoke.as_deref(), &args.args).map_err(Failure::usage)?;

    let mut imports = Imports::new(Linker::new(&engine)?, voice, args.stub_imports);
    watch::within(timeout, &engine, || {
        for (name, file, artifact) in &modules.preload {
            let module = steps.measure(Step::Load, || load(artifact)).map_err(|error| Failure::device(file, error))?;
            let instance = steps.measure(Step::Instantiate, || imports.instantiate(&mut store, &module, file));
            let instance = instance.map_err(|failure| failure.during(&format!("making an instance of {file}")))?;
            imports.add(&mut store, name, &module, &instance)?;
            voice.detail(format_args!("{file} is there as {name}"));
        }
        let instance = steps.measure(Step::Instantiate, || imports.instantiate(&mut store, &main, &file));
        let instance = instance.map_err(|failure| failure.during(&format!("making an instance of {file}")))?;
        match entry {
            Some(entry) => call(&mut store, &instance, entry, report, steps),
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
    steps: &mut Steps,
) -> Result<(), Failure> {
    report.voice.detail(format_args!("calling {}{}", entry.name, entry.ty));
    report.function = Some(entry.name.clone());
    let func = instance.func(store, &entry.name).ok_or_else(|| {
        let what = format!("the library finds no function {} though the module exports it", entry.name);
        Failure::plain(what)
    })?;
    let args: Result<Vec<_>, Error> = entry.args.iter().map(|arg| arg.value(store)).collect();
    let args = args.map_err(|error| Failure::device(&entry.name, error))?;
    let outcome: Result<_, Error> = steps.measure(Step::Call, || func.call(store, &args));
    steps.memory = Some(store.engine().device().memory_stats());
    if matches!(&outcome, Err(error) if error.trap.is_some()) {
        steps.depths.trap = steps.depths.call.take();
    }
    let results = outcome.map_err(|error| Failure::device(&entry.name, error))?;
    report.results = results.into_iter().map(|value| Shown::of(value, store)).collect();
    Ok(())
}

/// A part of a run.
#[derive(Clone, Copy)]
enum Step {
    Open,
    Load,
    Instantiate,
    Call,
}

/// What the parts of a run took.
struct Steps {
    times: Times,
    depths: Depths,
    gauge: Option<Gauge>,
    /// Before anything is given back.
    memory: Option<MemoryStats>,
}

impl Steps {
    fn measure<R>(&mut self, step: Step, job: impl FnOnce() -> R) -> R {
        let start = Instant::now();
        let timed = || {
            let result = job();
            (result, start.elapsed())
        };
        let ((result, took), used) = match &mut self.gauge {
            Some(gauge) => {
                let (result, used) = gauge.measure(timed);
                (result, Some(used))
            }
            None => (timed(), None),
        };
        let (lap, depth) = match step {
            Step::Open => (&mut self.times.open, &mut self.depths.open),
            Step::Load => (&mut self.times.load, &mut self.depths.load),
            Step::Instantiate => (&mut self.times.instantiate, &mut self.depths.instantiate),
            Step::Call => (&mut self.times.call, &mut self.depths.call),
        };
        lap.0 += took.as_secs_f64() * 1e6;
        // `None` is less than any number.
        *depth = (*depth).max(used);
        result
    }
}

/// How long a step took, all its parts together.
#[derive(Clone, Copy, Default, serde::Serialize)]
#[serde(transparent)]
pub(crate) struct Lap(pub(crate) f64);
