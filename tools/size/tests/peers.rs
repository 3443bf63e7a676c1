//! Other runtimes beside minplat: what is refused, and files of the user's. With MINPLAT_TEST_DEVICE=1 the platform's library has to be
//! there. With MINPLAT_TEST_PEERS=1 each runtime is built, and must do what the size probe does; that takes minutes.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{adds_up, json, run};
use minplat_compiler::input;
use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Whether a test that wants something built is to run.
fn is_on(variable: &str) -> bool {
    let on = std::env::var_os(variable).is_some_and(|value| !value.is_empty());
    if !on {
        eprintln!("skipped; run it with {variable}=1");
    }
    on
}

fn row<'a>(comparison: &'a Value, name: &str) -> &'a Value {
    comparison["rows"].as_array().unwrap().iter().find(|row| row["name"] == name).expect(name)
}

#[test]
fn wrong_usage_is_told() {
    for (args, word) in [
        (&["peers", "--file", "wasm3"][..], "NAME=PATH"),
        (&["peers", "--file", "=a.elf"], "NAME=PATH"),
        (&["peers", "--only", "spidermonkey"], "wasmtime, wasmi, tinywasm"),
        (&["peers", "--no-build"], "--file"),
        (&["peers", "--no-build", "--file", "a=b", "--only", "wasmi"], "--only"),
        (&["peers", "--no-build", "--file", "a=b", "-o", "here"], "--out-dir"),
    ] {
        let (code, out, err) = run(args);
        assert_eq!(code, Some(2), "{args:?}: {err}");
        assert!(out.is_empty() && err.contains(word), "{args:?}: {err}");
    }
    let (code, _, err) = run(&["peers", "no-such-platform"]);
    assert!(code == Some(1) && err.contains("no-such-platform"), "{err}");
}

#[test]
fn a_file_that_is_no_runtime_is_refused_before_anything_is_built() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        fs::write(&path, bytes).unwrap();
        format!("mine={}", path.display())
    };
    for (file, word) in [
        (format!("mine={}/nowhere", dir.path().display()), "check the path"),
        (write("wasm", b"\0asm\x01\0\0\0"), "neither an ELF file nor an archive"),
        (write("short.elf", b"\x7fELF\x02\x01\x01"), "cannot be read"),
        (write("empty.a", b"!<arch>\n"), "no member of the archive"),
        (write("thin.a", b"!<thin>\n"), "thin archive"),
    ] {
        let (code, out, err) = run(&["peers", "--file", &file]);
        assert_eq!(code, Some(1), "{file}");
        assert!(out.is_empty() && err.starts_with("error: ") && err.contains(word), "{file}: {err}");
        assert_eq!(err.trim_end().lines().count(), 1, "{err}");
    }
}

#[test]
fn without_a_library_there_is_nothing_to_compare_with() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_minplat-size"));
    let output = command.args(["peers", "x86_64-minplat"]).env("MINPLAT_ARTIFACTS", dir.path()).output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{err}");
    assert!(err.contains("minplat-build x86_64-minplat") && !err.contains("building"), "{err}");
}

#[test]
fn the_plain_wasmtime_is_the_release_that_minplat_stands_on() {
    let version = |lock: &Path| {
        let lock: toml::Table = fs::read_to_string(lock).unwrap().parse().unwrap();
        let packages = lock["package"].as_array().unwrap();
        let package = packages.iter().find(|package| package["name"].as_str() == Some("wasmtime")).unwrap();
        package["version"].as_str().unwrap().to_string()
    };
    let peers = root().join("tools/size/peers/Cargo.lock");
    assert_eq!(version(&peers), version(&root().join("Cargo.lock")));
    // As published: nothing takes the place of a crate of theirs.
    assert!(!fs::read_to_string(root().join("tools/size/peers/Cargo.toml")).unwrap().contains("[patch"));
}

