//! A changed fingerprint means that every artifact in the field must be compiled again: it never happens by accident.
//! `BLESS=1` rewrites the golden file.

use minplat_platform::Platform;

#[test]
fn fingerprints_of_the_shipped_platforms_are_pinned() {
    let now: String = Platform::shipped()
        .map(|name| {
            let platform = Platform::load(name, &[]).unwrap();
            let hex: String = platform.fingerprint().iter().map(|b| format!("{b:02x}")).collect();
            format!("{hex} {name}\n")
        })
        .collect();
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fingerprints.txt");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(golden, &now).unwrap();
    }
    let pinned = std::fs::read_to_string(golden).unwrap();
    assert_eq!(now, pinned, "a fingerprint changed: see docs/releases.md, then run with BLESS=1");
}

#[test]
fn a_key_changes_the_fingerprint_exactly_if_it_must_agree() {
    let mut seen = std::collections::BTreeSet::new();
    for name in Platform::shipped() {
        let platform = Platform::load(name, &[]).unwrap();
        for (key, sets) in minplat_platform::variants::of(&platform, name) {
            let variant = Platform::load(name, &sets).unwrap();
            let changed = variant.fingerprint() != platform.fingerprint();
            // The collector and its heap count only where there is one; Wasmtime compares the heap's sizes all the same.
            if !key.path.starts_with("gc.collector") {
                assert_eq!(changed, key.agrees, "{name} --set {sets:?}");
            }
            if changed {
                seen.insert(key.path.as_str());
            }
        }
    }
    let all: Vec<_> = minplat_platform::keys::KEYS.iter().filter(|k| k.agrees).map(|k| k.path.as_str()).collect();
    let missed: Vec<_> = all.into_iter().filter(|k| !seen.contains(k)).collect();
    assert_eq!(missed, ["target.rust"], "keys that must agree and that no platform could vary");
}
