//! `--emit obj`: the linkers of the targets take it, beside what rustc writes for the same target.

mod common;

use std::path::Path;
use std::process::Command;

use minplat_compiler::emit::elf_target::ElfTarget;
use minplat_platform::Platform;
use object::{Object, ObjectSection, ObjectSymbol};

/// Runs a program that has to succeed.
fn must(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// An LLD; any version links every machine.
fn lld() -> &'static str {
    const NAMES: [&str; 4] = ["ld.lld", "ld.lld-22", "ld.lld-21", "ld.lld-19"];
    let found = NAMES.into_iter().find(|name| Command::new(name).arg("--version").output().is_ok());
    found.expect("an LLD is needed: install Debian's lld-19 or lld-22")
}

/// The object file that rustc writes for a target, without any crate.
fn rustc_object(dir: &Path, target: &str) -> Vec<u8> {
    let source = r#"#![no_core]
        #![feature(no_core, lang_items)]
        #![allow(internal_features)]
        #[lang = "pointee_sized"] pub trait PointeeSized {}
        #[lang = "meta_sized"] pub trait MetaSized: PointeeSized {}
        #[lang = "sized"] pub trait Sized: MetaSized {}
        #[lang = "copy"] pub trait Copy {}
        impl Copy for f32 {}
        #[unsafe(no_mangle)] pub extern "C" fn takes_a_float(x: f32) -> f32 { x }"#;
    common::write(dir, "core.rs", source);
    let object = dir.join("rustc.o");
    must(
        Command::new("rustc")
            // Without `core` nothing needs to be installed for the target.
            .env("RUSTC_BOOTSTRAP", "1")
            .args(["--crate-type", "lib", "--emit", "obj", "-Cpanic=abort", "--target", target, "-o"])
            .arg(&object)
            .arg(dir.join("core.rs")),
    );
    std::fs::read(object).unwrap()
}

fn flags(object: &[u8]) -> (object::Architecture, u32) {
    let file = object::File::parse(object).unwrap();
    let object::FileFlags::Elf { e_flags, .. } = file.flags() else { panic!("no ELF") };
    (file.architecture(), e_flags)
}

#[test]
fn flags_are_those_of_rustc() {
    let dir = tempfile::tempdir().unwrap();
    // What the shipped platforms name, and what users' platforms may name: every float ABI.
    let built_in = [
        ("pulley32", "thumbv6m-none-eabi"),
        ("pulley32", "thumbv7em-none-eabi"),
        ("pulley32", "thumbv7em-none-eabihf"),
        ("pulley32", "thumbv8m.main-none-eabihf"),
        ("pulley32", "riscv32i-unknown-none-elf"),
        ("pulley32", "riscv32imc-unknown-none-elf"),
        ("pulley32", "riscv32imac-unknown-none-elf"),
        ("pulley32", "riscv32imafc-unknown-none-elf"),
        ("pulley64", "riscv64imac-unknown-none-elf"),
        ("native", "riscv64gc-unknown-none-elf"),
        ("native", "riscv64a23-unknown-linux-gnu"),
        ("native", "aarch64-unknown-none"),
        ("native", "x86_64-unknown-none"),
    ];
    for (code, target) in built_in {
        let offers = if code == "pulley32" { "false" } else { "true" };
        let text = format!(
            "summary = \"test\"\n[target]\nrust = \"{target}\"\ncode = \"{code}\"\n[offers]\nvirtual-memory = {offers}\n{}",
            if target.starts_with("x86_64") { "[wasm]\nsimd = false\nrelaxed-simd = false\n" } else { "" },
        );
        let path = common::write(dir.path(), &format!("{target}.toml"), text);
        let platform = match Platform::load(path.to_str().unwrap(), &[]) {
            Ok(platform) => platform,
            // What else a target asks for (CPU features, vectors) is not this test's matter.
            Err(_) => {
                let shipped = if target.starts_with("riscv64") { "riscv64-minplat" } else { "x86_64-none" };
                let set = [format!("target.rust={target}")];
                Platform::load(shipped, &set).unwrap_or_else(|problems| panic!("{target}: {problems}"))
            }
        };
        let ours = ElfTarget::of(&platform);
        assert_eq!((ours.architecture, ours.flags), flags(&rustc_object(dir.path(), target)), "{target}");
    }
}

