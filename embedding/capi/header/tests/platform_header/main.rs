//! `wasmtime-platform.h` declares what Wasmtime declares, function by function, and so does this library where it calls
//! the machine itself.
//!
//! Wasmtime's declarations are read from its source; the C compiler compares them with the header, once for 64-bit and
//! once for 32-bit machines: types that are the same on one differ on the other.

#[path = "../common/mod.rs"]
mod common;
mod declarations;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use common::{STRICT, capi, cc, include, root, succeeds};
use declarations::{Declarations, Function};
use minplat_platform::Platform;

/// Where Cargo has the source of the Wasmtime that this workspace builds with.
fn wasmtime() -> PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let text = succeeds(&cargo, &["metadata", "--locked", "--format-version", "1"], &root());
    let metadata: serde_json::Value = serde_json::from_str(&text).expect("cargo metadata writes JSON");
    let packages = metadata["packages"].as_array().expect("it lists packages");
    let wasmtime = packages.iter().find(|package| package["name"] == "wasmtime").expect("one of them is wasmtime");
    Path::new(wasmtime["manifest_path"].as_str().expect("it has a manifest")).with_file_name("")
}

fn declared_by_wasmtime() -> Declarations {
    let mut found = Declarations::default();
    found.read(&wasmtime().join("src/runtime/vm/sys/custom/capi.rs"));
    assert!(found.functions.len() >= 18 && found.constants.len() >= 3 && found.types.len() == 1, "{found:?}");
    found
}

/// Compiles assertions behind the header, for 64 bits and for 32.
#[track_caller]
fn holds(assertions: &str) {
    let folder = tempfile::tempdir().expect("a folder can be made");
    fs::write(folder.path().join("agrees.c"), format!("#include \"wasmtime-platform.h\"\n{assertions}"))
        .expect("the folder is writable");
    let include = format!("-I{}", include().display());
    for bits in ["-m64", "-m32"] {
        // Freestanding: without the headers of a C library, which a machine has for one of the two.
        let arguments = ["-fsyntax-only", "-ffreestanding", "-std=c11", bits, &include, "agrees.c"];
        cc(&[&arguments, &STRICT[..2], &["-Werror"]].concat(), folder.path());
    }
}

/// The assertion that the header's function has this type, or with `no` that it has not.
fn assertion(no: &str, name: &str, ty: &str) -> String {
    format!(
        "_Static_assert({no}__builtin_types_compatible_p(__typeof__({name}), {ty}), \"Wasmtime: {name} is {ty}\");\n"
    )
}

#[test]
fn functions_agree() {
    let declared = declared_by_wasmtime();
    let mut all = String::new();
    for (name, function) in &declared.functions {
        all += &assertion("", name, &function.c());
    }
    for (name, ty) in &declared.types {
        all += &assertion("", name, ty);
    }
    holds(&all);

    let declared: BTreeSet<String> = declared.functions.into_keys().collect();
    assert_eq!(in_the_header(), declared, "left: wasmtime-platform.h, right: Wasmtime");
}

/// The names that the header declares as functions.
fn in_the_header() -> BTreeSet<String> {
    let header = cc(&["-E", "-P", "-ffreestanding", "wasmtime-platform.h"], &include());
    let calls = header.split('(').filter_map(|before| {
        let start = before.rfind(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).map_or(0, |at| at + 1);
        Some(before[start..].to_string()).filter(|name| name.starts_with("wasmtime_"))
    });
    calls.collect()
}

/// The comparison sees every difference: a result, any one parameter, a parameter too few.
#[test]
fn differences_are_seen() {
    let mut all = String::new();
    for (name, function) in &declared_by_wasmtime().functions {
        let other = "double".to_string();
        all += &assertion("!", name, &Function { result: other.clone(), ..function.clone() }.c());
        for index in 0..function.parameters.len() {
            let mut changed = function.clone();
            changed.parameters[index].clone_from(&other);
            all += &assertion("!", name, &changed.c());
            let mut short = function.clone();
            short.parameters.remove(index);
            all += &assertion("!", name, &short.c());
        }
    }
    holds(&all);
}

#[test]
fn constants_agree() {
    let declared = declared_by_wasmtime().constants;
    let mut all = String::new();
    for (name, (ty, value)) in &declared {
        all += &assertion("", name, ty);
        writeln!(all, "_Static_assert({name} == {value}, \"Wasmtime: {name} is {value}\");")
            .expect("a String takes it");
    }
    holds(&all);
    let macros = cc(&["-E", "-dM", "-ffreestanding", "wasmtime-platform.h"], &include());
    let defined: BTreeSet<&str> = macros
        .lines()
        .filter_map(|line| line.strip_prefix("#define ")?.split(' ').next())
        .filter(|name| name.starts_with("WASMTIME_"))
        .collect();
    assert_eq!(defined, declared.keys().map(String::as_str).collect(), "left: wasmtime-platform.h, right: Wasmtime");
}

/// This library's own declarations, and its definitions where the machine has no threads.
#[test]
fn the_library_agrees() {
    let mut ours = Declarations::default();
    for folder in [capi().join("src"), capi().join("../src")] {
        for file in fs::read_dir(folder).expect("the source is there") {
            let path = file.expect("it can be read").path();
            if path.extension().is_some_and(|extension| extension == "rs") {
                ours.read(&path);
            }
        }
    }
    for name in ["wasmtime_mmap_new", "wasmtime_mprotect", "wasmtime_sync_lock_acquire", "wasmtime_tls_set"] {
        assert!(ours.functions.contains_key(name), "{name} is not found in the library any more");
    }
    holds(&ours.functions.iter().map(|(name, function)| assertion("", name, &function.c())).collect::<String>());
}

#[test]
fn whatever_a_platform_asks_for_is_declared() {
    let declared = in_the_header();
    for name in Platform::shipped() {
        let platform = Platform::load(name, &[]).expect("a shipped platform is right");
        for symbol in platform.symbols() {
            assert!(declared.contains(symbol), "{name} asks for {symbol}, which wasmtime-platform.h does not declare");
        }
    }
}
