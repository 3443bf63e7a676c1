//! A platform and a guest outside the checkout, through both programs; and the depfile that makes `make` right.

mod common;

use std::collections::BTreeMap;
use std::process::Command;

use minplat_compiler::debug_file::hex;
use minplat_platform::Platform;

const TARGET: &str = r#"{ "see": "written by the test" }"#;

/// A platform file of somebody else, with a Rust target of their own.
fn platform(dir: &std::path::Path) {
    let json = Command::new("rustc")
        .env("RUSTC_BOOTSTRAP", "1")
        .args(["-Zunstable-options", "--print", "target-spec-json", "--target", "x86_64-unknown-none"])
        .output()
        .unwrap();
    assert!(json.status.success() && json.stdout.len() > TARGET.len());
    common::write(dir, "their machine/targets/x86_64-theirs.json", json.stdout);
    let text = "summary = \"their machine\"\nextends = \"x86_64-none\"\n\n[target]\nrust = \"targets/x86_64-theirs.json\"\n\n\
                [wasm]\ninterruption = \"fuel\"\n";
    common::write(dir, "their machine/theirs.toml", text);
}

#[test]
fn a_platform_outside_the_checkout_is_as_good_as_a_shipped_one() {
    let dir = tempfile::tempdir().unwrap();
    platform(dir.path());
    common::write(dir.path(), "guest.wat", common::ALL_KINDS);
    let file = "their machine/theirs.toml";
    common::compile(dir.path(), ["-p", file, "guest.wat"]).ok();
    let said = common::inspect(dir.path(), ["guest.cwasm", "--platform", file]).ok();
    assert!(said.text().contains("compiled for theirs; a device of theirs loads it"), "{}", said.text());
    let said = common::inspect(dir.path(), ["guest.cwasm", "--platform", "x86_64-minplat"]);
    assert_eq!(said.code, 1);
    assert!(said.text().contains("wasm.interruption"), "{}", said.text());
    // The printed platform is whole: it needs no other file but the target.
    let printed = common::compile(dir.path(), ["-p", file, "--print-platform"]).ok().text();
    common::write(dir.path(), "their machine/targets/theirs.toml", printed);
    common::compile(dir.path(), ["-p", "their machine/targets/theirs.toml", "guest.wat", "-o", "again.cwasm"]).ok();
    let bytes = |name: &str| std::fs::read(dir.path().join(name)).unwrap();
    assert!(bytes("guest.cwasm") == bytes("again.cwasm"));
}

/// The layout of docs/releases.md, for every shipped platform: nothing but a printed platform and a manifest, in a folder where
/// nothing else is.
#[test]
fn a_release_needs_a_printed_platform_and_a_manifest_alone() {
    for name in Platform::shipped() {
        let dir = tempfile::tempdir().unwrap();
        let printed = common::compile(dir.path(), ["-p", name, "--print-platform"]).ok().text();
        common::write(dir.path(), "releases/2026.1/platform.toml", printed);
        common::write(dir.path(), "foo.wat", "(module (func (export \"f\")))");
        let platform = Platform::load(name, &[]).unwrap();
        // What the comparison reads of the manifest, as minplat-build writes it; tests/released.rs has real ones.
        let agreement: BTreeMap<_, _> = platform.agreement().into_iter().map(|s| (s.name, s.value)).collect();
        let manifest = serde_json::json!({
            "platform": name, "fingerprint": hex(&platform.fingerprint()), "base": hex(&platform.base_fingerprint()),
            "wasmtime": "48.0.8", "agreement": agreement,
        });
        common::write(dir.path(), "releases/2026.1/manifest.json", manifest.to_string());
        common::compile(dir.path(), ["-p", "releases/2026.1/platform.toml", "foo.wat"]).ok();
        common::inspect(dir.path(), ["foo.cwasm", "--manifest", "releases/2026.1/manifest.json"]).ok();
        // Where another minplat makes another digest of the same settings, the device refuses.
        let mut other = manifest.clone();
        other["base"] = "0123456789abcdef".into();
        common::write(dir.path(), "other.json", other.to_string());
        let refused = common::inspect(dir.path(), ["foo.cwasm", "--manifest", "other.json"]);
        assert!(refused.code == 1 && refused.text().contains("base fingerprint"), "{name}: {}", refused.text());
        // From within the folder, too.
        let release = dir.path().join("releases/2026.1");
        common::compile(&release, ["-p", "platform.toml", "../../foo.wat", "-o", "again.cwasm"]).ok();
        let bytes = |path: &str| std::fs::read(dir.path().join(path)).unwrap();
        assert!(bytes("foo.cwasm") == bytes("releases/2026.1/again.cwasm"), "{name}");
        // What another platform compiles is refused.
        let other = if name == "x86_64-minplat" { "pulley64-minplat" } else { "x86_64-minplat" };
        common::compile(dir.path(), ["-p", other, "foo.wat"]).ok();
        let refused = common::inspect(dir.path(), ["foo.cwasm", "--manifest", "releases/2026.1/manifest.json"]);
        assert_eq!(refused.code, i32::from(!platform.loads_modules_of(&Platform::load(other, &[]).unwrap())));
    }
}

#[test]
fn make_compiles_again_when_any_file_changed() {
    let dir = tempfile::tempdir().unwrap();
    platform(dir.path());
    common::write(dir.path(), "a guest.wat", "(module)");
    let makefile = format!(
        "all: a.cwasm\na.cwasm:\n\t{} -v -p 'their machine/theirs.toml' 'a guest.wat' -o a.cwasm --depfile a.d\n-include a.d\n",
        env!("CARGO_BIN_EXE_minplat-compile")
    );
    common::write(dir.path(), "Makefile", makefile);
    let make = || common::run("make", dir.path(), ["-s"], b"").ok().err.contains("a guest.wat ->");
    assert!(make(), "the first time it is made");
    assert!(!make(), "nothing changed");
    for file in ["a guest.wat", "their machine/theirs.toml", "their machine/targets/x86_64-theirs.json"] {
        let path = dir.path().join(file);
        let later = std::time::SystemTime::now() + std::time::Duration::from_secs(5);
        std::fs::File::options().append(true).open(&path).unwrap().set_modified(later).unwrap();
        let artifact = dir.path().join("a.cwasm");
        assert!(make(), "{file} is newer than the artifact");
        // So that the next round starts up to date.
        std::fs::File::options().append(true).open(artifact).unwrap().set_modified(later).unwrap();
        assert!(!make(), "{file} was compiled in");
    }
}
