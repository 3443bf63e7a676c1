//! `--wasm-opt`: Binaryen's, where it is installed; and what is said where it is not.

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;

/// A module that `-O3` makes smaller: both calls go, and with them a function.
const MODULE: &str = r#"(module (memory 1)
  (func $double (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
  (func $copy (export "copy") (param i32 i32) (memory.copy (local.get 0) (call $double (local.get 1)) (i32.const 16)))
  (func $answer (export "answer") (result i32) (i32.add (i32.const 40) (call $double (i32.const 1)))))"#;

/// Whether it is here. Where the tests are to be complete, it has to be.
fn is_installed() -> bool {
    let found = Command::new("wasm-opt").arg("--version").output().is_ok();
    assert!(found || std::env::var_os("MINPLAT_TEST_DEVICE").is_none(), "wasm-opt is not in PATH");
    found
}

#[test]
fn modules_are_optimised_within_the_platform() {
    if !is_installed() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    common::write(dir, "m.wat", MODULE);
    common::compile(dir, ["m.wat", "-o", "plain.cwasm"]).ok();
    let args = ["m.wat", "--wasm-opt", "--json", "--depfile", "m.d", "--debug-file", "m.debug"];
    let json: serde_json::Value = serde_json::from_str(&common::compile(dir, args).ok().text()).unwrap();
    assert!(json["wasm_opt"]["version"].as_str().unwrap().starts_with("wasm-opt version"), "{json}");
    let program = json["wasm_opt"]["program"].as_str().unwrap();
    assert!(Path::new(program).is_file() && fs::read_to_string(dir.join("m.d")).unwrap().contains(program));
    assert_eq!(json["modules"][0]["functions"], 2, "{json}");
    let disassembled = common::inspect(dir, ["m.cwasm", "--disasm", "answer"]).ok().text();
    assert!(disassembled.contains("0x2a"), "40 + 2 is known: {disassembled}");
    let bytes = |name: &str| fs::read(dir.join(name)).unwrap();
    assert!(bytes("m.cwasm").len() < bytes("plain.cwasm").len());
    // Names are kept, and a debug file changes nothing.
    common::compile(dir, ["m.wat", "--wasm-opt=-O3", "-o", "again.cwasm"]).ok();
    assert!(bytes("again.cwasm") == bytes("m.cwasm"));
    common::inspect(dir, ["m.cwasm", "--symbolize", "m.debug", "0x0"]).ok();

    // Arguments are the user's.
    common::compile(dir, ["m.wat", "--wasm-opt=-O0", "-o", "o0.cwasm"]).ok();
    assert!(bytes("o0.cwasm") != bytes("m.cwasm"));
}

#[test]
fn refusals_name_what_is_wrong() {
    if !is_installed() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    common::write(dir, "m.wat", MODULE);
    common::compile(dir, ["m.wat", "--wasm-opt=--no-such-pass"])
        .fails(1, &["m.wat: cannot be optimised", "no-such-pass"]);
    common::write(dir, "simd.wat", "(module (func (param v128) (result v128) local.get 0))");
    let off = ["simd.wat", "--wasm-opt", "--set", "wasm.simd=false", "--set", "wasm.relaxed-simd=false"];
    common::compile(dir, off).fails(1, &["simd.wat: needs the wasm feature", "simd"]);
    common::write(dir, "c.wat", "(component)");
    let component = ["c.wat", "--wasm-opt", "--set", "runtime.component-model=true"];
    common::compile(dir, component).fails(1, &["c.wat: is a component", "leave out --wasm-opt"]);
}

#[test]
fn a_program_that_is_not_there_is_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    common::write(dir.path(), "m.wat", MODULE);
    let run = |variable: &str, value: &str| -> common::Said {
        let mut command = Command::new(env!("CARGO_BIN_EXE_minplat-compile"));
        command.args(["m.wat", "--wasm-opt"]).current_dir(dir.path()).env_remove("WASM_OPT").env(variable, value);
        command.output().unwrap().into()
    };
    run("PATH", "").fails(1, &["wasm-opt: is not in PATH", "apt-get install binaryen", "$WASM_OPT"]);
    run("WASM_OPT", "/no/such/program").fails(1, &["/no/such/program: cannot be run", "install Binaryen"]);
    run("WASM_OPT", "false").fails(1, &["false: failed"]);
    assert!(!dir.path().join("m.cwasm").exists());
}
