//! The libraries and manifests that `minplat-build` wrote, as devices to compare with: an artifact for the platform is loaded by
//! both, one for another platform is refused by both with the same reasons. Left out unless `MINPLAT_TEST_DEVICE` is set.

mod common;

use std::path::{Path, PathBuf};

use common::{compile, inspect};
use minplat_platform::{DEFAULT, Platform};

#[test]
fn a_built_library_answers_as_its_platform_file() {
    if std::env::var_os("MINPLAT_TEST_DEVICE").is_none() {
        eprintln!("left out: MINPLAT_TEST_DEVICE is not set; ./build.sh test sets it when the libraries are built");
        return;
    }
    let artifacts = std::env::var_os("MINPLAT_ARTIFACTS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../artifacts"), PathBuf::from);
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("default.wat"), "(module)").unwrap();
    compile(dir.path(), ["default.wat"]).ok();
    let default = Platform::load(DEFAULT, &[]).unwrap();
    for name in Platform::shipped() {
        let prefix = artifacts.join(name);
        let wat = format!("{name}.wat");
        std::fs::write(dir.path().join(&wat), "(module)").unwrap();
        // With the platform file beside the library, as docs/releases.md has it.
        let released = prefix.join("share/minplat/platform.toml");
        compile(dir.path(), ["-p", released.to_str().unwrap(), &wat]).ok();
        let mut devices = vec![
            ("--library", prefix.join("lib/libminplat.a")),
            ("--manifest", prefix.join("share/minplat/manifest.json")),
        ];
        let shared = prefix.join("lib/libminplat.so");
        if Platform::load(name, &[]).unwrap().host_loadable() {
            devices.push(("--library", shared));
        }
        for (flag, path) in devices {
            let path = path.to_str().unwrap();
            inspect(dir.path(), [&format!("{name}.cwasm"), flag, path]).ok();
            let by_device = inspect(dir.path(), ["default.cwasm", flag, path, "--json"]);
            let by_platform = inspect(dir.path(), ["default.cwasm", "--platform", name, "--json"]);
            let loads = Platform::load(name, &[]).unwrap().loads_modules_of(&default);
            assert_eq!(by_device.code, i32::from(!loads), "{name} {flag}: {by_device:?}");
            assert_eq!(by_device.text(), by_platform.text(), "{name} {flag}");
        }
    }
}