#[test]
fn files_are_measured_as_what_they_are() {
    if !is_on("MINPLAT_TEST_DEVICE") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let (elf, _) = common::program(dir.path());
    let library = dir.path().join("libhelper.rlib");
    let file = |name: &str, path: &Path| ["--file".to_string(), format!("{name}={}", path.display())];
    let files = [file("program", &elf), file("library", &library)].concat();
    let args: Vec<_> =
        ["peers", "x86_64-minplat", "--no-build"].into_iter().chain(files.iter().map(String::as_str)).collect();
    let comparison = json(&[&args[..], &["--json"]].concat());
    let names: Vec<_> = comparison["rows"].as_array().unwrap().iter().map(|row| row["name"].clone()).collect();
    assert_eq!(names, ["minplat", "program", "library"]);
    // The measures of `report`, which is made otherwise.
    let total = |subject: &Path| adds_up(&json(&["report", subject.to_str().unwrap(), "--json"]));
    for (name, path, what) in [
        ("program", &elf, format!("a program, for {}", std::env::consts::ARCH)),
        ("library", &library, format!("not linked, for {}", std::env::consts::ARCH)),
    ] {
        let row = row(&comparison, name);
        assert_eq!(row["sizes"]["total"], total(path), "{name}");
        let remark = row["remark"].as_str().unwrap();
        assert!(remark.starts_with("given: ") && remark.contains(&what), "{remark}");
        assert!(row["version"].is_null() && row["runs"].is_null());
    }
    // minplat is what its manifest says.
    let minplat = row(&comparison, "minplat");
    let report = json(&["report", "x86_64-minplat", "--by", "symbol", "--json"]);
    assert_eq!(minplat["sizes"]["total"], report["total"]);
    assert_eq!(minplat["runs"], "runs machine code compiled before");

    let (code, text, err) = run(&args);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    let line = |name: &str| text.lines().find(|line| line.starts_with(name)).expect(name);
    let size = |name: &str| row(&comparison, name)["sizes"]["total"].as_f64().unwrap();
    assert!(line("minplat").contains("  1.00  the whole C API kept: "), "{text}");
    let ratio = format!("  {:.2}  given: a program", size("program") / size("minplat"));
    assert!(line("program").contains(&ratio), "{text}");
    // Nothing is said of runtimes that are not there.
    assert!(!text.contains("wasmi") && !text.contains("crate as published"), "{text}");
}

#[test]
fn what_cannot_be_built_is_a_row_that_says_why() {
    if !is_on("MINPLAT_TEST_DEVICE") {
        return;
    }
    // A Cargo that knows no crates and has no network.
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_minplat-size"));
    command.args(["peers", "x86_64-minplat", "--only", "tinywasm"]);
    let output = command.env("CARGO_HOME", home.path()).env("CARGO_NET_OFFLINE", "true").output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(1), "{err}");
    let line = |name: &str| out.lines().find(|line| line.starts_with(name)).expect(name);
    assert!(line("tinywasm").contains("–  ") && line("tinywasm").contains("not built: no matching package"), "{out}");
    assert!(line("minplat").contains("  1.00  the whole C API kept: "), "{out}");
    assert!(err.contains("1 of 1: building tinywasm") && err.contains("could be built: tinywasm"), "{err}");
}

#[test]
fn each_runtime_does_what_the_size_probe_does() {
    if !is_on("MINPLAT_TEST_PEERS") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().to_str().unwrap();
    let comparison = json(&["peers", "x86_64-minplat", "-o", folder, "--json"]);
    let guest = root().join("examples/size-probe.wat");
    let wasm = input::read(&guest).unwrap().wasm;
    for (name, module) in [("wasmtime", for_plain_wasmtime(&wasm)), ("wasmi", wasm.clone()), ("tinywasm", wasm)] {
        let sizes = &row(&comparison, name)["sizes"];
        let linked = dir.path().join(format!("{name}.elf"));
        assert_eq!(sizes["total"], adds_up(&json(&["report", linked.to_str().unwrap(), "--json"])), "{name}");
        let program = process(dir.path(), name, &module);
        let call = |number: &str| {
            let output = Command::new(&program).arg(number).output().unwrap();
            (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
        };
        assert_eq!(call("20"), (Some(0), "41\n".into()), "{name}");
        let (code, text) = call("0");
        assert!(code == Some(1) && text.contains("unreachable"), "{name}: {text}");
    }
}

/// The module as the plain crate's defaults for a machine with pages and without signals have it: what Wasmtime itself changes where no
/// target is named, and what its other features would add.
fn for_plain_wasmtime(wasm: &[u8]) -> Vec<u8> {
    let mut config = wasmtime::Config::new();
    config.target("x86_64-minplat").unwrap();
    config
        .signals_based_traps(false)
        .memory_guard_size(0)
        .concurrency_support(false)
        .gc_support(false)
        .wasm_exceptions(false)
        .wasm_component_model(false);
    wasmtime::Engine::new(&config).unwrap().precompile_module(wasm).unwrap()
}

/// A program of this machine around a runtime's probe in `dir`, with the module inside.
fn process(dir: &Path, name: &str, module: &[u8]) -> PathBuf {
    let bytes: String = module.iter().map(|byte| format!("{byte},")).collect();
    let text = format!(
        "#include <stddef.h>\n#include <stdint.h>\n_Alignas(16) const uint8_t minplat_probe_start[] = {{{bytes}}};\n\
         const size_t minplat_probe_size = sizeof minplat_probe_start;\n"
    );
    fs::write(dir.join("module.c"), text).unwrap();
    let program = dir.join(name);
    let main = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/peers/main.c");
    let platform = root().join("embedding/capi/include/wasmtime-platform.c");
    let mut command = Command::new(std::env::var_os("CC").unwrap_or_else(|| "cc".into()));
    command.args([&main, &dir.join("module.c"), &platform, &dir.join(format!("{name}.a"))]);
    let output = command.arg("-pthread").arg("-o").arg(&program).output().expect("a C compiler can be run");
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    program
}
