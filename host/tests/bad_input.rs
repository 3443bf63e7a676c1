//! Bad input: exit code 1 (2 for a wrong command line), the file, the reason, the remedy; never a panic or a signal.

mod common;

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use common::{Guests, Said, library, run};

const GUEST: &str = r#"(module
  (memory (export "memory") 1)
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "wide") (param i64 f32 v128 funcref)))"#;

#[test]
fn files_that_are_no_artifact_are_named_for_what_they_are() {
    let Some(guests) = Guests::new() else { return };
    let good = fs::read(guests.compile::<&str>("good", GUEST, &[])).unwrap();
    let flipped = |at: usize| {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        bytes
    };
    let component = b"\0asm\x0d\0\x01\0".to_vec();
    let cases: Vec<(&str, Vec<u8>, &[&str])> = vec![
        ("empty.cwasm", vec![], &["it is empty", "Compile it again"]),
        ("cut.cwasm", good[..good.len() - 1].to_vec(), &["cannot be run"]),
        ("cut-early.cwasm", good[..100].to_vec(), &["cannot be run"]),
        ("flipped.cwasm", flipped(good.len() / 2), &["digest"]),
        ("flipped-late.cwasm", flipped(good.len() - 1), &["cannot be run"]),
        ("header.cwasm", flipped(0), &["cannot be run"]),
        ("text.wat", GUEST.into(), &["WebAssembly text", "run minplat-compile on it"]),
        ("module.wasm", b"\0asm\x01\0\0\0".to_vec(), &["not compiled yet", "run minplat-compile on it"]),
        ("component.wasm", component, &["component", "modules"]),
        ("prose.cwasm", b"Dear reader,".to_vec(), &["cannot be run"]),
        ("library.cwasm", fs::read(env!("CARGO_BIN_EXE_minplat-host")).unwrap(), &["cannot be run"]),
    ];
    for (name, bytes, words) in cases {
        guests.write(name, bytes);
        run(guests.path(), &[name]).fails(1, words).fails(1, &[name]);
        run(guests.path(), &["good.cwasm", "--preload", &format!("m={name}")]).fails(1, &[name]);
    }
    run(guests.path(), &["missing.cwasm"]).fails(1, &["cannot read missing.cwasm", "check the path"]);
    run(guests.path(), &["."]).fails(1, &["is a directory", "name a file"]);
    run(guests.path(), &["-"]).fails(1, &["standard input cannot be run", "it is empty"]);
    run(guests.path(), &[OsStr::from_bytes(b"n\xffme.cwasm")]).fails(1, &["cannot read n", "check the path"]);
}

#[test]
fn libraries_that_are_none_are_refused_before_they_are_opened() {
    let Some(guests) = Guests::new() else { return };
    guests.compile::<&str>("good", GUEST, &[]);
    let with = |library: &str| run(guests.path(), &["good.cwasm", "--library", library]);
    let build = |name: &str, code: &str| {
        let source = guests.write(&format!("{name}.c"), code);
        let target = guests.path().join(name);
        let output = common::cc().args(["-shared", "-fPIC", "-o"]).arg(&target).arg(source).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        target
    };
    // If one of these were opened, its constructor would end the process with 99.
    const LOUD: &str = "#include <unistd.h>\n__attribute__((constructor)) static void loud(void) { _exit(99); }\n";
    build("other.so", &format!("{LOUD}int answer = 42;"));
    with("other.so").fails(1, &["other.so", "does not define minplat_engine_new", "another library"]);

    let asks = "void *wasmtime_fiber_switch(void); void *boot(void); void *minplat_engine_new(void) \
                { boot(); return wasmtime_fiber_switch(); }";
    let greedy = build("greedy.so", &format!("{LOUD}{asks}"));
    with("greedy.so")
        .fails(1, &["greedy.so", "symbols that this host does not offer", "boot:", "_exit:"])
        .fails(1, &["wasmtime_fiber_switch: fibers", "build the library with minplat-build"]);

    let mut foreign = fs::read(&greedy).unwrap();
    foreign[18..20].copy_from_slice(&40u16.to_le_bytes());
    guests.write("arm.so", foreign);
    with("arm.so").fails(1, &["arm.so", "it is for Arm", "this machine is"]);
    guests.write("thin.a", "!<arch>\n");
    with("thin.a").fails(1, &["thin.a", "a static library", "libminplat.so"]);
    guests.write("words.so", "GROUP ( libminplat.a )");
    with("words.so").fails(1, &["words.so", "no 64-bit ELF library"]);
    guests.write("cut.so", &fs::read(&greedy).unwrap()[..200]);
    with("cut.so").fails(1, &["cut.so"]);
    guests.write("empty.so", "");
    with("empty.so").fails(1, &["empty.so"]);
    with(env!("CARGO_BIN_EXE_minplat-host")).fails(1, &["minplat-host", "does not define minplat_engine_new"]);
    with("missing.so").fails(1, &["cannot read missing.so", "check the path"]);
    with(".").fails(1, &["is a directory"]);
    let info: Said = common::host(guests.path()).args(["info", "--library", "other.so"]).output().unwrap().into();
    info.fails(1, &["other.so", "does not define minplat_engine_new"]);
}