#[test]
fn custom_targets_have_flags_too() {
    let flags = |name: &str| {
        let target = ElfTarget::of(&Platform::load(name, &[]).unwrap());
        (target.architecture, target.flags)
    };
    assert_eq!(flags("x86_64-minplat"), (object::Architecture::X86_64, 0));
    assert_eq!(flags("aarch64-minplat"), (object::Architecture::Aarch64, 0));
    // rv64gc, double-float ABI.
    assert_eq!(flags("riscv64-minplat"), (object::Architecture::Riscv64, 5));
}

#[test]
fn a_c_program_links_it_and_sees_the_artifact() {
    let dir = tempfile::tempdir().unwrap();
    common::write(dir.path(), "my-guest.wat", common::ALL_KINDS);
    common::compile(dir.path(), ["my-guest.wat"]).ok();
    common::compile(dir.path(), ["my-guest.wat", "--emit", "obj"]).ok();
    common::compile(
        dir.path(),
        ["my-guest.wat", "--emit", "obj", "-o", "b.o", "--symbol", "other", "--section", ".rom"],
    )
    .ok();
    let main = r#"#include <stdio.h>
        #include <stdint.h>
        #include <stddef.h>
        extern const unsigned char minplat_my_guest_start[], minplat_my_guest_end[], other_start[], other_end[];
        extern const size_t minplat_my_guest_size, other_size;
        int main(void) {
            if (minplat_my_guest_end - minplat_my_guest_start != (ptrdiff_t)minplat_my_guest_size) return 2;
            if (other_end - other_start != (ptrdiff_t)other_size || other_size != minplat_my_guest_size) return 3;
            if ((uintptr_t)minplat_my_guest_start % 4096 || (uintptr_t)other_start % 4096) return 4;
            return fwrite(other_start, 1, other_size, stdout) == other_size ? 0 : 5;
        }"#;
    common::write(dir.path(), "main.c", main);
    for (name, mode) in [("pie", "-pie"), ("fixed", "-no-pie")] {
        let cc = must(Command::new("cc").current_dir(dir.path()).args([
            "-Wall",
            "-Werror",
            "-Wl,--fatal-warnings",
            mode,
            "-fPIE",
            "main.c",
            "my-guest.o",
            "b.o",
            "-o",
            name,
        ]));
        assert_eq!(cc, "");
        let program = dir.path().join(name);
        let said = common::run(program.to_str().unwrap(), dir.path(), [""; 0], b"").ok();
        assert!(said.out == std::fs::read(dir.path().join("my-guest.cwasm")).unwrap());
    }
    let object = std::fs::read(dir.path().join("my-guest.o")).unwrap();
    let file = object::File::parse(&*object).unwrap();
    assert_eq!(file.section_by_name(".rodata.minplat.my_guest").unwrap().align(), 4096);
    let global: Vec<_> =
        file.symbols().filter(ObjectSymbol::is_global).map(|s| s.name().unwrap().to_string()).collect();
    assert_eq!(global, ["minplat_my_guest_start", "minplat_my_guest_end", "minplat_my_guest_size"]);
}

#[test]
fn a_copied_module_is_not_aligned_for_use_in_place() {
    let dir = tempfile::tempdir().unwrap();
    common::write(dir.path(), "g.wat", common::ALL_KINDS);
    common::compile(dir.path(), ["g.wat", "--emit", "obj", "--copied"]).ok();
    let object = std::fs::read(dir.path().join("g.o")).unwrap();
    let section = object::File::parse(&*object).unwrap().section_by_name(".rodata.minplat.g").unwrap().align();
    assert_eq!(section, 16);
    common::compile(dir.path(), ["g.wat", "--copied"]).fails(2, &["belong to --emit obj"]);
}

