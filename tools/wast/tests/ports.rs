//! The official scripts on bare machines: what is not in the table of exceptions passes. With MINPLAT_TEST_DEVICE=1: it takes
//! built libraries, and builds firmware.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn artifacts() -> PathBuf {
    let given = std::env::var_os("MINPLAT_ARTIFACTS").filter(|dir| !dir.is_empty());
    given.map_or_else(|| checkout().join("artifacts"), PathBuf::from)
}

/// The names of the ports: folders that say how QEMU plays them; or those that $MINPLAT_TEST_PORTS names, with commas between.
fn ports() -> Vec<String> {
    let folders = std::fs::read_dir(checkout().join("ports")).unwrap().map(|entry| entry.unwrap());
    let mut ports: Vec<_> = folders
        .filter(|folder| folder.path().join("port.toml").is_file())
        .map(|folder| folder.file_name().into_string().unwrap())
        .collect();
    ports.sort();
    if let Ok(named) = std::env::var("MINPLAT_TEST_PORTS") {
        ports.retain(|port| named.split(',').any(|name| name == port));
        return ports;
    }
    assert!(ports.len() >= 2, "{ports:?}");
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

/// Of each suite how many directives pass, need what the platform has not, and are in the table of exceptions.
fn counts(port: &str) -> [(&'static str, [u64; 3]); 3] {
    let (two, one) = match port {
        "cortex-m4" => ([53489, 508, 4], [19241, 0, 4]),
        _ => ([53493, 508, 0], [19245, 0, 0]),
    };
    [("2.0", two), ("1.0", one), ("proposals", [316, 0, 0])]
}

#[test]
fn the_official_scripts_pass_on_every_machine() {
    if std::env::var_os("MINPLAT_TEST_DEVICE").is_none_or(|value| value.is_empty()) {
        eprintln!("skipped; set up QEMU with ./build.sh qemu, and run the test with MINPLAT_TEST_DEVICE=1");
        return;
    }
    for port in ports() {
        for (suite, counts) in counts(&port) {
            let (report, succeeded) = wast(&["--port", &port, "--suite", suite]);
            let failures: Vec<_> = report["scripts"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|script| !script["failures"].as_array().unwrap().is_empty())
                .collect();
            assert!(succeeded && failures.is_empty(), "{port}, {suite}: {failures:#?}");
            let totals =
                ["passed", "not_supported", "exceptions"].map(|count| report["totals"][count].as_u64().unwrap());
            assert_eq!(totals, counts, "{port}, {suite}: passed, not supported, exceptions");
        }
    }
}

#[test]
fn what_a_machine_says_is_compared() {
    if std::env::var_os("MINPLAT_TEST_DEVICE").is_none_or(|value| value.is_empty()) {
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
