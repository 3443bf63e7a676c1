//! The same module, platform and version give the same bytes: in any directory, on any number of cores, beside any
//! other modules.

mod common;

use std::fs;

fn modules(dir: &std::path::Path) {
    common::write(dir, "in/all.wat", common::ALL_KINDS);
    common::write(dir, "in/deep/down/many.wat", many());
    for example in ["add", "table", "memory"] {
        fs::copy(common::examples().join(format!("{example}.wat")), dir.join(format!("in/{example}.wat"))).unwrap();
    }
}

/// Enough functions that several cores share them.
fn many() -> String {
    let functions: String = (0..300)
        .map(|i| {
            format!(
                "(func $f{i} (export \"f{i}\") (param i32) (result i32) (local i32) (loop $l (local.set 1 (i32.mul \
                 (local.get 1) (i32.const {i}))) (br_if $l (i32.lt_s (local.get 1) (local.get 0)))) (local.get 1))"
            )
        })
        .collect();
    format!("(module (memory 1) {functions})")
}

fn all_below(dir: &std::path::Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut pending = vec![dir.to_owned()];
    while let Some(next) = pending.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                pending.push(path);
            } else {
                found.push((path.strip_prefix(dir).unwrap().display().to_string(), fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn same_bytes_in_two_directories_and_on_any_number_of_cores() {
    for emit in ["cwasm", "obj", "rust"] {
        let mut results = Vec::new();
        for jobs in ["1", "4"] {
            let dir = tempfile::Builder::new().prefix(&format!("elsewhere-{jobs}-")).tempdir().unwrap();
            modules(dir.path());
            let args = ["--recursive", "in", "-o", "out", "--jobs", jobs, "--emit", emit, "--debug-file", "debug/"];
            common::compile(dir.path(), args).ok();
            results.push((all_below(&dir.path().join("out")), all_below(&dir.path().join("debug"))));
        }
        assert!(results[0].0.len() >= 5 && results[0].1.len() == 5, "{emit}");
        assert!(results[0] == results[1], "--emit {emit} gave other bytes");
    }
}

#[test]
fn a_module_alone_is_the_same_as_among_others() {
    let dir = tempfile::tempdir().unwrap();
    modules(dir.path());
    common::compile(dir.path(), ["--recursive", "in", "-o", "out"]).ok();
    common::compile(dir.path(), ["in/deep/down/many.wat"]).ok();
    let alone = fs::read(dir.path().join("in/deep/down/many.cwasm")).unwrap();
    assert!(alone == fs::read(dir.path().join("out/deep/down/many.cwasm")).unwrap());
    let out = common::compile(dir.path(), ["in/deep/down/many.wat", "-o", "-"]).ok();
    assert!(alone == out.out, "standard output got other bytes");
}

#[test]
fn a_debug_file_does_not_change_the_artifact() {
    let dir = tempfile::tempdir().unwrap();
    modules(dir.path());
    for set in ["compile.address-map=true", "compile.address-map=false"] {
        common::compile(dir.path(), ["in/all.wat", "-o", "a.cwasm", "--set", set]).ok();
        common::compile(dir.path(), ["in/all.wat", "-o", "b.cwasm", "--set", set, "--debug-file", "b.debug"]).ok();
        assert!(fs::read(dir.path().join("a.cwasm")).unwrap() == fs::read(dir.path().join("b.cwasm")).unwrap());
    }
}

#[test]
fn nothing_but_the_inputs_is_read() {
    let dir = tempfile::tempdir().unwrap();
    modules(dir.path());
    common::compile(dir.path(), ["in/all.wat", "-o", "a.cwasm"]).ok();
    // A machine without a home, a path or a language.
    let mut bare = std::process::Command::new(env!("CARGO_BIN_EXE_minplat-compile"));
    bare.env_clear().env("HOME", "/no/such/home").args(["in/all.wat", "-o", "b.cwasm"]).current_dir(dir.path());
    common::Said::from(bare.output().unwrap()).ok();
    assert!(fs::read(dir.path().join("a.cwasm")).unwrap() == fs::read(dir.path().join("b.cwasm")).unwrap());
}
