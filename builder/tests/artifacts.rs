//! The built libraries, read without their manifest, and then the manifest held against them. With MINPLAT_TEST_DEVICE=1 every
//! shipped platform's library has to be there.

mod common;

use std::collections::BTreeMap;

use common::device::{self, Prefix, globals};
use object::{Object, ObjectSection, ObjectSymbol, SectionFlags, elf};
use sha2::{Digest, Sha256};

#[test]
fn each_library_says_whose_it_is() {
    if !device::wanted("identity") {
        return;
    }
    for prefix in device::all() {
        let platform = &prefix.platform;
        let fingerprint: String = platform.fingerprint().iter().map(|byte| format!("{byte:02x}")).collect();
        for elf in [Some(prefix.object()), prefix.shared()].into_iter().flatten() {
            let lines = device::identity(&elf);
            for line in [
                format!("platform={}", prefix.name()),
                format!("fingerprint={fingerprint}"),
                format!("wasmtime={}", minplat_platform::WASMTIME_MAJOR),
            ] {
                assert!(lines.contains(&line), "{}: {line} is not in {lines:?}", prefix.name());
            }
            let agreed: Vec<_> = lines.iter().skip_while(|line| !line.is_empty()).skip(1).cloned().collect();
            let settings: Vec<_> = platform.agreement().iter().map(|s| format!("{}={}", s.name, s.value)).collect();
            assert_eq!(agreed, settings, "{}", prefix.name());
        }
    }
}

#[test]
fn no_compiler_and_no_standard_library_is_inside() {
    if !device::wanted("inside") {
        return;
    }
    // Names of crates as rustc writes them into symbols.
    let crates = ["cranelift_codegen", "cranelift_frontend", "wasmtime_internal_cranelift", "winch_codegen", "_3std"];
    let packages = ["cranelift-codegen", "cranelift-frontend", "wasmtime-internal-cranelift", "wat", "wast"];
    for prefix in device::all() {
        let bytes = prefix.object();
        let object = object::File::parse(&*bytes).unwrap();
        let names: Vec<_> = object.symbols().filter_map(|symbol| symbol.name().ok().map(str::to_string)).collect();
        assert!(names.iter().any(|name| name.contains("8wasmtime7runtime")), "{}: no names to look at", prefix.name());
        for part in crates {
            let found = names.iter().find(|name| name.contains(part));
            assert_eq!(found, None, "{}: {part}", prefix.name());
        }
        let manifest = prefix.manifest();
        let inside: Vec<_> = manifest["packages"].as_array().unwrap().iter().map(|p| &p["name"]).collect();
        assert!(inside.iter().any(|name| **name == "minplat-capi"), "{}", prefix.name());
        for package in packages {
            assert!(!inside.iter().any(|name| **name == package), "{}: {package}", prefix.name());
        }
    }
}

#[test]
fn no_folder_of_this_machine_is_in_a_file() {
    if !device::wanted("folders") {
        return;
    }
    for prefix in device::all() {
        for file in prefix.files() {
            let bytes = prefix.read(&file);
            for folder in device::folders() {
                let folder = format!("{}/", folder.display());
                assert!(!device::contains(&bytes, folder.as_bytes()), "{}/{file} names {folder}", prefix.name());
            }
        }
    }
}

#[test]
fn each_manifest_says_the_truth() {
    if !device::wanted("manifest") {
        return;
    }
    for prefix in device::all() {
        let name = prefix.name();
        let platform = &prefix.platform;
        let manifest = prefix.manifest();
        assert_eq!(manifest["platform"], name);
        assert_eq!(manifest["summary"], platform.summary(), "{name}");
        assert_eq!(manifest["wasmtime"].as_str().unwrap().split('.').next(), Some("48"), "{name}");
        let agreement: BTreeMap<_, _> = platform.agreement().into_iter().map(|s| (s.name, s.value)).collect();
        assert_eq!(manifest["agreement"], serde_json::to_value(agreement).unwrap(), "{name}");

        let object = prefix.object();
        let parsed = object::File::parse(&*object).unwrap();
        let (defined, undefined) = globals(parsed.symbols());
        assert_eq!(manifest["symbols"]["defined"], serde_json::json!(defined), "{name}");
        assert_eq!(manifest["symbols"]["undefined"], serde_json::json!(undefined), "{name}");
        sizes(name, &manifest["sizes"]["archive"], &object);
        match prefix.shared() {
            Some(shared) => sizes(name, &manifest["sizes"]["shared"], &shared),
            None => assert!(manifest["sizes"].get("shared").is_none(), "{name}"),
        }
        let budget = &manifest["budgets"]["library"];
        assert_eq!(budget["limit"].as_u64(), platform.budget(minplat_platform::Budget::Library), "{name}");
        // A variant has none.
        let limit = platform.budget(minplat_platform::Budget::Library).unwrap_or(600_000);
        let measured = budget["sizes"]["total"].as_u64().unwrap();
        assert!((100_000..=limit).contains(&measured), "{name}: {measured} of {limit}");
        assert!(!budget["how"].as_str().unwrap().contains("without the probe"), "{name}: {}", budget["how"]);
        files(&prefix, &manifest["files"]);
    }
}

