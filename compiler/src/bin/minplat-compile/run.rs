//! Compiles the jobs, in parallel, and reports them in the order in which they were named.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};
use minplat_compiler::Refusal;
use minplat_compiler::cache::Cache;
use minplat_compiler::compile::{Compiler, Options};
use minplat_compiler::emit::{header, identifier, obj, rust};
use minplat_compiler::input::{self, Input};
use minplat_compiler::wasm_opt::WasmOpt;
use minplat_compiler::{budget, debug_file, output, packing};
use minplat_platform::{Platform, RustTarget};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use serde_json::{Value, json};

use crate::args::{Args, Emit};
use crate::jobs::{self, Job};
use crate::{lists, report, unpack};

/// Why nothing more is done.
pub(crate) enum Stop {
    /// The command line cannot be meant so.
    Usage(String),
    /// Something else failed, before any module.
    Failed(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for Stop {
    fn from(error: E) -> Self {
        Stop::Failed(error.into())
    }
}

/// What came of a job.
struct Done {
    /// For people; none where they are told of failures only.
    lines: Vec<String>,
    json: Value,
}

/// Does what the command line says; `false` where a module failed.
pub(crate) fn run(args: &Args) -> Result<bool, Stop> {
    if let Some(shell) = args.completions {
        lists::completions(shell);
        return Ok(true);
    }
    if args.list_platforms {
        print(&lists::platforms()?)?;
        return Ok(true);
    }
    if args.print_platform || args.list_cpu {
        let platform = Platform::load(&args.platform, &args.sets)?;
        print(&if args.print_platform { platform.to_toml() } else { lists::cpu(&platform) })?;
        return Ok(true);
    }
    if args.unpack {
        unpack::unpack(args)?;
        return Ok(true);
    }
    let jobs = jobs::plan(args)?;
    let platform = Platform::load(&args.platform, &args.sets)?;
    let options = Options { opt_level: args.opt_level.map(Into::into), ..Options::default() };
    let mut compiler = Compiler::new(&platform, options)?.keep_sections(&args.keep_sections);
    if let Some(folder) = &args.cache {
        compiler = compiler.cache(Cache::open(folder, args.cache_limit)?);
    }

    let wasm_opt = match &args.wasm_opt {
        Some(arguments) => Some(WasmOpt::find(&platform, arguments)?),
        None => None,
    };
    let wasm_opt = wasm_opt.as_ref();

    let results = in_pool(args.jobs, || {
        let bar = progress(args, jobs.len());
        let results: Vec<_> = jobs
            .par_iter()
            .map(|job| {
                let result = one(args, job, &compiler, wasm_opt);
                bar.inc(1);
                result
            })
            .collect();
        bar.finish_and_clear();
        results
    })?;
    finish(args, &jobs, &platform, wasm_opt, results)
}

/// Runs `work` on as many cores as `--jobs` says; the functions of one module share them.
fn in_pool<T: Send>(jobs: Option<usize>, work: impl FnOnce() -> T + Send) -> Result<T, Stop> {
    match jobs {
        None => Ok(work()),
        Some(0) => Err(Stop::Usage("--jobs needs at least 1".into())),
        Some(threads) => {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            Ok(pool.context("starting threads")?.install(work))
        }
    }
}

fn progress(args: &Args, jobs: usize) -> ProgressBar {
    if args.quiet || args.verbose || jobs < 2 || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} modules");
    ProgressBar::new(jobs as u64).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn one(args: &Args, job: &Job, compiler: &Compiler, wasm_opt: Option<&WasmOpt>) -> anyhow::Result<Done> {
    let mut times = report::Times::default();
    let start = Instant::now();
    let mut input = input::read(&job.input)?;
    times.read = start.elapsed();
    if let Some(wasm_opt) = wasm_opt {
        let start = Instant::now();
        input = optimised(wasm_opt, compiler, &input)?;
        times.wasm_opt = start.elapsed();
    }
    let start = Instant::now();
    let compiled = compiler.compile(&input.name, &input.wasm)?;
    times.compile = start.elapsed();
    let start = Instant::now();
    let packed = match args.pack {
        true => Some(
            packing::pack(compiler.platform(), &compiled.artifact)
                .map_err(|error| Refusal::new(&input.name, format!("its artifact cannot be packed: {error}")))?,
        ),
        false => None,
    };
    let bytes = packed.as_ref().unwrap_or(&compiled.artifact);
    let before = || {
        let path = match args.emit {
            Emit::Rust => job.artifact_beside(),
            _ => job.output.clone(),
        };
        // What cannot be read is nothing to compare with; a device would be waited for.
        path.is_file().then(|| std::fs::read(&path).ok()).flatten()
    };
    budget::check(compiler.platform(), &input.name, (&compiled.artifact, bytes.len()), before)?;
    if !args.check {
        // Made before anything is written: a failure leaves no half of the outputs.
        let debug = match &job.debug_file {
            Some(path) => Some((path, debug_file::make(compiler, &input, &compiled)?)),
            None => None,
        };
        write(args, job, compiler, bytes)?;
        if let Some((path, bytes)) = debug {
            output::write(path, &bytes)?;
        }
    }
    times.write = start.elapsed();
    let json = match args.json {
        true => {
            let mut json = report::json(job, &input, &compiled, compiler, times, !args.check)?;
            if let Some(packed) = &packed {
                json["bytes"]["packed"] = json!(packed.len());
            }
            json
        }
        false => Value::Null,
    };
    Ok(Done { lines: report::lines(args, job, &input, &compiled, bytes.len(), times), json })
}

/// The module after `wasm-opt`. What the platform cannot run is refused for that, not for what `wasm-opt` says of it.
fn optimised(wasm_opt: &WasmOpt, compiler: &Compiler, input: &Input) -> Result<Input, Refusal> {
    wasm_opt.run(input).map_err(|refusal| compiler.compile(&input.name, &input.wasm).err().unwrap_or(refusal))
}

fn write(args: &Args, job: &Job, compiler: &Compiler, bytes: &[u8]) -> anyhow::Result<()> {
    let platform = compiler.platform();
    match args.emit {
        Emit::Cwasm => output::write(&job.output, bytes)?,
        Emit::Obj => {
            let stem = identifier(&job.stem);
            let section = args.section.clone().unwrap_or_else(|| format!(".rodata.minplat.{stem}"));
            let symbol = args.symbol.clone().unwrap_or_else(|| format!("minplat_{stem}"));
            let align = if args.copied { obj::COPIED } else { platform.in_place_alignment() };
            output::write(&job.output, &obj::write(platform, bytes, &section, &symbol, align)?)?;
            if let Some(path) = &job.header {
                output::write(path, header::write(platform, &job.stem, &symbol, !args.copied).as_bytes())?;
            }
        }
        Emit::Rust => {
            let artifact = job.artifact_beside();
            let name = artifact.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
            output::write(&artifact, bytes)?;
            output::write(&job.output, rust::write(platform, &name, &job.stem).as_bytes())?;
        }
    }
    Ok(())
}

/// Prints what came of the jobs, and writes the depfile if all went well.
fn finish(
    args: &Args,
    jobs: &[Job],
    platform: &Platform,
    wasm_opt: Option<&WasmOpt>,
    results: Vec<anyhow::Result<Done>>,
) -> Result<bool, Stop> {
    let mut modules = Vec::new();
    let mut failed = 0;
    for (job, result) in jobs.iter().zip(results) {
        match result {
            Ok(done) => {
                done.lines.iter().for_each(|line| eprintln!("{line}"));
                modules.push(done.json);
            }
            Err(error) => {
                failed += 1;
                eprintln!("error: {error:#}");
                modules.push(json!({ "input": job.input.display().to_string(), "error": format!("{error:#}") }));
            }
        }
    }
    if failed == 0
        && !args.check
        && let Some(path) = &args.depfile
    {
        output::write(path, depfile(args, jobs, platform, wasm_opt).as_bytes())?;
    }
    if args.json {
        let mut report = json!({
            "version": env!("CARGO_PKG_VERSION"),
            "wasmtime": minplat_platform::WASMTIME_MAJOR,
            "platform": platform.name(),
            "fingerprint": debug_file::hex(&platform.fingerprint()),
            "modules": modules,
        });
        if let Some(wasm_opt) = wasm_opt {
            report["wasm_opt"] = json!({ "program": wasm_opt.program(), "version": wasm_opt.version() });
        }
        print(&format!("{report:#}\n"))?;
    }
    if failed > 0 && jobs.len() > 1 && !args.quiet {
        eprintln!("error: {failed} of {} modules failed", jobs.len());
    }
    Ok(failed == 0)
}

fn depfile(args: &Args, jobs: &[Job], platform: &Platform, wasm_opt: Option<&WasmOpt>) -> String {
    let beside: Vec<PathBuf> = match args.emit {
        Emit::Rust => jobs.iter().map(Job::artifact_beside).collect(),
        _ => Vec::new(),
    };
    let more = jobs.iter().flat_map(|job| [job.debug_file.as_deref(), job.header.as_deref()]).flatten();
    let outputs: Vec<&Path> =
        jobs.iter().map(|job| job.output.as_path()).chain(beside.iter().map(PathBuf::as_path)).chain(more).collect();
    let mut inputs: Vec<&Path> = jobs.iter().map(|job| job.input.as_path()).filter(|p| p.as_os_str() != "-").collect();
    inputs.extend(platform.files().iter().map(PathBuf::as_path));
    if let RustTarget::Json { path: Some(path), .. } = platform.rust_target() {
        inputs.push(path);
    }
    inputs.extend(wasm_opt.map(WasmOpt::program));
    output::depfile(&outputs, &inputs)
}

/// Prints to standard output; a reader that went away is no error.
fn print(text: &str) -> anyhow::Result<()> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(error).context("writing to standard output")
        }
        _ => Ok(()),
    }
}
