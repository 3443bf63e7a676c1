//! The cache of compiled functions: it saves work, and changes nothing else.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde_json::Value;

/// Functions of [`module`].
const FUNCTIONS: usize = 200;

/// A module of many functions, no two the same; one of them has another constant. The one that is exported comes last: what Wasmtime
/// adds for it changes what Wasmtime 48 calls the functions that are compiled after it (docs/build-systems.md).
fn module(changed: Option<usize>) -> String {
    let function = |n: usize| {
        let (before, factor) = (n.saturating_sub(1), if changed == Some(n) { 99_991 } else { n + 7 });
        format!(
            "(func $f{n} (param i32) (result i32) (local i32)
               (loop $l (local.set 1 (i32.add (local.get 1) (i32.mul (local.get 0) (i32.const {factor}))))
                 (br_if $l (i32.lt_s (local.get 1) (i32.const {n}))))
               (i32.store (local.get 0) (call $f{before} (local.get 1))) (local.get 1))"
        )
    };
    let functions: String = (0..FUNCTIONS).map(function).collect();
    format!(
        "(module (memory 1) {functions} (func (export \"f\") (result i32) (call $f{} (i32.const 1))))",
        FUNCTIONS - 1
    )
}

/// Compiles `m.wat` with the cache `cache`; artifact, and what the cache did.
fn compile(dir: &Path, more: &[&str]) -> (Vec<u8>, Value) {
    let args = ["m.wat", "-o", "m.cwasm", "--cache", "cache", "--json", "--jobs", "1"];
    let said = common::compile(dir, args.iter().chain(more)).ok();
    let json: Value = serde_json::from_str(&said.text()).unwrap();
    (fs::read(dir.join("m.cwasm")).unwrap(), json["modules"][0]["cache"].clone())
}

fn uncached(dir: &Path, more: &[&str]) -> Vec<u8> {
    common::compile(dir, ["m.wat", "-o", "plain.cwasm"].iter().chain(more)).ok();
    fs::read(dir.join("plain.cwasm")).unwrap()
}

fn count(uses: &Value, key: &str) -> usize {
    usize::try_from(uses[key].as_u64().unwrap()).unwrap()
}

/// The cache's entries: the files that are neither its book nor its lock.
fn entries(dir: &Path) -> Vec<PathBuf> {
    let folders = fs::read_dir(dir.join("cache")).unwrap().map(|e| e.unwrap().path()).filter(|path| path.is_dir());
    folders.flat_map(|folder| fs::read_dir(folder).unwrap().map(|e| e.unwrap().path())).collect()
}

#[test]
fn only_what_changed_is_compiled_again() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    common::write(dir, "m.wat", module(None));
    let plain = uncached(dir, &[]);
    let (cold, uses) = compile(dir, &[]);
    assert!(cold == plain, "a cold cache gave other bytes");
    let functions = count(&uses, "functions");
    assert!(functions > FUNCTIONS && count(&uses, "hits") < functions - FUNCTIONS, "{uses}");
    let (warm, uses) = compile(dir, &[]);
    assert!(warm == plain, "a warm cache gave other bytes");
    assert_eq!((count(&uses, "functions"), count(&uses, "hits")), (functions, functions));

    common::write(dir, "m.wat", module(Some(77)));
    let (changed, uses) = compile(dir, &[]);
    assert_eq!(count(&uses, "hits"), functions - 1, "one function is another");
    assert!(changed != plain && changed == uncached(dir, &[]));
    let said = common::compile(dir, ["m.wat", "--cache", "cache", "--jobs", "1"]).ok();
    assert!(
        said.err.starts_with(&format!("m.cwasm: {functions} of {functions} functions from the cache, ")),
        "{said:?}"
    );
    assert_eq!(common::compile(dir, ["m.wat", "--cache", "cache", "--quiet"]).ok().err, "");
}

#[test]
fn platforms_do_not_meet_in_it() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    common::write(dir, "m.wat", module(None));
    let settings: [&[&str]; 6] = [
        &[],
        &["-O", "none"],
        &["--set", "wasm.interruption=fuel"],
        &["--set", "target.cpu=x86-64-v3"],
        &["-p", "aarch64-minplat"],
        &["-p", "pulley64-minplat"],
    ];
    for more in settings {
        let (artifact, uses) = compile(dir, more);
        assert!(artifact == uncached(dir, more), "{more:?} gave other bytes");
        assert!(count(&uses, "hits") < FUNCTIONS, "{more:?} took another's functions: {uses}");
    }
    for more in settings {
        let (artifact, uses) = compile(dir, more);
        assert!(artifact == uncached(dir, more), "{more:?} gave other bytes");
        assert_eq!(uses["hits"], uses["functions"], "{more:?}");
    }
}

