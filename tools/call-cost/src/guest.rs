//! The guest, compiled for both sides with the same settings.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

/// `add` is called by the host; `loop` calls the host so many times.
const WAT: &str = r#"(module
  (import "host" "add" (func $add (param i32 i32) (result i32)))
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "loop") (param $count i32) (result i32) (local $i i32) (local $sum i32)
    (loop $next
      (local.set $sum (call $add (local.get $sum) (local.get $i)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_s (local.get $i) (local.get $count))))
    (local.get $sum)))"#;

/// Artifacts.
pub(crate) struct Guest {
    pub(crate) device: Vec<u8>,
    pub(crate) linux: Vec<u8>,
}

/// Compiles it for the platform, and for the same platform on Linux.
pub(crate) fn compile(name_or_path: &str) -> Result<Guest> {
    let folder = tempfile::tempdir().context("no folder for the guest")?;
    let source = folder.path().join("guest.wat");
    std::fs::write(&source, WAT)?;
    let device = run(name_or_path, &[], &source)?;
    Ok(Guest { device, linux: run(name_or_path, &["--set", "target.rust=x86_64-unknown-linux-gnu"], &source)? })
}

fn run(name_or_path: &str, options: &[&str], source: &Path) -> Result<Vec<u8>> {
    let program = std::env::current_exe()?.with_file_name("minplat-compile");
    let output = source.with_extension("cwasm");
    let status = Command::new(&program)
        .args(["--quiet", "--platform", name_or_path])
        .args(options)
        .arg("-o")
        .args([&output, source])
        .status()
        .with_context(|| format!("cannot start {}: run cargo build --release", program.display()))?;
    ensure!(status.success(), "{} failed for {name_or_path}", program.display());
    Ok(std::fs::read(output)?)
}
