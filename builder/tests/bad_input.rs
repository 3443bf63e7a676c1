//! Bad input that depends on the machine, or that a transcript cannot hold: an error that names what, why and the remedy, exit
//! code 1, and no file or folder written.

mod common;

use std::path::Path;

use common::{build, toolchain, write};

/// Nothing may be in the folder afterwards that was not there before.
#[track_caller]
fn refused(dir: &Path, args: &[&str], words: &[&str]) {
    let before = common::names(dir);
    build(dir, args).fails(1, words);
    assert_eq!(common::names(dir), before, "{args:?}: something was written");
}

#[test]
fn a_toolchain_is_refused_for_what_it_lacks() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    toolchain(dir, "old", "1.80.1");
    toolchain(dir, "bare", "1.97.0");
    toolchain(dir, "alone", "1.97.0");
    std::fs::remove_file(dir.join("alone/bin/cargo")).unwrap();
    write(dir, "folder/readme", "");
    // A rustup that knows no toolchain: what it says is passed on, and what to install named.
    let advice = "Leave out --toolchain, or install one of:";
    let cases: &[(&str, &[&str])] = &[
        ("./old", &["cannot build x86_64-minplat", "rustc 1.80.1", "older than 1.95, which Wasmtime needs", advice]),
        ("./bare", &["rustc 1.97.0", "lacks the standard library's source", "rust-src", advice]),
        ("./bare/bin/rustc", &["bare/bin/rustc", "lacks the standard library's source"]),
        ("./alone", &["has no cargo beside it", advice]),
        ("./folder", &["there is no program", "folder/bin/rustc"]),
        ("./missing", &["there is no program", "/missing", advice]),
        ("no-such-toolchain", &["the Rust toolchain no-such-toolchain cannot build", advice]),
    ];
    for (name, words) in cases {
        refused(dir, &["--toolchain", name], words);
    }
    // `true` runs well and says nothing.
    let mute = toolchain(dir, "mute", "1.97.0");
    std::fs::copy("/bin/true", mute.join("bin/rustc")).unwrap();
    refused(dir, &["--toolchain", "./mute"], &["mute/bin/rustc is no rustc"]);
}

#[test]
fn each_platform_says_what_it_needs_of_a_toolchain() {
    let dir = tempfile::tempdir().unwrap();
    toolchain(dir.path(), "bare", "1.97.0");
    // The stub knows x86_64-unknown-none by name, and nothing for a Cortex-M.
    refused(
        dir.path(),
        &["pulley32-thumbv7em", "--toolchain", "./bare"],
        &["build pulley32-thumbv7em for the target thumbv7em-none-eabi", "knows no target thumbv7em-none-eabi"],
    );
    refused(
        dir.path(),
        &["x86_64-none", "--toolchain", "./bare"],
        &["the target x86_64-unknown-none", "lacks the standard library's source"],
    );
}

#[test]
fn a_folder_that_cannot_be_written_is_told_before_anything_is_built() {
    let dir = tempfile::tempdir().unwrap();
    // Nobody can, not even root.
    refused(dir.path(), &["-o", "/proc/minplat"], &["cannot write into /proc", "/proc/minplat", "--out-dir"]);
    write(dir.path(), "file", "as it was");
    refused(dir.path(), &["-o", "file"], &["file", "Not a directory", "--out-dir or $MINPLAT_ARTIFACTS"]);
    let said = common::command(dir.path(), ["-q"]).env("MINPLAT_ARTIFACTS", "file/in").output().unwrap();
    common::Said::from(said).fails(1, &["cannot write into", "$MINPLAT_ARTIFACTS"]);
    assert_eq!(std::fs::read(dir.path().join("file")).unwrap(), b"as it was");
}

#[test]
fn a_checkout_is_known_by_its_c_library() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "else/Cargo.toml", "[workspace]");
    refused(dir.path(), &["--source", "else"], &["else is no minplat checkout", "embedding/capi", "git clone"]);
    refused(dir.path(), &["--source", "missing"], &["missing is no minplat checkout"]);
}

#[test]
fn a_target_file_is_read_before_anything_is_built() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let platform = "summary = \"mine\"\nextends = \"x86_64-minplat\"\n[target]\nrust = \"mine.json\"\n";
    write(dir, "mine.toml", platform.replace("mine.json", "x86_64-mine.json"));
    refused(dir, &["mine.toml"], &["mine.toml:4: target.rust", "x86_64-mine.json"]);
    write(dir, "x86_64-mine.json", "{ \"arch\": ");
    refused(dir, &["mine.toml"], &["mine: target.rust: x86_64-mine.json is no JSON", "line 1", "target-spec-json"]);
    // The stem is the name of the target for the compiling side too.
    write(dir, "mine.toml", platform);
    write(dir, "mine.json", "{}");
    refused(dir, &["mine.toml"], &["mine.toml:4: target.rust", "\"mine\" is not a target triple"]);
}

#[test]
fn every_platform_with_a_problem_is_named() {
    let dir = tempfile::tempdir().unwrap();
    for (name, key) in [("a.toml", "simdd"), ("b.toml", "interuption")] {
        write(dir.path(), name, format!("summary = \"s\"\nextends = \"x86_64-minplat\"\n[wasm]\n{key} = true\n"));
    }
    refused(
        dir.path(),
        &["a.toml", "x86_64-minplat", "b.toml"],
        &["a.toml:4: wasm.simdd", "b.toml:4: wasm.interuption", "did you mean wasm.interruption"],
    );
}

#[test]
fn a_cargo_that_fails_is_quoted_and_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let root = toolchain(dir, "stub", "1.97.0");
    write(&root, "lib/rustlib/src/rust/library/core/src/lib.rs", "");
    let before = common::names(dir);
    build(dir, ["--toolchain", "./stub", "-o", "out"]).fails(1, &["x86_64-minplat", "cargo cannot tell", "no cargo"]);
    let mut after = common::names(dir);
    // Cargo's folder holds the target file by then; it is Cargo's input, in Cargo's place.
    after.retain(|name| !name.starts_with("target"));
    assert_eq!(after, before, "the folder of results must not be there");
}
