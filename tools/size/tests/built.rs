//! The built libraries of all platforms, and modules compiled for them. With MINPLAT_TEST_DEVICE=1 they have to be there.

mod common;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use common::{adds_up, artifacts, beside, bytes, has_device, is_owned, json, run};
use minplat_compiler::compile::{Options, compile};
use minplat_platform::Platform;

fn manifest(prefix: &Path) -> serde_json::Value {
    let path = prefix.join("share/minplat/manifest.json");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap()
}

#[test]
fn every_byte_of_every_library_is_somebodys() {
    if !has_device() {
        return;
    }
    let mut outlined = 0;
    for platform in Platform::shipped() {
        let prefix = artifacts().join(platform);
        let manifest = manifest(&prefix);

        let report = json(&["report", platform, "--by", "symbol", "--json"]);
        let total = is_owned(&report);
        // The very measure of the budget.
        assert_eq!(manifest["budgets"]["library"]["sizes"]["total"], total, "{platform}");
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

        // For Linux, stripped and not: symbols, map and relocations are found.
        for name in ["libminplat.so", "libminplat.so.debug"] {
            let shared = prefix.join("lib").join(name);
            if shared.is_file() {
                let report = json(&["report", shared.to_str().unwrap(), "--json"]);
                assert_eq!(manifest["sizes"]["shared"]["total"], is_owned(&report), "{platform}: {name}");
                assert!(bytes(&report, |row| row["owner"] == "wasmtime") * 8 > total, "{platform}: {name}");
            }
        }
    }
    assert!(outlined > 100, "some platforms have outlined code");
}

#[test]
fn outlined_code_names_its_users_in_print() {
    if !has_device() {
        return;
    }
    let (code, text, err) = run(&["report", "aarch64-minplat", "--by", "symbol", "--top", "0"]);
    assert_eq!(code, Some(0), "{err}");
    let outlined: Vec<_> = text.lines().filter(|line| line.contains("OUTLINED_FUNCTION_")).collect();
    assert!(!outlined.is_empty() && outlined.iter().all(|line| line.contains("(shared: outlined)")));
    assert!(outlined.iter().all(|line| line.contains(", of ")), "{outlined:#?}");
}

/// A library that was built with debugging information anyway, so nothing is built here.
#[test]
fn by_crate_every_byte_of_a_library_is_somebodys() {
    if !has_device() {
        return;
    }
    let sets = ["build.unpack=true", "build.heap=tlsf", "build.rustc-flags=-Cdebuginfo=1"];
    let args: Vec<_> =
        ["report", "x86_64-minplat"].into_iter().chain(sets.iter().flat_map(|set| ["--set", *set])).collect();
    let inner = json(&[&args[..], &["--json"]].concat());
    let outer = json(&[&args[..], &["--json", "--by", "symbol"]].concat());
    assert_eq!((&inner["by"], &outer["by"]), (&"crate".into(), &"symbol".into()));
    assert_eq!(is_owned(&inner), is_owned(&outer));
    let prefix = artifacts().join(format!("x86_64-minplat+{}", sets.join("+")));
    assert_eq!(manifest(&prefix)["budgets"]["library"]["sizes"]["total"], inner["total"]);
    // What is inlined everywhere is the crate's that it was written in.
    let core = |report: &serde_json::Value| bytes(report, |row| row["owner"] == "core" && row["class"] == "code");
    assert!(core(&inner) > core(&outer), "{} and {}", core(&inner), core(&outer));
    let text = inner["method"].to_string();
    assert!(text.contains("innermost function"), "{text}");
}

#[test]
fn platforms_are_compared_and_changes_are_those_of_a_platform() {
    if !has_device() {
        return;
    }
    let total = |platform: &str| manifest(&artifacts().join(platform))["budgets"]["library"]["sizes"]["total"].clone();
    let adds_up = |comparison: &serde_json::Value| {
        let by = |value: &serde_json::Value| value["after"].as_i64().unwrap() - value["before"].as_i64().unwrap();
        for part in ["sections", "owners", "rows"] {
            let sum: i64 = comparison[part].as_array().unwrap().iter().map(by).sum();
            assert_eq!(sum, by(&comparison["total"]), "{part}");
        }
    };
    let two = json(&["compare", "x86_64-minplat", "x86_64-minplat-traps", "--by", "symbol", "--json"]);
    adds_up(&two);
    assert_eq!(two["total"]["before"], total("x86_64-minplat"));
    assert_eq!(two["total"]["after"], total("x86_64-minplat-traps"));

    // One side is a file: what changes is the other.
    let dir = tempfile::tempdir().unwrap();
    let saved = dir.path().join("before.json");
    std::fs::write(&saved, run(&["report", "x86_64-minplat", "--by", "symbol", "--json"]).1).unwrap();
    let set = "build.debug-assertions=true";
    let changed =
        json(&["compare", saved.to_str().unwrap(), "x86_64-minplat", "--set", set, "--by", "symbol", "--json"]);
    adds_up(&changed);
    assert_eq!(changed["total"]["before"], total("x86_64-minplat"));
    assert_eq!(changed["total"]["after"], total(&format!("x86_64-minplat+{set}")));
}