/// Text, data and bss, counted by the sections' flags alone.
fn sizes(name: &str, told: &serde_json::Value, elf: &[u8]) {
    let object = object::File::parse(elf).unwrap();
    let (mut text, mut data, mut bss) = (0, 0, 0);
    for section in object.sections() {
        let SectionFlags::Elf { sh_flags } = section.flags() else { panic!("{name}: no ELF") };
        let flag = |flag: u32| sh_flags & u64::from(flag) != 0;
        match (flag(elf::SHF_ALLOC), flag(elf::SHF_WRITE), section.file_range().is_none()) {
            (false, ..) => {}
            (true, true, true) => bss += section.size(),
            (true, true, false) => data += section.size(),
            (true, false, _) => text += section.size(),
        }
    }
    for (key, value) in [("text", text), ("data", data), ("bss", bss), ("total", text + data + bss)] {
        assert_eq!(told[key], value, "{name}: {key}");
    }
    let sections = told["sections"].as_object().unwrap();
    assert_eq!(sections.values().map(|v| v.as_u64().unwrap()).sum::<u64>(), text + data + bss, "{name}");
}

/// Every file of the prefix but the manifest, with length and digest.
fn files(prefix: &Prefix, told: &serde_json::Value) {
    let name = prefix.name();
    let told = told.as_object().unwrap();
    let mut there = prefix.files();
    there.retain(|file| file != "share/minplat/manifest.json");
    assert_eq!(told.keys().cloned().collect::<Vec<_>>(), there, "{name}");
    for (file, info) in told {
        let bytes = prefix.read(file);
        let digest: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(info["bytes"], bytes.len(), "{name}/{file}");
        assert_eq!(info["sha256"], digest, "{name}/{file}");
    }
}

#[test]
fn a_prefix_has_all_that_a_firmware_needs() {
    if !device::wanted("prefix") {
        return;
    }
    for prefix in device::all() {
        let name = prefix.name();
        for header in ["minplat.h", "wasmtime-platform.h", "wasmtime-platform.c"] {
            let source = common::checkout().join("embedding/capi/include").join(header);
            let same = prefix.read(&format!("include/{header}")) == std::fs::read(source).unwrap();
            assert!(same, "{name}: {header} is not this checkout's: run minplat-build {name}");
        }
        // The platform's file there is as good as the shipped one, wherever the prefix is taken.
        let file = prefix.dir.join("share/minplat/platform.toml");
        let again =
            minplat_platform::Platform::load(file.to_str().unwrap(), &[]).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(again.fingerprint(), prefix.platform.fingerprint(), "{name}");
        assert_eq!(again.symbols(), prefix.platform.symbols(), "{name}");
        assert_eq!(
            again.budget(minplat_platform::Budget::Library),
            prefix.platform.budget(minplat_platform::Budget::Library),
            "{name}"
        );
        if prefix.platform.host_loadable() {
            let id = |file: &str| {
                let bytes = prefix.read(file);
                object::File::parse(&*bytes).unwrap().build_id().unwrap().map(<[u8]>::to_vec)
            };
            assert!(id("lib/libminplat.so").is_some(), "{name}");
            assert_eq!(
                id("lib/libminplat.so"),
                id("lib/libminplat.so.debug"),
                "{name}: a debugger would not pair them"
            );
        }
        assert!(!prefix.read("share/minplat/libminplat.map").is_empty(), "{name}");
    }
}
