//! Compiles the guests for the platform that the kernel is built for: kernel and guests cannot differ.

use std::path::PathBuf;
use std::process::Command;

fn main() {
    compile("area");
    if std::env::var_os("CARGO_FEATURE_COMPONENT").is_some() {
        compile("greet");
    }
    // The linker makes a program for an address of its choice; nobody would move it. A kernel has a linker script here.
    println!("cargo::rustc-link-arg-bins=--no-pie");
}

/// `guests/NAME.wat` to `NAME.rs` in Cargo's folder, and the artifact beside it.
fn compile(name: &str) {
    let source = format!("guests/{name}.wat");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("Cargo sets it")).join(format!("{name}.rs"));
    let mut command = Command::new("minplat-compile");
    command.args(["--emit", "rust", "-o"]).arg(out).arg(&source);
    command.args(std::env::var("MINPLAT_PLATFORM").iter().flat_map(|platform| ["-p", platform]));
    let sets = std::env::var("MINPLAT_SET").unwrap_or_default();
    command.args(sets.lines().flat_map(|set| ["--set", set]));
    match command.status() {
        Ok(status) if status.success() => {}
        Ok(_) => println!("cargo::error=minplat-compile did not take {source}; what it said stands above"),
        Err(error) => {
            println!("cargo::error=minplat-compile: {error}; PATH is to have the folder with minplat's tools")
        }
    }
    println!("cargo::rerun-if-changed={source}");
    for variable in ["MINPLAT_PLATFORM", "MINPLAT_SET", "PATH"] {
        println!("cargo::rerun-if-env-changed={variable}");
    }
}
