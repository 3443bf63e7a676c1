//! Each key that must agree, flipped by itself on every shipped platform: `minplat-inspect` finds it and names the key.
//! The flips are made from the table of keys, so a new key is tested as soon as it exists.

mod common;

use std::collections::BTreeSet;

use minplat_compiler::check::check;
use minplat_compiler::compile::{Options, compile};
use minplat_compiler::device::Device;
use minplat_platform::keys::KEYS;
use minplat_platform::{Platform, variants};

/// What the table of keys cannot tell: other targets.
const TARGETS: &[(&str, &str)] = &[("x86_64-minplat", "target.rust=aarch64-unknown-none")];

#[test]
fn each_flipped_setting_is_found_by_its_key() {
    let mut found = BTreeSet::new();
    for name in Platform::shipped() {
        let platform = Platform::load(name, &[]).unwrap();
        let compiled = compile(&platform, b"\0asm\x01\0\0\0", Options::default()).unwrap();
        let image = compiled.image().unwrap();
        for (key, sets) in variants::of(&platform, name) {
            let flipped = Platform::load(name, &sets).unwrap();
            let mut verdict = check(&image, &Device::of_platform(&flipped)).unwrap();
            let mut loads = flipped.loads_modules_of(&platform);
            assert_eq!(verdict.loads, loads, "{name} --set {sets:?}: {verdict:#?}");
            assert!(key.is_feature() || loads == (flipped.fingerprint() == platform.fingerprint()), "{sets:?}");
            if loads && key.is_feature() {
                // A device with more takes it; the other way round it must be told.
                let more = compile(&flipped, b"\0asm\x01\0\0\0", Options::default()).unwrap();
                verdict = check(&more.image().unwrap(), &Device::of_platform(&platform)).unwrap();
                loads = platform.loads_modules_of(&flipped);
                assert!(!verdict.loads && !loads, "{name} --set {sets:?}: {verdict:#?}");
            }
            if loads {
                continue;
            }
            assert!(
                verdict.mismatches.iter().any(|mismatch| mismatch.key.as_ref() == Some(&key.path)),
                "{name} --set {sets:?}: {} is not named in {verdict:#?}",
                key.path
            );
            for mismatch in &verdict.mismatches {
                assert_ne!(mismatch.module, mismatch.device, "{name} --set {sets:?}");
                assert!(mismatch.remedy.len() > 20, "{mismatch:?}");
            }
            found.insert(key.path.clone());
        }
    }
    for (name, set) in TARGETS {
        let platform = Platform::load(name, &[]).unwrap();
        let compiled = compile(&platform, b"\0asm\x01\0\0\0", Options::default()).unwrap();
        let sets = [set.to_string(), "target.cpu=".to_string()];
        let device = Platform::load(name, &sets).unwrap_or_else(|problems| panic!("{problems}"));
        let verdict = check(&compiled.image().unwrap(), &Device::of_platform(&device)).unwrap();
        let keys: BTreeSet<_> = verdict.mismatches.iter().filter_map(|mismatch| mismatch.key.clone()).collect();
        assert!(keys.contains("target.rust") && !keys.contains("target.cpu"), "{verdict:#?}");
        found.insert("target.rust".into());
    }
    let never: Vec<_> = KEYS.iter().filter(|key| key.agrees && !found.contains(&key.path)).map(|k| &k.path).collect();
    assert!(never.is_empty(), "no shipped platform lets these be flipped, so they are untested: {never:?}");
}

#[test]
fn the_program_answers_as_the_library_does() {
    let dir = tempfile::tempdir().unwrap();
    common::write(dir.path(), "m.wat", "(module)");
    common::compile(dir.path(), ["m.wat"]).ok();
    let args = ["m.cwasm", "--platform", "x86_64-minplat", "--set", "wasm.interruption=fuel"];
    let said = common::inspect(dir.path(), args);
    assert_eq!(said.code, 1);
    for words in ["wasm.interruption", "module: none", "device: fuel", "--set wasm.interruption=fuel"] {
        assert!(said.text().contains(words), "{}", said.text());
    }
}

#[test]
fn the_same_platform_loads_it() {
    let dir = tempfile::tempdir().unwrap();
    common::write(dir.path(), "m.wat", common::ALL_KINDS);
    for name in Platform::shipped() {
        common::compile(dir.path(), ["m.wat", "-p", name, "-o", "m.cwasm"]).ok();
        let said = common::inspect(dir.path(), ["m.cwasm", "--platform", name]);
        assert_eq!(said.code, 0, "{}{}", said.text(), said.err);
        assert!(said.text().contains("loads it"), "{}", said.text());
    }
}
