//! How long `minplat-compile` takes, beside the `wasmtime` crate's `Engine::precompile_module` on the same module with the
//! same settings. The program is run as a user runs it: start of the process, reading, digest and writing are in its time
//! and in no other.
//!
//! ```text
//! cargo run --release --example compile-time [FILE.wasm [PLATFORM]]
//! ```
//!
//! Without a file it makes a module of 1 MB. Both take turns for seven rounds; medians are compared.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use minplat_compiler::{Compiler, Options};
use minplat_platform::{CompileOptions, DEFAULT, Platform, compiling_config};
use wasmtime::Engine;

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

    // Both must make the same code, or the times say nothing.
    let artifact = Compiler::new(&platform, Options::default())?.compile("the module", &wasm)?;
    ensure!(wasmtime(&platform, &wasm)? == artifact.artifact[..artifact.image_len], "the images differ");

    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(time(|| run(&program, &platform, &file, folder.path()))?);
        theirs.push(time(|| wasmtime(&platform, &wasm).map(drop))?);
    }
    let (ours, theirs) = (median(ours), median(theirs));
    println!("{} bytes of wasm, {} bytes of image, {}", wasm.len(), artifact.image_len, platform.name());
    println!("minplat-compile              {:8.1} ms", ours.as_secs_f64() * 1e3);
    println!("Engine::precompile_module    {:8.1} ms", theirs.as_secs_f64() * 1e3);
    println!("ratio                        {:8.3}", ours.as_secs_f64() / theirs.as_secs_f64());
    Ok(())
}

/// The peer: Wasmtime with the platform's settings, from nothing to the image.
fn wasmtime(platform: &Platform, wasm: &[u8]) -> Result<Vec<u8>> {
    let options = CompileOptions { opt_level: None, address_map: None, parallel: true };
    let image = compiling_config(platform.settings(), &platform.compile_triple(), options)
        .and_then(|config| Engine::new(&config))
        .and_then(|engine| engine.precompile_module(wasm));
    image.map_err(|error| anyhow!("Wasmtime: {error:#}"))
}

fn run(program: &Path, platform: &Platform, file: &Path, folder: &Path) -> Result<()> {
    let output = folder.join("out.cwasm");
    let status = Command::new(program).args(["-q", "-p", platform.name()]).arg(file).arg("-o").arg(output).status()?;
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