#[test]
fn the_header_loads_the_module_as_it_was_linked() {
    let dir = tempfile::tempdir().unwrap();
    common::write(dir.path(), "my-guest.wat", common::ALL_KINDS);
    common::write(dir.path(), "b.wat", "(module)");
    let args = ["my-guest.wat", "b.wat", "--emit", "obj", "-o", "out/", "--header", "out/", "--depfile", "out.d"];
    common::compile(dir.path(), args).ok();
    common::compile(dir.path(), ["b.wat", "--emit", "obj", "--copied", "--symbol", "c", "--header", "out/c.h"]).ok();
    let read = |name: &str| std::fs::read_to_string(dir.path().join(name)).unwrap();
    let rule = read("out.d");
    assert!(rule.contains("out/my-guest.h") && rule.contains("out/b.h"), "{rule}");
    for (header, symbol, load) in [
        ("my-guest", "minplat_my_guest", "minplat_module_load_in_place("),
        ("b", "minplat_b", "minplat_module_load_in_place("),
        ("c", "c", "minplat_module_load("),
    ] {
        let text = read(&format!("out/{header}.h"));
        assert!(text.contains(&format!("{symbol}_load(const")) && text.contains(load), "{text}");
    }
    // All of them in one program, in both languages that firmware is written in.
    let include = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../embedding/capi/include");
    let main = "#include \"out/b.h\"\n#include \"out/my-guest.h\"\n#include \"out/c.h\"\n#include \"out/b.h\"\n\
        int f(const minplat_engine_t *e, minplat_module_t **m) { return minplat_b_load(e, m) || c_load(e, m) || \
        minplat_my_guest_load(e, m) || (size_t)(c_end - c_start) != c_size; }";
    common::write(dir.path(), "main.c", main);
    let strict = ["-fsyntax-only", "-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "main.c", "-I"];
    must(Command::new("cc").current_dir(dir.path()).args(strict).arg(include));
    common::compile(dir.path(), ["b.wat", "--header", "b.h"]).fails(2, &["belong to --emit obj"]);
    let twice = ["b.wat", "--emit", "obj", "--header", "b.o"];
    common::compile(dir.path(), twice).fails(2, &["would be written over"]);
}

#[test]
fn lld_mixes_it_with_rustc_objects_of_every_shipped_target() {
    let dir = tempfile::tempdir().unwrap();
    common::write(dir.path(), "g.wat", common::ALL_KINDS);
    for (platform, target) in [
        ("pulley32-thumbv7em", "thumbv7em-none-eabihf"),
        ("pulley32-riscv32imac", "riscv32imac-unknown-none-elf"),
        ("riscv64-minplat", "riscv64gc-unknown-none-elf"),
        ("aarch64-minplat", "aarch64-unknown-none"),
        ("x86_64-none", "x86_64-unknown-none"),
    ] {
        common::compile(dir.path(), ["g.wat", "-p", platform, "--emit", "obj"]).ok();
        rustc_object(dir.path(), target);
        must(Command::new(lld()).current_dir(dir.path()).args([
            "--fatal-warnings",
            "-e",
            "takes_a_float",
            "-u",
            "minplat_g_start",
            "rustc.o",
            "g.o",
            "-o",
            "linked",
        ]));
        let linked = std::fs::read(dir.path().join("linked")).unwrap();
        let file = object::File::parse(&*linked).unwrap();
        assert!(file.symbols().any(|s| s.name() == Ok("minplat_g_size")), "{target}");
    }
}

#[test]
fn lld_refuses_another_float_abi() {
    // The point of the flags: a soft-float object in a hard-float program is an error, not a surprise at run time.
    let dir = tempfile::tempdir().unwrap();
    common::write(dir.path(), "g.wat", "(module)");
    common::compile(dir.path(), ["g.wat", "-p", "pulley32-riscv32imac", "--emit", "obj"]).ok();
    rustc_object(dir.path(), "riscv32imafc-unknown-none-elf");
    let output = Command::new(lld())
        .current_dir(dir.path())
        .args(["-e", "takes_a_float", "rustc.o", "g.o", "-o", "linked"])
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("floating-point ABI"), "{output:?}");
}
