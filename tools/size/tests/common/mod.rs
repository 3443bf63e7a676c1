//! What the tests share: running minplat-size, and a small program to look at.
#![allow(dead_code, reason = "each test uses a part of it")]

pub(crate) mod browser;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Whether tests of what was built must run: what they look at has to be there.
pub(crate) fn has_device() -> bool {
    let wanted = std::env::var_os("MINPLAT_TEST_DEVICE").is_some_and(|value| !value.is_empty());
    if !wanted {
        eprintln!("skipped; run minplat-build --all, and the test with MINPLAT_TEST_DEVICE=1");
    }
    wanted
}

/// The folder of built libraries.
pub(crate) fn artifacts() -> PathBuf {
    let given = std::env::var_os("MINPLAT_ARTIFACTS").filter(|dir| !dir.is_empty());
    given.map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../artifacts"), PathBuf::from)
}

/// A program of the same workspace: it lies beside minplat-size.
pub(crate) fn beside(name: &str) -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_minplat-size")).with_file_name(name)
}

/// Runs minplat-size: exit code, standard output, standard error.
pub(crate) fn run(args: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_minplat-size")).args(args).output().expect("it can be run");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

/// What a run that succeeds prints, as JSON.
#[track_caller]
pub(crate) fn json(args: &[&str]) -> Value {
    let (code, out, err) = run(args);
    assert_eq!(code, Some(0), "{args:?}: {err}");
    serde_json::from_str(&out).expect("it prints JSON")
}

/// Checks that every byte is in one row: by section, and together. Gives the total.
#[track_caller]
pub(crate) fn adds_up(report: &Value) -> u64 {
    let name = &report["name"];
    let sum = |rows: Vec<&Value>, key: &str| rows.into_iter().map(|row| row[key].as_u64().unwrap()).sum::<u64>();
    let (sections, rows) = (report["sections"].as_array().unwrap(), report["rows"].as_array().unwrap());
    for section in sections {
        // Two sections of one name, code and data, are told apart by nothing in a row.
        let same = sections.iter().filter(|other| other["name"] == section["name"]).collect();
        let of = rows.iter().filter(|row| row["section"] == section["name"]).collect();
        assert_eq!(sum(of, "bytes"), sum(same, "bytes"), "{name}: {}", section["name"]);
    }
    let total = report["total"].as_u64().unwrap();
    assert_eq!(sum(rows.iter().collect(), "bytes"), total, "{name}");
    assert_eq!(sum(sections.iter().collect(), "bytes"), total, "{name}");
    for key in ["flash", "ram"] {
        assert_eq!(sum(sections.iter().collect(), key), report[key].as_u64().unwrap(), "{name}: {key}");
    }
    total
}

/// Checks that less than 2 % of what is stored has no owner, and that rows add up. Gives the total.
#[track_caller]
pub(crate) fn is_owned(report: &Value) -> u64 {
    let total = adds_up(report);
    // Memory that a script leaves to the stack may be most of a machine's.
    let stored = report["flash"].as_u64().unwrap();
    let nobody = bytes(report, |row| row["owner"] == "(unattributed)");
    let rows = report["rows"].as_array().unwrap().iter().filter(|row| row["owner"] == "(unattributed)");
    assert!(
        nobody * 50 < stored,
        "{}: nobody owns {nobody} of {stored} bytes: {:#?}",
        report["name"],
        rows.take(3).collect::<Vec<_>>()
    );
    total
}

/// The bytes of rows that a test is true for.
pub(crate) fn bytes(report: &Value, of: impl Fn(&Value) -> bool) -> u64 {
    let rows = report["rows"].as_array().unwrap().iter();
    rows.filter(|row| of(row)).map(|row| row["bytes"].as_u64().unwrap()).sum()
}

/// The small program of `tests/data/program` in `dir`, linked with debugging information, relocations, and a map.
pub(crate) fn program(dir: &Path) -> (PathBuf, PathBuf) {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/program");
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let compile = |args: &[&str], file: &str| {
        let mut command = Command::new(&rustc);
        command.args(["-O", "-g", "--edition", "2024", "-Cpanic=abort", "-Ccodegen-units=1"]).args(args);
        let output = command.arg(source.join(file)).current_dir(dir).output().expect("rustc can be run");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    compile(&["--crate-type", "rlib", "--crate-name", "helper"], "helper.rs");
    let link = "-Clink-args=-e entry --gc-sections --emit-relocs -Map=main.map";
    let linker = ["-Clinker=rust-lld", "-Clinker-flavor=ld.lld", "-Crelocation-model=static", link];
    let args = ["--crate-name", "main", "--extern", "helper=libhelper.rlib", "-o", "main.elf"];
    compile(&[&args[..], &linker].concat(), "main.rs");
    (dir.join("main.elf"), dir.join("main.map"))
}