/// What a program of the workspace prints.
fn printed(name: &str, args: &[&str]) -> String {
    let output = Command::new(beside(name)).args(args).stderr(Stdio::inherit()).output();
    let output = output.unwrap_or_else(|error| panic!("{name} lies beside minplat-size: {error}"));
    assert!(output.status.success(), "{name} {}", args.join(" "));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn every_byte_of_firmware_is_somebodys() {
    if !has_device() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    for port in printed("minplat-qemu", &["list"]).lines().filter_map(|line| line.split(' ').next()) {
        let elf = PathBuf::from(printed("minplat-qemu", &[port, "build", "--quiet"]).trim());
        let report = json(&["report", elf.to_str().unwrap(), "--json"]);
        is_owned(&report);
        // What nobody writes to is no RAM.
        let rodata = |key: &str| {
            let sections = report["sections"].as_array().unwrap().iter();
            sections
                .filter(|section| section["name"] == ".rodata")
                .map(|section| section[key].as_u64().unwrap())
                .sum::<u64>()
        };
        assert!(rodata("flash") > 0 && rodata("ram") == 0, "{port}: {}", report["sections"]);
        assert!(bytes(&report, |row| row["owner"] == "wasmtime" && row["class"] == "code") > 50_000, "{port}");

        // Alone, without its map, the same bytes.
        let alone = dir.path().join("alone.elf");
        std::fs::copy(&elf, &alone).unwrap();
        assert_eq!(adds_up(&json(&["report", alone.to_str().unwrap(), "--json"])), report["total"], "{port}");
    }
    // And what others have built of late, with modules in it too; firmware of old has no map.
    for elf in firmware() {
        is_owned(&json(&["report", elf.to_str().unwrap(), "--json"]));
    }
}

/// Firmware with a map beside it.
fn firmware() -> Vec<PathBuf> {
    let inside = |dir: PathBuf| std::fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
    let elves = inside(artifacts().join("ports")).flat_map(inside).flat_map(inside);
    elves.filter(|path| path.extension().is_some_and(|e| e == "elf") && path.with_extension("map").is_file()).collect()
}

#[test]
fn a_module_in_firmware_is_an_owner_of_its_own() {
    if !has_device() {
        return;
    }
    let wat = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/add.wat");
    let wat = wat.to_str().unwrap();
    let ran = printed("minplat-qemu", &["cortex-m4", "run", "--quiet", "--linked", wat, "--invoke", "add", "2", "3"]);
    assert_eq!(ran, "5\n");
    // Each set of modules has firmware of its own.
    let is_linked = |elf: &PathBuf| elf.to_str().unwrap().contains("/cortex-m4/pulley32-thumbv7em/firmware-");
    let modules: Vec<_> = firmware()
        .iter()
        .filter(|elf| is_linked(elf))
        .map(|elf| json(&["report", elf.to_str().unwrap(), "--json"]))
        .map(|report| bytes(&report, |row| row["owner"] == "(embedded modules)" && row["item"] == "minplat_linked_0"))
        .collect();
    let dir = tempfile::tempdir().unwrap();
    let artifact = dir.path().join("add.cwasm");
    printed("minplat-compile", &["-p", "pulley32-thumbv7em", wat, "-o", artifact.to_str().unwrap()]);
    let file = std::fs::metadata(&artifact).unwrap().len();
    assert!(modules.iter().all(|bytes| *bytes > 0), "{modules:?}");
    assert!(
        modules.iter().any(|bytes| (file..file + 4096).contains(bytes)),
        "{modules:?}, and none has the {file} bytes"
    );
}

#[test]
fn every_byte_of_a_module_is_somebodys() {
    let dir = tempfile::tempdir().unwrap();
    let wat = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/memory.wat")).unwrap();
    let source = dir.path().join("memory.wat");
    std::fs::write(&source, wat).unwrap();
    for name in ["x86_64-minplat", "aarch64-minplat-traps", "riscv64-minplat", "pulley32-thumbv7em"] {
        let file = dir.path().join(name).with_extension("cwasm");
        printed("minplat-compile", &["-p", name, source.to_str().unwrap(), "-o", file.to_str().unwrap()]);
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
