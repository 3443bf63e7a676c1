//! The built libraries of all platforms, and modules compiled for them. With MINPLAT_TEST_DEVICE=1 they have to be there.

mod common;

use std::path::{Path, PathBuf};

use common::{adds_up, bytes, json};
use minplat_compiler::compile::{Options, compile};
use minplat_platform::Platform;

fn artifacts() -> PathBuf {
    let given = std::env::var_os("MINPLAT_ARTIFACTS").filter(|dir| !dir.is_empty());
    given.map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../artifacts"), PathBuf::from)
}

#[test]
fn every_byte_of_every_library_is_somebodys() {
    if std::env::var_os("MINPLAT_TEST_DEVICE").is_none_or(|value| value.is_empty()) {
        eprintln!("skipped; run minplat-build --all, and the test with MINPLAT_TEST_DEVICE=1");
        return;
    }
    let mut outlined = 0;
    for platform in Platform::shipped() {
        let prefix = artifacts().join(platform);
        let manifest = std::fs::read_to_string(prefix.join("share/minplat/manifest.json")).expect(platform);
        let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();

        let report = json(&["report", platform, "--by", "symbol", "--json"]);
        let total = adds_up(&report);
        // The very measure of the budget.
        assert_eq!(manifest["budgets"]["library"]["sizes"]["total"], total, "{platform}");
        let nobody = bytes(&report, |row| row["owner"] == "(unattributed)");
        assert!(nobody * 50 < total, "{platform}: nobody owns {nobody} of {total} bytes");
        assert!(bytes(&report, |row| row["owner"] == "wasmtime") * 8 > total, "{platform}");
        assert_eq!(report["beside"][0]["bytes"], manifest["sizes"]["archive"]["total"], "{platform}");
        for row in report["rows"].as_array().unwrap().iter().filter(|row| row["owner"] == "(shared: outlined)") {
            assert!(row["users"].as_array().is_some_and(|users| !users.is_empty()), "{platform}: {row}");
            outlined += 1;
        }

        // The library before it is linked.
        let library = prefix.join("lib/libminplat.a");
        let whole = json(&["report", library.to_str().unwrap(), "--json"]);
        assert_eq!(manifest["sizes"]["archive"]["total"], adds_up(&whole), "{platform}");
        let nobody = bytes(&whole, |row| row["owner"] == "(unattributed)" || row["owner"] == "(not Rust)");
        assert!(nobody * 50 < adds_up(&whole), "{platform}: nobody owns {nobody} of the library");
    }
    assert!(outlined > 100, "some platforms have outlined code");
}

#[test]
fn every_byte_of_a_module_is_somebodys() {
    let dir = tempfile::tempdir().unwrap();
    let wat = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/memory.wat")).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_minplat-size")).with_file_name("minplat-compile");
    let source = dir.path().join("memory.wat");
    std::fs::write(&source, wat).unwrap();
    for name in ["x86_64-minplat", "aarch64-minplat-traps", "riscv64-minplat", "pulley32-thumbv7em"] {
        let file = dir.path().join(name).with_extension("cwasm");
        let mut command = std::process::Command::new(&program);
        command.args(["-p", name]).arg(&source).arg("-o").arg(&file);
        assert!(command.status().expect("minplat-compile lies beside minplat-size").success(), "{name}");
        let report = json(&["report", file.to_str().unwrap(), "--json"]);
        assert_eq!(adds_up(&report), std::fs::metadata(&file).unwrap().len(), "{name}");
        let module = bytes(&report, |row| row["owner"] == "functions of the module" && row["class"] == "code");
        assert!(module > 0, "{name}");
        assert!(bytes(&report, |row| row["section"] == "trailer") > 80, "{name}");
    }
    // The empty module, through the library as tools compile.
    let platform = Platform::load("x86_64-minplat", &[]).unwrap();
    let compiled = compile(&platform, b"\0asm\x01\0\0\0", Options::default()).unwrap();
    let file = dir.path().join("empty.cwasm");
    std::fs::write(&file, &compiled.artifact).unwrap();
    assert_eq!(adds_up(&json(&["report", file.to_str().unwrap(), "--json"])), compiled.artifact.len() as u64);
}
