//! What the build script of every port does: [`link`].
//!
//! Two variables of the environment say what firmware is linked from:
//!
//! | variable | |
//! | --- | --- |
//! | `MINPLAT_PREFIX` | the install prefix of the platform's library, as `artifacts/aarch64-minplat` |
//! | `MINPLAT_LINKED` | object files of `minplat-compile --emit obj`, separated by `:`; file N has the symbols `minplat_linked_N` |
//!
//! `minplat-qemu` sets them. The port's folder has the linker script, `link.ld`, or `memory.x` where a crate for the core
//! brings the rest. Which part lies where, the linker writes to `firmware.map` in Cargo's folder for the build script.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// The linker's map of the firmware. Whose each byte is, `minplat-size` tells by it and by the relocations that are kept in the
/// ELF; nothing of either is loaded.
const MAP: &str = "firmware.map";

/// Tells Cargo how to link the port, and writes `linked.rs`: `LINKED`, the modules that are linked in. `scripts` are the linker
/// scripts, in order: files of the port's folder, or what its dependencies have.
///
/// # Panics
/// A variable is missing, or a file: the message says which, and what to do.
pub fn link(scripts: &[&str]) {
    let port = PathBuf::from(variable("CARGO_MANIFEST_DIR"));
    let out = PathBuf::from(variable("OUT_DIR"));
    println!("cargo:rerun-if-env-changed=MINPLAT_PREFIX");
    println!("cargo:rerun-if-env-changed=MINPLAT_LINKED");
    println!("cargo:rerun-if-changed=build.rs");

    let prefix = env::var_os("MINPLAT_PREFIX").map(PathBuf::from).unwrap_or_else(|| {
        panic!(
            "MINPLAT_PREFIX is not set: it names the folder of the platform's library, as artifacts/aarch64-minplat; \
             `minplat-qemu PORT build` sets it"
        )
    });
    let library = prefix.join("lib/libminplat.a");
    assert!(library.is_file(), "{} is missing: minplat-build writes it", library.display());
    println!("cargo:rerun-if-changed={}", library.display());
    println!("cargo:rustc-link-arg-bins={}", library.display());

    println!("cargo:rustc-link-arg-bins=-Map={}", out.join(MAP).display());
    println!("cargo:rustc-link-arg-bins=--emit-relocs");

    // Scripts include each other by name.
    println!("cargo:rustc-link-search={}", port.display());
    for script in scripts {
        let own = port.join(script);
        if own.is_file() {
            println!("cargo:rerun-if-changed={}", own.display());
        }
        println!("cargo:rustc-link-arg-bins=-T{script}");
    }
    // What a script includes.
    println!("cargo:rerun-if-changed={}", port.join("memory.x").display());

    let linked = env::var("MINPLAT_LINKED").unwrap_or_default();
    let objects: Vec<_> = linked.split(':').filter(|path| !path.is_empty()).map(Path::new).collect();
    for object in &objects {
        assert!(object.is_file(), "{} of MINPLAT_LINKED is missing", object.display());
        println!("cargo:rerun-if-changed={}", object.display());
        println!("cargo:rustc-link-arg-bins={}", object.display());
    }
    fs::write(out.join("linked.rs"), table(objects.len())).expect("Cargo's folder can be written");
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("{name} is not set: this is a build script, run by Cargo"))
}

/// `LINKED` as Rust source.
fn table(count: usize) -> String {
    let mut text = String::new();
    let mut line = |line: std::fmt::Arguments<'_>| writeln!(text, "{line}").expect("a String takes any text");
    line(format_args!("unsafe extern \"C\" {{"));
    for number in 0..count {
        line(format_args!("    static minplat_linked_{number}_start: u8;"));
        line(format_args!("    static minplat_linked_{number}_end: u8;"));
    }
    line(format_args!("}}"));
    line(format_args!("/// The modules that are linked in."));
    line(format_args!("static LINKED: [minplat_port::Linked; {count}] = ["));
    for number in 0..count {
        line(format_args!("    // SAFETY: the object file has one artifact between these two symbols."));
        line(format_args!(
            // SAFETY: of the text that is written, which says so itself in the line before.
            "    unsafe {{ minplat_port::Linked::between(&raw const minplat_linked_{number}_start, \
             &raw const minplat_linked_{number}_end) }},"
        ));
    }
    line(format_args!("];"));
    text
}
