//! Each key that must agree, flipped by itself: `minplat-inspect` finds it and names the key. The flips are made from
//! the table of keys, so a new key is tested as soon as it exists.

mod common;

use minplat_platform::Platform;
use minplat_platform::keys::KEYS;
use minplat_platform::value::Kind;

/// Platforms to start from: between them, every key can be flipped on one.
const FROM: &[&str] = &["x86_64-minplat", "x86_64-minplat-traps", "x86_64-minplat-full", "pulley64-minplat"];

/// Other values of a key.
fn others(key: &str, kind: Kind, now: &str) -> Vec<String> {
    let texts: Vec<&str> = match (key, kind) {
        ("target.rust", _) => vec!["x86_64-unknown-none"],
        ("target.code", _) => vec!["native", "pulley64"],
        ("target.cpu", _) => vec!["sse3,ssse3,sse4.1,sse4.2,popcnt,fma,avx", "sse3,ssse3,sse4.1,sse4.2,fma"],
        (_, Kind::Bool) => vec!["true", "false"],
        (_, Kind::Bytes) => vec!["0", "64 KiB", "1 MiB", "8 GiB"],
        (_, Kind::Choice(names)) => names.to_vec(),
        (_, Kind::Text | Kind::List) => panic!("{key}: say here what else it can be"),
    };
    texts.into_iter().filter(|text| *text != now).map(str::to_string).collect()
}

#[test]
fn each_flipped_setting_is_found_by_its_key() {
    let dir = tempfile::tempdir().unwrap();
    let module = common::write(dir.path(), "m.wat", "(module)");
    for name in FROM {
        common::compile(dir.path(), ["m.wat", "-p", name, "-o", &format!("{name}.cwasm")]).ok();
    }
    let mut never = Vec::new();
    for key in KEYS.iter().filter(|key| key.agrees) {
        let mut flips = 0;
        for from in FROM {
            let now = Platform::load(from, &[]).unwrap().value(&key.path).unwrap_or_default();
            for value in others(&key.path, key.kind, &now) {
                let set = format!("{}={value}", key.path);
                // A value that cannot work here is refused by the platform, which has its own tests.
                let Ok(device) = Platform::load(from, std::slice::from_ref(&set)) else { continue };
                if device.fingerprint() == Platform::load(from, &[]).unwrap().fingerprint() {
                    continue;
                }
                let file = format!("{from}.cwasm");
                let said = common::inspect(dir.path(), [&file, "--json", "--platform", from, "--set", &set]);
                assert_eq!(said.code, 1, "{from}, {set}: {}{}", said.text(), said.err);
                let verdict: serde_json::Value = serde_json::from_str(&said.text()).unwrap();
                let found = verdict["mismatches"].as_array().unwrap();
                assert!(
                    found.iter().any(|mismatch| mismatch["key"] == key.path.as_str()),
                    "{from}, {set}: the key is not named in {verdict:#}"
                );
                for mismatch in found {
                    assert_ne!(mismatch["module"], mismatch["device"], "{from}, {set}");
                    assert!(mismatch["remedy"].as_str().is_some_and(|text| text.len() > 20), "{mismatch}");
                }
                flips += 1;
            }
        }
        if flips == 0 {
            never.push(&key.path);
        }
    }
    assert!(never.is_empty(), "no platform lets these be flipped, so they are untested: {never:?}");
    assert!(module.exists());
}

#[test]
fn the_same_platform_loads_it() {
    let dir = tempfile::tempdir().unwrap();
    common::write(dir.path(), "m.wat", common::ALL_KINDS);
    for name in Platform::shipped() {
        common::compile(dir.path(), ["m.wat", "-p", name, "-o", "m.cwasm"]).ok();
        let said = common::inspect(dir.path(), ["m.cwasm", "--platform", name]).ok();
        assert!(said.text().contains("loads it"), "{}", said.text());
    }
}
