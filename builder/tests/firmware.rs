//! The archive in other people's programs: with newlib, and without a C library, in an image for a Cortex-M, and beside another
//! static library in Rust. With MINPLAT_TEST_DEVICE=1, for it takes built libraries.

mod common;

use std::path::{Path, PathBuf};
use std::process::Command;

use common::device::{self, Prefix};
use object::{Object, ObjectSymbol};

fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/firmware").join(name)
}

fn prefix(name: &str) -> Prefix {
    Prefix::at(name, device::artifacts().join(name))
}

#[test]
fn newlib_and_the_library_are_one_image_without_a_clash() {
    if !device::wanted("newlib") {
        return;
    }
    // With locks, TLS and a fast interpreter too, where the platform offers several tasks: examples/stack/one-core.c has them for one.
    let one_core = common::checkout().join("examples/stack/one-core.c");
    image_without_a_clash("pulley32-thumbv7em", &[]);
    image_without_a_clash("pulley32-thumbv7em+offers.multi-thread=true+build.fast-interpreter=true", &[one_core]);
}

#[track_caller]
fn image_without_a_clash(name: &str, more: &[PathBuf]) {
    let prefix = prefix(name);
    let dir = tempfile::tempdir().unwrap();
    let add = common::checkout().join("examples/add.wat");
    let mut compile = Command::new(common::tool("minplat-compile"));
    compile.args(["--emit", "obj", "--header", "minplat_add.h", "-o", "add.o", "--platform"]);
    common::must(compile.arg(prefix.dir.join("share/minplat/platform.toml")).arg(add).current_dir(dir.path()));

    // What `thumbv7em-none-eabi` is; newlib's functions for the debugger stand for those of a board, and QEMU answers them.
    let machine = ["-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=soft", "--specs=rdimon.specs"];
    let layout = ["-Wl,--section-start=.vectors=0", "-Wl,-u,vectors"];
    let strict = ["-O1", "-Wall", "-Wextra", "-Werror", "-Wl,--fatal-warnings", "-Wl,--no-warn-execstack"];
    for sections in [&[][..], &["-Wl,--gc-sections"]] {
        let mut gcc = Command::new("arm-none-eabi-gcc");
        gcc.args(machine).args(layout).args(strict).args(sections).arg("-I.").arg("-I").arg(prefix.dir.join("include"));
        gcc.arg(source("newlib.c"))
            .args(more)
            .arg("add.o")
            .arg(prefix.dir.join("lib/libminplat.a"))
            .args(["-o", "image"]);
        common::must(gcc.current_dir(dir.path()));

        let image = std::fs::read(dir.path().join("image")).unwrap();
        let image = object::File::parse(&*image).unwrap();
        let global = |name: &str| image.symbols().filter(|s| s.is_global() && s.name() == Ok(name)).count();
        // One each: newlib's, for the library's own are local to it.
        for name in ["malloc", "free", "memcpy", "memset", "printf", "minplat_engine_new", "minplat_add_start"] {
            assert_eq!(global(name), 1, "{name} with {sections:?}");
        }
        let own = |name: &str| name.contains("compiler_builtins") && name.contains("memcpy");
        assert!(
            image.symbols().any(|s| s.is_local() && s.name().is_ok_and(own)),
            "the library has a memcpy of its own"
        );
        assert!(image.symbols().all(|s| !s.is_undefined() || s.name() == Ok("")), "nothing may be undefined");

        let mut qemu = Command::new("qemu-system-arm");
        qemu.args(["-M", "mps2-an386", "-nographic", "-semihosting", "-kernel", "image"]).current_dir(dir.path());
        assert_eq!(common::must(&mut qemu), format!("{}: 2 + 3 = 5\n", prefix.name()));
    }
}

#[test]
fn firmware_in_c_starts_by_itself_and_runs_a_module_in_flash() {
    if !device::wanted("firmware in C") {
        return;
    }
    let example = common::checkout().join("examples/c-firmware");
    let prefix = prefix("pulley32-thumbv7em");
    let dir = tempfile::tempdir().unwrap();
    let mut make = Command::new("make");
    make.args(["--silent", "--no-print-directory", "run", "-C"]).arg(&example);
    make.arg(format!("PREFIX={}", prefix.dir.canonicalize().unwrap().display()));
    make.arg(format!("OUT={}", dir.path().display()));
    make.arg(format!("MINPLAT_COMPILE={}", common::tool("minplat-compile").display()));
    let expected = std::fs::read_to_string(example.join("expected.txt")).unwrap();
    assert_eq!(common::must(&mut make), expected);
}

#[test]
fn another_library_in_rust_is_beside_it_without_a_clash() {
    if !device::wanted("second library") {
        return;
    }
    let prefix = prefix("x86_64-minplat");
    let dir = tempfile::tempdir().unwrap();
    // Any Rust that programs for this machine are built with.
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let mut library = Command::new(rustc);
    library
        .args(["--edition", "2024", "--crate-type", "staticlib", "-O", "-o", "libsecond.a"])
        .arg(source("second.rs"));
    common::must(library.current_dir(dir.path()));
    // Either order: the linker takes the first that has a symbol.
    let ours = prefix.dir.join("lib/libminplat.a").display().to_string();
    for libraries in [["libsecond.a", &ours], [&ours, "libsecond.a"]] {
        let mut cc = Command::new("cc");
        cc.args(["-O1", "-Wall", "-Wextra", "-Werror", "-I"]).arg(prefix.dir.join("include")).arg(source("second.c"));
        cc.arg(prefix.dir.join("include/wasmtime-platform.c")).args(libraries);
        common::must(cc.args(["-lpthread", "-ldl", "-lm", "-o", "both"]).current_dir(dir.path()));
        let said = common::must(&mut Command::new(dir.path().join("both")));
        assert_eq!(said, "8 words for x86_64-minplat\n");
    }
}
