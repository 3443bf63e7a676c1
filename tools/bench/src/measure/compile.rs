//! Compiling: `minplat-compile` as a user runs it, beside the `wasmtime` crate's own time in a process of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use minplat_compiler::image::Image;
use minplat_compiler::{Compiler, Options};
use minplat_platform::Platform;

use super::{Plan, changed};
use crate::engine::precompile;
use crate::results::Compiled;
use crate::statistics::median;

/// What is compiled for: all checks are code there, which is the most to compile.
const PLATFORM: &str = minplat_platform::DEFAULT;
/// What Wasmtime's own time is called.
const WASMTIME: &str = "wasmtime crate";

/// Compiles a generated module, and SQLite where it is among the kernels.
///
/// # Errors
/// A compiler fails, or the two do not make the same code.
pub(crate) fn measure(plan: &Plan) -> Result<Vec<Compiled>> {
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let generated = folder.path().join("generated.wasm");
    let bytes = if plan.quick { 50_000 } else { 1_000_000 };
    std::fs::write(&generated, changed::generated(bytes)?).context("cannot write the generated module")?;
    let mut all = one(plan, "generated", &generated, folder.path())?;
    if !plan.quick && plan.kernels.iter().any(|kernel| kernel == "sqlite") {
        all.extend(one(plan, "sqlite", &plan.folder.join("sqlite.wasm"), folder.path())?);
    }
    Ok(all)
}

/// A way to compile: its name, and the command that does it in a round.
struct Way<'a> {
    how: &'static str,
    command: Box<dyn Fn(usize) -> Result<Command> + 'a>,
    times: Vec<f64>,
    most: u64,
}

fn one(plan: &Plan, module: &str, file: &Path, folder: &Path) -> Result<Vec<Compiled>> {
    let platform = Platform::load(PLATFORM, &[])?;
    let wasm = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    plan.progress.say(format!("compiling {module}"));
    same_code(&platform, &wasm)?;

    let program = beside("minplat-compile")?;
    let output = folder.join("out.cwasm");
    let ours = |more: &[&str], file: &Path| {
        let mut command = Command::new(&program);
        command.args(["--quiet", "--platform", PLATFORM, "-o"]).arg(&output).args(more).arg(file);
        command
    };
    let cache = folder.join(format!("cache-{module}"));
    let cached = ["--cache", cache.to_str().context("the temporary folder's name is no text")?];
    let time = |mut command: Command| run(&mut command).map(drop);
    time(ours(&cached, file))?;
    let changed = folder.join("changed.wasm");

    let mut ways = [
        Way::new(WASMTIME, |_| {
            let mut command = Command::new(std::env::current_exe()?);
            command.args(["compile", PLATFORM]).arg(file);
            Ok(command)
        }),
        Way::new("minplat-compile", |_| Ok(ours(&[], file))),
        Way::new("minplat-compile --jobs 1", |_| {
            let mut command = ours(&[], file);
            command.args(["--jobs", "1"]);
            Ok(command)
        }),
        Way::new("minplat-compile --cache, nothing changed", |_| Ok(ours(&cached, file))),
        Way::new("minplat-compile --cache, one function changed", |round| {
            std::fs::write(&changed, changed::one_changed(&wasm, round, plan.rounds)?)?;
            Ok(ours(&cached, &changed))
        }),
        Way::new("minplat-compile, two files", |_| {
            let mut command = Command::new(&program);
            let other = folder.join("other.wasm");
            std::fs::copy(file, &other)?;
            command.args(["--quiet", "--platform", PLATFORM, "-o"]).arg(folder.join("both")).arg(file).arg(other);
            Ok(command)
        }),
    ];
    for round in 0..plan.rounds {
        for nth in plan.turns(ways.len(), round) {
            let way = &mut ways[nth];
            plan.progress.say(format!("compiling {module}: round {} of {}, {}", round + 1, plan.rounds, way.how));
            let mut command = (way.command)(round)?;
            let ran = run(&mut command)?;
            // The crate tells its own time; a program's is all of it, from its start.
            let time = match way.how {
                WASMTIME => ran.output.trim().parse().context("Wasmtime's time is no number")?,
                _ => ran.time.as_secs_f64() * 1e3,
            };
            way.times.push(time);
            way.most = way.most.max(ran.resident_bytes);
        }
    }
    let theirs = ways[0].times.clone();
    let found = |way: &Way<'_>| Compiled {
        module: module.to_string(),
        bytes: wasm.len() as u64,
        platform: PLATFORM.into(),
        how: way.how.into(),
        milliseconds: median(&way.times),
        to_wasmtime: median(&way.times.iter().zip(&theirs).map(|(ours, theirs)| ours / theirs).collect::<Vec<_>>()),
        resident_bytes: way.most,
    };
    Ok(ways.iter().map(found).collect())
}

impl<'a> Way<'a> {
    fn new(how: &'static str, command: impl Fn(usize) -> Result<Command> + 'a) -> Self {
        Self { how, command: Box::new(command), times: Vec::new(), most: 0 }
    }
}

/// What `minplat-bench compile` does: Wasmtime from a module to its image, and the milliseconds on standard output.
///
/// # Errors
/// It cannot be read or compiled.
pub(crate) fn wasmtime(platform: &str, file: &Path) -> Result<()> {
    let platform = Platform::load(platform, &[])?;
    let wasm = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let begin = Instant::now();
    precompile(&platform, &wasm)?;
    println!("{}", begin.elapsed().as_secs_f64() * 1e3);
    Ok(())
}

/// Both must make the same code, or the times say nothing; ours has no padding behind it.
fn same_code(platform: &Platform, wasm: &[u8]) -> Result<()> {
    let artifact = Compiler::new(platform, Options::default())?.compile("the module", wasm)?;
    let (theirs, ours) = (precompile(platform, wasm)?, artifact.image()?);
    let text = Image::parse(&theirs)?.text().context("Wasmtime's image has no code")?;
    let code = ours.text().context("the artifact has no code")?.data;
    ensure!(!code.is_empty() && text.data.starts_with(code), "minplat's code is not Wasmtime's");
    Ok(())
}

/// A program of minplat as Cargo built it beside this one.
pub(super) fn beside(name: &str) -> Result<PathBuf> {
    let program = std::env::current_exe().context("this program has no path")?.with_file_name(name);
    ensure!(program.is_file(), "{} is not there: cargo build --release", program.display());
    Ok(program)
}

/// What came of a command.
struct Ran {
    time: Duration,
    output: String,
    resident_bytes: u64,
}

fn run(command: &mut Command) -> Result<Ran> {
    let attempt = format!("{}", command.get_program().display());
    let begin = Instant::now();
    let mut child = command.stdout(Stdio::piped()).spawn().with_context(|| format!("cannot start {attempt}"))?;
    let mut output = String::new();
    if let Some(pipe) = &mut child.stdout {
        std::io::Read::read_to_string(pipe, &mut output).with_context(|| format!("cannot read what {attempt} says"))?;
    }
    let mut status = 0;
    // SAFETY: all bytes zero are a usage of nothing.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    let pid = i32::try_from(child.id()).context("a process has a number")?;
    // SAFETY: the child is ours and was not waited for; there is room for both answers.
    let waited = unsafe { libc::wait4(pid, &mut status, 0, &mut usage) };
    let time = begin.elapsed();
    ensure!(waited == pid && status == 0, "{attempt} failed (status {status})");
    Ok(Ran { time, output, resident_bytes: usage.ru_maxrss as u64 * 1024 })
}