#[test]
fn a_debug_file_is_the_same_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    common::write(dir, "m.wat", module(None));
    uncached(dir, &["--debug-file", "plain.debug"]);
    for state in ["cold", "warm"] {
        compile(dir, &["--debug-file", "m.debug"]);
        let bytes = |name| fs::read(dir.join(name)).unwrap();
        assert!(bytes("plain.debug") == bytes("m.debug"), "{state}");
    }
}

#[test]
fn damage_costs_only_time() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    common::write(dir, "m.wat", module(None));
    let (plain, uses) = compile(dir, &[]);
    let mut all = entries(dir);
    all.sort();
    assert!(all.len() > FUNCTIONS);
    // Each in another way, and at another place.
    for (n, path) in all.iter().take(FUNCTIONS).enumerate() {
        let mut bytes = fs::read(path).unwrap();
        let at = n * 37 % bytes.len();
        match n % 4 {
            0 => bytes[at] ^= 0x10,
            1 => bytes.truncate(at),
            2 => bytes.push(0),
            _ => bytes = fs::read(&all[n + 1]).unwrap(),
        }
        fs::write(path, bytes).unwrap();
    }
    let (again, found) = compile(dir, &[]);
    assert!(again == plain, "damage got into the artifact");
    assert_eq!(count(&found, "damaged"), FUNCTIONS, "{found}");
    let (_, mended) = compile(dir, &[]);
    assert_eq!((&mended["hits"], &mended["damaged"]), (&uses["functions"], &0.into()), "it is whole again");
}

#[test]
fn processes_share_it() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    common::write(dir, "m.wat", module(None));
    let plain = uncached(dir, &[]);
    std::thread::scope(|scope| {
        for n in 0..4 {
            let plain = &plain;
            scope.spawn(move || {
                let output = format!("{n}.cwasm");
                // One of them has so little room that it cleans all the while.
                let limit = if n == 0 { "100 KiB" } else { "1 GiB" };
                let args = ["m.wat", "-o", &output, "--cache", "cache", "--cache-limit", limit];
                common::compile(dir, args).ok();
                assert!(fs::read(dir.join(output)).unwrap() == *plain);
            });
        }
    });
    let (_, uses) = compile(dir, &[]);
    assert_eq!(uses["damaged"], 0);
}

#[test]
fn it_keeps_its_limit_and_what_was_used_last() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let limit = 300 * 4096;
    let on_disk = || entries(dir).len() * 4096;
    let with_limit = ["--cache-limit", &limit.to_string()];
    common::write(dir, "m.wat", module(None));
    compile(dir, &with_limit);
    let first = entries(dir);
    assert!(first.len() > FUNCTIONS && on_disk() <= limit);
    // A run an hour later finds all, so that they are the newest.
    let hour = Duration::from_secs(3600);
    for path in &first {
        fs::File::options().append(true).open(path).unwrap().set_modified(SystemTime::now() - 2 * hour).unwrap();
    }
    compile(dir, &with_limit);
    let now = SystemTime::now();
    assert!(first.iter().all(|path| fs::metadata(path).unwrap().modified().unwrap() > now - hour), "used just now");
    // What nobody uses makes room.
    let stale = dir.join("cache/00").join("0".repeat(62));
    let left_over = dir.join("cache/00/.minplat-xyz");
    let other = dir.join("cache/00/notes.txt");
    for path in [&stale, &left_over, &other] {
        common::write(dir, path.to_str().unwrap(), "x");
        fs::File::options().append(true).open(path).unwrap().set_modified(now - 2 * hour).unwrap();
    }
    compile(dir, &["-O", "none", "--cache-limit", &limit.to_string()]);
    assert!(on_disk() <= limit, "{} bytes", on_disk());
    assert!(!stale.exists() && !left_over.exists(), "the oldest go first");
    assert!(other.exists(), "what is no entry stays");
    let (_, uses) = compile(dir, &["-O", "none", "--cache-limit", &limit.to_string()]);
    assert!(count(&uses, "hits") * 2 > count(&uses, "functions"), "the last run's are there: {uses}");
}

#[test]
fn what_is_no_folder_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    common::write(dir, "m.wat", "(module)");
    common::compile(dir, ["m.wat", "--cache", "m.wat"]).fails(1, &["m.wat"]);
    common::compile(dir, ["m.wat", "--cache", "/proc/cache"]).fails(1, &["/proc/cache"]);
    common::compile(dir, ["m.wat", "--cache", "/proc"]).fails(1, &["/proc", "leave out --cache"]);
    common::compile(dir, ["m.wat", "--cache-limit", "1 GiB"]).fails(2, &["--cache <DIR>"]);
    common::compile(dir, ["m.wat", "--cache", "c", "--cache-limit", "many"]).fails(2, &["--cache-limit", "64 MiB"]);
    assert!(!dir.join("m.cwasm").exists());
}