#[test]
fn a_library_that_cannot_be_found_is_asked_for_with_the_command_that_builds_it() {
    let Some(guests) = Guests::new() else { return };
    guests.compile("set", GUEST, &["--set", "wasm.interruption=fuel"]);
    let said: Said = common::host(guests.path())
        .args(["run", "set.cwasm"])
        .env("MINPLAT_ARTIFACTS", "nowhere")
        .output()
        .unwrap()
        .into();
    said.fails(1, &["nowhere/x86_64-minplat+wasm.interruption=fuel/lib/libminplat.so", "--library"])
        .fails(1, &["minplat-build x86_64-minplat --set 'wasm.interruption=fuel'"]);
    let said: Said = common::host(guests.path()).args(["info", "../up"]).output().unwrap().into();
    said.fails(1, &["../up", "--library"]);
}

/// A variant whose modules the library of its base loads: no other has to be built.
#[test]
fn a_library_that_differs_in_nothing_that_matters_is_found() {
    let (Some(guests), Some(_)) = (Guests::new(), library("x86_64-minplat")) else { return };
    let wat = r#"(module (func (export "seven") (result i32) (i32.const 7)))"#;
    for set in ["compile.opt-level=none", "memory.native-stack=32KiB", "wasm.memory64=false"] {
        guests.compile("free", wat, &["--set", set]);
        run(guests.path(), &["free.cwasm", "--invoke", "seven"]).prints("7");
    }
    guests.compile("tied", wat, &["--set", "wasm.interruption=epoch"]);
    run(guests.path(), &["tied.cwasm", "--invoke", "seven"]).fails(1, &["minplat-build", "wasm.interruption=epoch"]);
}

#[test]
fn calls_that_do_not_fit_name_the_functions_that_there_are() {
    let (Some(guests), Some(_)) = (Guests::new(), common::library("x86_64-minplat")) else { return };
    guests.compile::<&str>("good", GUEST, &[]);
    let call = |words: &[&str]| run(guests.path(), &[&["good.cwasm", "--invoke"], words].concat());
    call(&["sub"]).fails(2, &["exports no function sub", "add(i32, i32) -> (i32)"]);
    call(&["memory"]).fails(2, &["memory is no function but a memory", "add("]);
    call(&["add", "1"]).fails(2, &["takes 2 arguments, 1 given"]);
    call(&["add", "1", "2", "3"]).fails(2, &["takes 2 arguments, 3 given"]);
    call(&["add", "1", "two"]).fails(2, &["argument 2 of add", "\"two\" is no integer", "decimal or as 0x"]);
    call(&["add", "1", "4294967296"]).fails(2, &["argument 2 of add", "does not fit into 32 bits"]);
    call(&["wide", "1", "x", "0", "null"]).fails(2, &["argument 2 of wide", "is no float"]);
    call(&["wide", "1", "1", "i8x8:1", "null"]).fails(2, &["argument 3 of wide", "i8x16"]);
    call(&["wide", "1", "1", "0", "1"]).fails(2, &["argument 4 of wide", "only null"]);
    call(&["wide", "1", "1", "0", "null"]).prints("");
    let name = OsStr::from_bytes(b"a\xffd");
    run(guests.path(), &["good.cwasm".as_ref(), "--invoke".as_ref(), name]).fails(2, &["UTF-8"]);
    run(guests.path(), &["good.cwasm".as_ref(), "--invoke".as_ref(), "add".as_ref(), "1".as_ref(), name])
        .fails(2, &["argument 2 of add"]);
}

#[test]
fn a_wrong_command_line_is_exit_code_2() {
    let here = Path::new(".");
    for (args, words) in [
        (&["run"][..], "FILE.cwasm"),
        (&[], "Usage"),
        (&["walk"], "unrecognized subcommand"),
        (&["run", "f", "--memory-limit", "lots"], "is no size"),
        (&["run", "f", "--fuel", "half"], "--fuel"),
        (&["run", "f", "--timeout", "soon"], "--timeout"),
        (&["run", "f", "--fail", "page_size:1"], "\"page_size\" is nothing that can fail; there are mmap_new"),
        (&["run", "f", "--fail", "mmap_new:0"], "the first call is 1"),
        (&["run", "f", "--preload", "f"], "expected NAME=FILE.cwasm"),
        (&["run", "f", "-q", "-v"], "cannot be used with"),
        (&["run", "f", "g"], "unexpected argument"),
        (&["info", "p", "--library", "l"], "cannot be used with"),
    ] {
        let said: Said = common::host(here).args(args).output().unwrap().into();
        said.fails(2, &[words]);
    }
}

#[test]
fn another_platforms_module_is_refused_with_both_fingerprints() {
    let (Some(guests), Some(library)) = (Guests::new(), common::library("x86_64-minplat")) else { return };
    guests.compile("pulley", GUEST, &["-p", "pulley64-minplat"]);
    let args = ["pulley.cwasm".as_ref(), "--library".as_ref(), library.as_os_str()];
    run(guests.path(), &args).fails(1, &["pulley.cwasm", "for pulley64-minplat (", "this device is x86_64-minplat ("]);
}
