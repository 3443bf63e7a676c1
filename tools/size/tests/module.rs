//! A module in every way: what is known to cost bytes does, and functions are told on both sides.

mod common;

use common::{json, run};
use serde_json::Value;

/// The bytes of a file with a knob turned.
#[track_caller]
fn turned(study: &Value, knob: &str, value: &str) -> u64 {
    let found =
        study["knobs"].as_array().unwrap().iter().find(|turned| turned["knob"] == knob && turned["value"] == value);
    let found = found.unwrap_or_else(|| panic!("there is no knob {knob} {value}"));
    found["sizes"]["file"].as_u64().unwrap_or_else(|| panic!("{found}"))
}

#[test]
fn what_costs_bytes_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let guest = dir.path().join("guest.wat");
    // Many functions: of a small module, metadata fits into the page before the code, with and without.
    let load = "(i32.load (local.get 0))";
    let one =
        |n: u32| format!("(func $with_a_name_{n} (param i32) (result i32) (i32.add {load} (i32.div_s {load} {load})))");
    let many: String = (0..400).map(one).collect();
    let text = format!(
        r#"(module (memory 1) (func $first (export "first") (param i32) (result i32) {load}) {many}
        (func $second (export "second") (param i32) {}))"#,
        format!("(i32.store (local.get 0) (i32.div_s {load} {load}))").repeat(9)
    );
    std::fs::write(&guest, text).unwrap();
    let guest = guest.to_str().unwrap();
    let study = json(&["module", guest, "--json"]);
    let base = &study["base"];
    let file = base["file"].as_u64().unwrap();
    assert_eq!(base["code"].as_u64().unwrap() + base["other"].as_u64().unwrap(), file);
    // The platform has the address map on, and no traps.
    assert_eq!(turned(&study, "address map", "on"), file);
    assert!(turned(&study, "address map", "off") < file);
    assert!(turned(&study, "unwind information", "on") > file);
    assert!(turned(&study, "names of functions", "off") < file);
    let traps = json(&["module", guest, "-p", "x86_64-minplat-traps", "--json"]);
    assert!(
        turned(&traps, "table of traps", "left out, which no device takes") < traps["base"]["file"].as_u64().unwrap()
    );
    // Bytecode goes with traps off, which is turned with it.
    assert!(turned(&traps, "code", "64-bit bytecode") > 0);
    assert!(turned(&study, "packed for transport", "on") * 3 < file);
    assert_eq!(turned(&study, "bounds of memory", "checks"), file);
    assert!(turned(&study, "bounds of memory", "traps and guard pages") < file);
    assert!(turned(&study, "interruption", "fuel") > turned(&study, "interruption", "none"));
    assert_ne!(turned(&study, "code", "64-bit bytecode"), file);
    // What the platform cannot have says why.
    let narrow = study["knobs"].as_array().unwrap().iter().find(|turned| turned["value"] == "32-bit bytecode").unwrap();
    assert!(narrow["sizes"].is_null() && narrow["why_not"].as_str().unwrap().contains("64-bit"), "{narrow}");

    // The file is the one that minplat-compile writes.
    let program = common::beside("minplat-compile");
    let artifact = dir.path().join("guest.cwasm");
    let status = std::process::Command::new(program).arg(guest).arg("-o").arg(&artifact).status();
    assert!(status.expect("minplat-compile lies beside minplat-size").success());
    assert_eq!(std::fs::metadata(&artifact).unwrap().len(), file);

    // Functions on both sides: what the report of the file says, beside the module's bytes.
    let functions = study["functions"].as_array().unwrap();
    let ends = [&functions[0], &functions[functions.len() - 1]].map(|function| function["name"].as_str().unwrap());
    assert_eq!((ends, functions.len()), (["second [401]", "first [0]"], 402));
    let report = json(&["report", artifact.to_str().unwrap(), "--json"]);
    for function in functions {
        let bytes = common::bytes(&report, |row| row["item"] == function["name"]);
        assert_eq!(function["machine"], bytes, "{function}");
    }
    // Two locals, a load: `00 20 00 28 02 00 0b`.
    assert_eq!(functions[401]["wasm"], 7);
    assert!(functions[0]["wasm"].as_u64().unwrap() > 20);
}

#[test]
fn what_cannot_be_compiled_is_refused() {
    let (code, _, err) = run(&["module", "no-such-file.wasm"]);
    assert!(code == Some(1) && err.contains("no-such-file.wasm"), "{err}");
    let (code, _, err) = run(&["module", "no-such-file.wasm", "-p", "nowhere"]);
    assert!(code == Some(1) && err.starts_with("error: "), "{err}");
}
