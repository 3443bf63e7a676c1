//! Compiling: `minplat-compile` as a user runs it, beside the `wasmtime` crate's own time in a process of its own.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use minplat_compiler::image::Image;
use minplat_compiler::{Compiler, Options};
use minplat_platform::Platform;
use minplat_report::{median, spread};

use super::{Plan, changed};
use crate::engine::{precompile, precompile_serially};
use crate::process;
use crate::results::Compiled;

/// What is compiled for: all checks are code there, which is the most to compile.
const PLATFORM: &str = minplat_platform::DEFAULT;
/// What is compared with: Wasmtime's own time, and ours.
const WASMTIME: &str = "the wasmtime crate";
const SERIAL: &str = "the wasmtime crate, one thread";
const OURS: &str = "minplat-compile";

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

/// A way to compile.
struct Way<'a> {
    how: &'static str,
    /// The one that it is compared with.
    beside: &'static str,
    /// What does it in a round.
    command: Box<dyn Fn(usize) -> Result<Command> + 'a>,
    times: Vec<f64>,
    most: u64,
}

fn one(plan: &Plan, module: &str, file: &Path, folder: &Path) -> Result<Vec<Compiled>> {
    let wasm = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    plan.progress.say(format!("compiling {module}"));
    let own = std::env::current_exe().context("this program has no path")?;
    let theirs = |more: &str| {
        let mut command = Command::new(&own);
        command.args(["compile", more, PLATFORM]).arg(file);
        command
    };
    process::run(&mut theirs("--compare"))?;

    let program = beside("minplat-compile")?;
    let output = folder.join("out.cwasm");
    let ours = |more: &[&str], file: &Path| {
        let mut command = Command::new(&program);
        command.args(["--quiet", "--platform", PLATFORM, "-o"]).arg(&output).args(more).arg(file);
        command
    };
    let cache = folder.join(format!("cache-{module}"));
    let cached = ["--cache", cache.to_str().context("the temporary folder's name is no text")?];
    process::run(&mut ours(&cached, file))?;
    let changed = folder.join("changed.wasm");
    let changes = changed::changes(&wasm, plan.rounds)?;
    let other = folder.join("other.wasm");
    std::fs::copy(file, &other).context("cannot copy the module")?;

    let mut ways = [
        Way::new(WASMTIME, WASMTIME, |_| Ok(theirs("--parallel"))),
        Way::new(OURS, WASMTIME, |_| Ok(ours(&[], file))),
        Way::new(SERIAL, SERIAL, |_| Ok(theirs("--serial"))),
        Way::new("minplat-compile --jobs 1", SERIAL, |_| Ok(ours(&["--jobs", "1"], file))),
        Way::new("minplat-compile of two files", OURS, |_| {
            let mut command = Command::new(&program);
            command.args(["--quiet", "--platform", PLATFORM, "-o"]).arg(folder.join("both")).arg(file).arg(&other);
            Ok(command)
        }),
        Way::new("minplat-compile --cache, nothing changed", OURS, |_| Ok(ours(&cached, file))),
        Way::new("minplat-compile --cache, one function changed", OURS, |round| {
            std::fs::write(&changed, changed::with(&wasm, changes[round]))
                .context("cannot write the changed module")?;
            Ok(ours(&cached, &changed))
        }),
    ];
    for round in 0..plan.rounds {
        for nth in plan.turns(ways.len(), round) {
            let way = &mut ways[nth];
            plan.progress.say(format!("compiling {module}: round {} of {}, {}", round + 1, plan.rounds, way.how));
            let ran = process::run(&mut (way.command)(round)?)?;
            // The crate tells its own time; a program's is all of it, from its start.
            let time = match way.how {
                WASMTIME | SERIAL => ran.output.trim().parse().context("Wasmtime's time is no number")?,
                _ => ran.time.as_secs_f64() * 1e3,
            };
            way.times.push(time);
            way.most = way.most.max(ran.resident_bytes);
        }
    }
    let found = |way: &Way<'_>| {
        let base = ways.iter().find(|other| other.how == way.beside && way.beside != way.how);
        let ratio = |base: &Way<'_>| {
            median(&way.times.iter().zip(&base.times).map(|(ours, theirs)| ours / theirs).collect::<Vec<_>>())
        };
        Compiled {
            module: module.to_string(),
            bytes: wasm.len() as u64,
            platform: PLATFORM.into(),
            how: way.how.into(),
            milliseconds: median(&way.times),
            spread: spread(&way.times),
            ratio: base.map(ratio),
            beside: base.map(|base| base.how.to_string()),
            resident_bytes: way.most,
        }
    };
    Ok(ways.iter().map(found).collect())
}

impl<'a> Way<'a> {
    fn new(how: &'static str, beside: &'static str, command: impl Fn(usize) -> Result<Command> + 'a) -> Self {
        Self { how, beside, command: Box::new(command), times: Vec::new(), most: 0 }
    }
}

/// What `minplat-bench compile` does: Wasmtime from a module to its image, and the milliseconds on standard output; or, with `compare`,
/// whether minplat makes the same code, without which the times would say nothing.
///
/// # Errors
/// It cannot be read or compiled, or the code differs.
pub(crate) fn wasmtime(how: &crate::cli::Crate, platform: &str, file: &Path) -> Result<()> {
    let platform = Platform::load(platform, &[])?;
    let wasm = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    if how.compare {
        return same_code(&platform, &wasm);
    }
    let begin = Instant::now();
    if how.serial {
        precompile_serially(&platform, &wasm)?
    } else {
        precompile(&platform, &wasm)?
    };
    minplat_report::say(&format!("{}\n", begin.elapsed().as_secs_f64() * 1e3))
}

/// Ours has no padding behind it.
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
    ensure!(
        program.is_file(),
        "{} is not there; cargo build --release at the root of the checkout builds all programs",
        program.display()
    );
    Ok(program)
}
