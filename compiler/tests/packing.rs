//! `--pack` and `--unpack`: what comes out is the artifact, packed artifacts keep their budgets, and mistakes are told.

mod common;

use std::fs;

use common::{Budget, compile, inspect};
use minplat_compiler::{Options, compile as compiled, packing};
use minplat_platform::Platform;

#[test]
fn what_comes_out_is_the_artifact() {
    let dir = tempfile::tempdir().unwrap();
    for platform in Platform::shipped() {
        common::write(dir.path(), "a.wat", common::ALL_KINDS);
        compile(dir.path(), ["-p", platform, "a.wat", "-o", "plain.cwasm"]).ok();
        compile(dir.path(), ["-p", platform, "a.wat", "-o", "packed.cwasm", "--pack"]).ok();
        compile(dir.path(), ["--unpack", "packed.cwasm", "-o", "again.cwasm"]).ok();
        let read = |name: &str| fs::read(dir.path().join(name)).unwrap();
        assert!(read("again.cwasm") == read("plain.cwasm"), "{platform}");
        assert!(read("packed.cwasm").len() * 3 < read("plain.cwasm").len(), "{platform}");
        let (packed, plain) = (inspect(dir.path(), ["packed.cwasm"]).ok(), inspect(dir.path(), ["plain.cwasm"]).ok());
        assert!(packed.err.contains("packed, "), "{}", packed.err);
        let told = |said: &common::Said| said.text().split_once('\n').map(|(_, rest)| rest.to_string());
        assert_eq!(told(&packed), told(&plain), "{platform}");
    }
}

#[test]
fn an_object_file_holds_it_where_the_device_copies() {
    let dir = tempfile::tempdir().unwrap();
    common::write(dir.path(), "a.wat", "(module)");
    compile(dir.path(), ["--pack", "a.wat"]).ok();
    compile(dir.path(), ["--pack", "--emit", "obj", "--copied", "a.wat"]).ok();
    let (packed, object) = (fs::read(dir.path().join("a.cwasm")).unwrap(), fs::read(dir.path().join("a.o")).unwrap());
    assert!(object.windows(packed.len()).any(|bytes| bytes == packed));
}

#[test]
fn mistakes_are_told() {
    let dir = tempfile::tempdir().unwrap();
    common::write(dir.path(), "a.wat", "(module)");
    compile(dir.path(), ["a.wat"]).ok();
    compile(dir.path(), ["--pack", "a.wat", "-o", "p.cwasm"]).ok();
    compile(dir.path(), ["--unpack", "a.cwasm", "-o", "b"]).fails(1, &["a.cwasm", "is not packed", "--pack"]);
    compile(dir.path(), ["--unpack", "p.cwasm"]).fails(2, &["-o FILE"]);
    compile(dir.path(), ["--unpack", "nothing", "-o", "b"]).fails(1, &["nothing is there"]);
    compile(dir.path(), ["--pack", "--emit", "rust", "a.wat"]).fails(2, &["--copied"]);
    compile(dir.path(), ["--pack", "--emit", "obj", "a.wat"]).fails(2, &["--copied"]);
    compile(dir.path(), ["p.cwasm", "-o", "b"]).fails(1, &["is compiled already"]);
    let packed = fs::read(dir.path().join("p.cwasm")).unwrap();
    fs::write(dir.path().join("cut.cwasm"), &packed[..packed.len() - 9]).unwrap();
    inspect(dir.path(), ["cut.cwasm"]).fails(1, &["cut.cwasm", "damaged"]);
    let mut damaged = packed.clone();
    *damaged.last_mut().unwrap() ^= 0x40;
    damaged[60] ^= 1;
    fs::write(dir.path().join("damaged.cwasm"), damaged).unwrap();
    compile(dir.path(), ["--unpack", "damaged.cwasm", "-o", "b"]).fails(1, &["damaged.cwasm", "damaged"]);
    assert!(!dir.path().join("b").exists());
}

/// Bytes of a packed artifact, its trailer included: guest, platform, settings, budget. SQLite has no address map.
const BUDGETS: &[Budget] = &[
    ("size-probe.wat", "x86_64-minplat", &[], 400),
    ("size-probe.wat", "aarch64-minplat", &[], 450),
    ("size-probe.wat", "riscv64-minplat", &[], 450),
    ("size-probe.wat", "pulley32-thumbv7em", &[], 450),
    ("sha256.wasm", "x86_64-minplat", &[], 2_000),
    ("sha256.wasm", "aarch64-minplat", &[], 2_000),
    ("sqlite.wasm", "x86_64-minplat", &["compile.address-map=false"], 850_000),
    ("sqlite.wasm", "aarch64-minplat", &["compile.address-map=false"], 900_000),
    ("sqlite.wasm", "x86_64-minplat-traps", &["compile.address-map=false", "memory.images=false"], 700_000),
];

#[test]
fn packed_artifacts_keep_their_budgets() {
    common::keep(BUDGETS, |platform, wasm| {
        let artifact = compiled(platform, wasm, Options::default()).unwrap().artifact;
        (packing::pack(platform, &artifact).unwrap().len(), format!("{} unpacked", artifact.len()))
    });
}
