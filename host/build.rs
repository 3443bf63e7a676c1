//! Compiles the Linux platform into the crate, under other names, and builds the plug that the device library binds to.

use std::env;
use std::path::{Path, PathBuf};

include!("src/platform/functions.rs");

macro_rules! names {
    ($($variant:ident $name:ident($($arg:ident: $ty:ty),*) $(-> $ret:ty)?;)*) => { &[$(stringify!($name)),*] };
}
const NAMES: &[&str] = platform_functions!(names);

fn main() {
    let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("../embedding/capi/include");
    let platform = include.join("wasmtime-platform.c");
    println!("cargo:rerun-if-changed={}", include.join("wasmtime-platform.h").display());
    println!("cargo:rerun-if-changed={}", platform.display());
    println!("cargo:rerun-if-changed=src/platform/plug.c");
    println!("cargo:rerun-if-changed=src/platform/functions.rs");
    println!("cargo:rerun-if-changed=build.rs");

    // `wasmtime_mmap_new` is what the plug offers; the Linux function behind it becomes `minplat_linux_mmap_new`.
    let mut linux = cc::Build::new();
    linux.std("c11").warnings(true).extra_warnings(true).include(&include).file(&platform);
    for name in NAMES {
        linux.define(&format!("wasmtime_{name}"), Some(format!("minplat_linux_{name}").as_str()));
    }
    linux.compile("minplat_linux");

    let plug = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join("plug.so");
    let compiler = cc::Build::new().std("c11").warnings(true).extra_warnings(true).include(&include).get_compiler();
    let status = compiler
        .to_command()
        .args(["-shared", "-fPIC", "-nostdlib", "-fno-stack-protector", "-Wl,-soname,minplat-plug.so", "-o"])
        .arg(&plug)
        .arg("src/platform/plug.c")
        .status();
    match status {
        Ok(status) if status.success() => {}
        Ok(status) => panic!("{} could not build src/platform/plug.c: {status}", compiler.path().display()),
        Err(error) => {
            panic!("cannot start the C compiler {}: {error}; install gcc or set CC", compiler.path().display())
        }
    }
}
