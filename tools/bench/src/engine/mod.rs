//! One engine in a process of its own: it answers, line by line, the commands of `kernels/driver.h`, and what an engine can do
//! besides that can be given a module.
//!
//! | command | answer |
//! | --- | --- |
//! | `run N` | nanoseconds of this thread's time for N units, and their checksum |
//! | `start WAY N` | nanoseconds to load, to instantiate, and for the first call: each the median of N starts |
//! | `hold N` | nanoseconds for N instances of the module, each in a store of its own, and the bytes in RAM of each |
//!
//! It writes `ready` first. What cannot be done ends the process with exit code 1 and the reason on standard error.

mod clock;
mod device;
mod interpreter;
mod linux;

use std::io::{BufRead as _, Write as _};
use std::path::Path;
use std::str::FromStr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

pub(crate) use linux::{precompile, precompile_serially};

use minplat_report::median;

/// How a module comes into an engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Way {
    /// Its bytes lie in memory, and the engine makes its own of them.
    Copied,
    /// Its bytes are used where they lie: in memory on a device, in a file on Linux.
    InPlace,
}

impl Way {
    /// As in the commands.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Copied => "copied",
            Self::InPlace => "in-place",
        }
    }
}

impl FromStr for Way {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        [Self::Copied, Self::InPlace].into_iter().find(|way| way.name() == text).context("no way to load a module")
    }
}

/// How long the parts of a start took.
pub(crate) type Stages = [Duration; 3];

/// What every engine can do with its module.
trait Engine {
    /// Calls `run` of an instance that stays.
    fn run(&mut self, units: i32) -> Result<i32>;

    /// From the compiled module to the return of `nothing`; all that was made is dropped.
    fn start(&mut self, way: Way) -> Result<Stages>;

    /// Makes so many instances of the module, which is loaded before, and calls each; the time. The closure is called while all live.
    fn hold(&mut self, count: usize, held: &mut dyn FnMut()) -> Result<Duration>;
}

/// A module, and the file with what was compiled of it, which is made by the first that asks.
struct Kept<'a> {
    file: &'a Path,
    wasm: &'a [u8],
}

impl Kept<'_> {
    /// What was compiled before, or is now.
    fn compiled(&self, compile: impl FnOnce(&[u8]) -> Result<Vec<u8>>) -> Result<Vec<u8>> {
        if self.file.is_file() {
            return std::fs::read(self.file).context("cannot read what was compiled before");
        }
        let compiled = compile(self.wasm)?;
        std::fs::write(self.file, &compiled).context("cannot write the compiled module")?;
        Ok(compiled)
    }
}

/// Makes so many, and calls the closure while all are there; what making them took.
fn held<S>(count: usize, held: &mut dyn FnMut(), mut make: impl FnMut() -> Result<S>) -> Result<Duration> {
    let mut all = Vec::with_capacity(count);
    let begin = Instant::now();
    for _ in 0..count {
        all.push(make()?);
    }
    let took = begin.elapsed();
    held();
    Ok(took)
}

/// Serves on standard input and output until the input ends.
///
/// # Errors
/// The engine is none, does not take the module, or is asked what it cannot do.
pub(crate) fn serve(name: &str, module: &Path, compiled: &Path) -> Result<()> {
    let bytes = std::fs::read(module).with_context(|| format!("cannot read the module {}", module.display()))?;
    let kept = Kept { file: compiled, wasm: &bytes };
    let mut engine: Box<dyn Engine> = match name.split_once(':') {
        None if name == "wasmi" => Box::new(interpreter::Interpreter::new(&bytes)?),
        None if name == "wasmtime" => Box::new(linux::Linux::new(linux::Setup::Defaults, &kept)?),
        None if name == "wasmtime-checks" => Box::new(linux::Linux::new(linux::Setup::Checks, &kept)?),
        Some(("wasmtime", platform)) => Box::new(linux::Linux::new(linux::Setup::As(platform), &kept)?),
        None => Box::new(device::Board::new(name, &kept)?),
        Some(_) => bail!("there is no engine {name}"),
    };
    println!("ready");
    for line in std::io::stdin().lock().lines() {
        let answer = answer(engine.as_mut(), &line?)?;
        let mut out = std::io::stdout().lock();
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}

fn answer(engine: &mut dyn Engine, line: &str) -> Result<String> {
    let words: Vec<_> = line.split(' ').collect();
    match words[..] {
        ["run", units] => {
            let units = units.parse()?;
            // Loaded, and instantiated, it is before.
            engine.run(0)?;
            let begin = clock::thread();
            let result = minplat_bench_counted(engine, units)?;
            Ok(format!("{} {result}", (clock::thread() - begin).as_nanos()))
        }
        ["start", way, count] => {
            let (way, count): (_, usize) = (way.parse()?, count.parse()?);
            ensure!(count > 0, "no start was asked for");
            let mut stages = [const { Vec::new() }; 3];
            for _ in 0..count {
                let times = engine.start(way)?;
                stages.iter_mut().zip(times).for_each(|(all, time)| all.push(time.as_nanos() as f64));
            }
            Ok(stages.map(|all| format!("{:.0}", median(&all))).join(" "))
        }
        ["hold", count] => {
            let count: usize = count.parse()?;
            ensure!(count > 0, "no instance was asked for");
            // What the first of all brings along is nobody's share.
            engine.hold(1, &mut || ())?;
            let before = clock::resident()?;
            let mut after = Ok(before);
            let took = engine.hold(count, &mut || after = clock::resident())?;
            Ok(format!("{} {}", took.as_nanos(), after?.saturating_sub(before) / count as u64))
        }
        _ => bail!("\"{line}\" is not a command; this engine knows: run N, start WAY N, hold N"),
    }
}

/// Works so many units. By its name callgrind knows what to count: see `measure/instructions.rs`.
#[inline(never)]
#[unsafe(no_mangle)]
fn minplat_bench_counted(engine: &mut dyn Engine, units: i32) -> Result<i32> {
    engine.run(units)
}
