//! docs/porting.md as written: the files of a port, the functions of a machine, and the commands that copy a port, which are run.

mod common;

use std::path::Path;
use std::process::Command;

use common::{checkout, ports};

fn page() -> String {
    std::fs::read_to_string(checkout().join("docs/porting.md")).unwrap()
}

#[test]
fn every_port_has_the_same_files_for_the_same_jobs() {
    let page = page();
    for job in ["start", "memory", "traps", "console", "exit"].map(|job| format!("src/{job}.rs")) {
        assert!(page.contains(&format!("\n| `{job}` | ")), "the page does not say what {job} does");
        for port in ports() {
            assert!(port.folder.join(&job).is_file(), "{} has no {job}", port.name);
        }
    }
}

#[test]
fn every_function_of_a_machine_has_a_row() {
    let header = std::fs::read_to_string(checkout().join("embedding/capi/include/wasmtime-platform.h")).unwrap();
    let declared = header.lines().filter(|line| line.ends_with(");") && !line.starts_with([' ', '/', 't']));
    let names: Vec<_> =
        declared.map(|line| line.split('(').next().unwrap().rsplit([' ', '*']).next().unwrap()).collect();
    assert!(names.len() >= 21 && names.iter().all(|name| name.starts_with("wasmtime_")), "{names:?}");
    let page = page();
    let rows: Vec<_> = page.lines().filter(|line| line.starts_with("| `wasmtime_")).collect();
    for name in names {
        let named = rows.iter().any(|row| row.split('|').nth(1).unwrap().contains(&format!("`{name}`")));
        assert!(named, "no row of the page says what {name} must do");
    }
}

/// The commands of the page that begin with this one.
fn commands(first: &str) -> String {
    let page = page();
    let block = page.split("```sh\n").skip(1).find(|block| block.trim_start().starts_with(first));
    block.unwrap_or_else(|| panic!("the page has no {first}")).split("```").next().unwrap().to_owned()
}

/// Runs them in a folder; gives what they print.
#[track_caller]
fn run(folder: &Path, commands: &str) -> String {
    let mut shell = Command::new("sh");
    let output = shell.args(["-ec", commands]).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{commands}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_copied_port_is_a_package_that_cargo_knows() {
    let dir = tempfile::tempdir().unwrap();
    // A checkout with ports of its own, without what was built.
    for entry in std::fs::read_dir(checkout()).unwrap().map(Result::unwrap) {
        let (name, to) = (entry.file_name(), dir.path().join(entry.file_name()));
        if name == "ports" {
            run(dir.path(), &format!("cp -r '{}' ports", entry.path().display()));
        } else if name != "target" && name != "artifacts" && name != ".git" {
            std::os::unix::fs::symlink(entry.path(), to).unwrap();
        }
    }
    run(dir.path(), &commands("cp -r ports/"));
    let metadata = "cargo metadata --locked --offline --no-deps --format-version 1 --manifest-path ports/Cargo.toml";
    let metadata: serde_json::Value = serde_json::from_str(&run(dir.path(), metadata)).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let copy = packages.iter().find(|package| package["name"] == "minplat-arm-board");
    let copy = copy.unwrap_or_else(|| panic!("the copy is no member: {packages:#?}"));
    assert_eq!(copy["targets"][0]["name"], "arm-board");
    assert!(packages.iter().any(|package| package["name"] == "minplat-aarch64-virt"), "{packages:#?}");
}
