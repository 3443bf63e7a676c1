//! How long `minplat-compile` takes, beside the `wasmtime` crate's `Engine::precompile_module` on the same module with the
//! same settings. The program is run as a user runs it: start of the process, reading, digest and writing are in its time
//! and in no other.
//!
//! ```text
//! cargo run --release --example compile-time [FILE.wasm [PLATFORM]]
//! ```
//!
//! Without a file it makes a module of 1 MB. Both take turns for seven rounds; medians are compared. A third takes part: the
//! program with `--cache`, each time on the module with another function changed.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail, ensure};
use minplat_compiler::image::Image;
use minplat_compiler::{Compiler, Options};
use minplat_platform::{CompileOptions, DEFAULT, Platform, compiling_config};
use wasmtime::Engine;
use wasmtime_environ::wasmparser::{Operator, Parser, Payload};

const ROUNDS: usize = 7;
const BYTES: usize = 1_000_000;

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let folder = tempfile::tempdir()?;
    let file = match args.next() {
        Some(file) => PathBuf::from(file),
        None => {
            let path = folder.path().join("generated.wasm");
            std::fs::write(&path, generated()?)?;
            path
        }
    };
    let platform = Platform::load(&args.next().unwrap_or_else(|| DEFAULT.into()), &[])?;
    let wasm = std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let program = program()?;

    // Both must make the same code, or the times say nothing; ours has no padding behind it.
    let artifact = Compiler::new(&platform, Options::default())?.compile("the module", &wasm)?;
    let (theirs, ours) = (wasmtime(&platform, &wasm)?, artifact.image()?);
    let text = Image::parse(&theirs)?.text().context("Wasmtime's image has no code")?;
    let code = ours.text().context("the artifact has no code")?.data;
    ensure!(!code.is_empty() && text.data.starts_with(code), "the code differs");

    let cache = ["--cache".into(), folder.path().join("cache").display().to_string()];
    run(&program, &platform, &file, folder.path(), &cache)?;
    let changed = folder.path().join("changed.wasm");

    let (mut ours, mut theirs, mut again) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        ours.push(time(|| run(&program, &platform, &file, folder.path(), &[]))?);
        theirs.push(time(|| wasmtime(&platform, &wasm).map(drop))?);
        std::fs::write(&changed, one_changed(&wasm, round)?)?;
        again.push(time(|| run(&program, &platform, &changed, folder.path(), &cache))?);
    }
    let (ours, theirs, again) = (median(ours), median(theirs), median(again));
    println!("{} bytes of wasm, {} bytes of image, {}", wasm.len(), artifact.image_len, platform.name());
    println!("minplat-compile              {:8.1} ms", ours.as_secs_f64() * 1e3);
    println!("Engine::precompile_module    {:8.1} ms", theirs.as_secs_f64() * 1e3);
    println!("ratio                        {:8.3}", ours.as_secs_f64() / theirs.as_secs_f64());
    println!("with --cache, one changed    {:8.1} ms", again.as_secs_f64() * 1e3);
    println!("times faster                 {:8.2}", ours.as_secs_f64() / again.as_secs_f64());
    Ok(())
}

/// The peer: Wasmtime with the platform's settings, from nothing to the image.
fn wasmtime(platform: &Platform, wasm: &[u8]) -> Result<Vec<u8>> {
    let image = compiling_config(platform.settings(), &platform.compile_triple(), CompileOptions::default())
        .and_then(|config| Engine::new(&config))
        .and_then(|engine| engine.precompile_module(wasm));
    image.map_err(|error| anyhow!("Wasmtime: {error:#}"))
}

fn run(program: &Path, platform: &Platform, file: &Path, folder: &Path, more: &[String]) -> Result<()> {
    let output = folder.join("out.cwasm");
    let mut command = Command::new(program);
    let status = command.args(["-q", "-p", platform.name()]).args(more).arg(file).arg("-o").arg(output).status()?;
    ensure!(status.success(), "minplat-compile failed");
    Ok(())
}

/// `minplat-compile` as Cargo built it beside this example.
fn program() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let folder = own.parent().and_then(Path::parent).context("an example lies in a folder of its own")?;
    let program = folder.join("minplat-compile");
    ensure!(program.is_file(), "{} is not there: cargo build --release", program.display());
    Ok(program)
}

fn time(work: impl FnOnce() -> Result<()>) -> Result<Duration> {
    let begin = Instant::now();
    work()?;
    Ok(begin.elapsed())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// The module with another constant in one function, which is another one each round.
fn one_changed(wasm: &[u8], round: usize) -> Result<Vec<u8>> {
    let mut bodies = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        if let Payload::CodeSectionEntry(body) = payload? {
            bodies.push(body);
        }
    }
    for body in &bodies[bodies.len() * (round + 1) / (ROUNDS + 2)..] {
        for operator in body.get_operators_reader()?.into_iter_with_offsets() {
            // One byte, and the other value takes one too.
            if let (Operator::I32Const { value: 2..64 }, at) = operator? {
                let mut changed = wasm.to_vec();
                changed[at + 1] ^= 1;
                return Ok(changed);
            }
        }
    }
    bail!("no function has a small constant to change")
}

/// A module of about [`BYTES`]: functions with loops, loads, stores, floats and calls of each other, no two the same.
fn generated() -> Result<Vec<u8>> {
    let mut text = String::from("(module (memory 1)\n");
    for n in 0..BYTES / FUNCTION_BYTES {
        let (callee, a, b) = (n.saturating_sub(1 + n % 7), n % 251, n % 83);
        write!(
            text,
            "(func (export \"f{n}\") (param $x i32) (param $y f64) (result i32) (local $i i32) (local $sum i64)
               (loop $again
                 (local.set $sum (i64.add (local.get $sum) (i64.load offset={a} (i32.and (local.get $i) (i32.const 8184)))))
                 (i64.store offset={b} (i32.and (local.get $x) (i32.const 8184)) (i64.rotl (local.get $sum) (i64.const {b})))
                 (local.set $y (f64.mul (f64.sqrt (f64.abs (local.get $y))) (f64.const {a}.5)))
                 (if (i32.eq (local.get $i) (i32.const {a}))
                   (then (local.set $x (call {callee} (local.get $i) (local.get $y)))))
                 (local.set $i (i32.add (local.get $i) (i32.const 1)))
                 (br_if $again (i32.lt_u (local.get $i) (local.get $x))))
               (i32.xor (i32.wrap_i64 (local.get $sum)) (i32.trunc_sat_f64_s (local.get $y))))\n"
        )?;
    }
    text.push(')');
    Ok(wat::parse_str(&text)?)
}

/// About what one function of [`generated`] takes in the binary.
const FUNCTION_BYTES: usize = 132;
