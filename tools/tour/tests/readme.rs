//! The README as written: its `console` blocks with what they print, its platform file, and the commands on that.
//!
//! `TRYCMD=overwrite cargo test` writes what the blocks print anew. What needs a device library runs where
//! `MINPLAT_TEST_DEVICE` is set, as `./build.sh test` does; that script is the README's second command, and runs the first.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const PROGRAMS: [&str; 5] = ["minplat-compile", "minplat-inspect", "minplat-build", "minplat-host", "minplat-wast"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the checkout is there")
}

fn programs() -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_minplat-tour")).parent().expect("a program lies in a folder").to_path_buf()
}

fn left_out() -> bool {
    let left_out = std::env::var_os("MINPLAT_TEST_DEVICE").is_none();
    if left_out {
        eprintln!("left out: MINPLAT_TEST_DEVICE is not set; ./build.sh test sets it when the libraries are built");
    }
    left_out
}

/// The program of this name in `PATH`.
fn in_path(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|dir| dir.join(name)).find(|path| path.is_file());
    found.unwrap_or_else(|| panic!("{name} is not in PATH"))
}

#[test]
fn console_blocks_print_what_they_say() {
    if left_out() {
        return;
    }
    // A block's commands run where the test does; no other test of this file goes by its own folder.
    std::env::set_current_dir(root()).expect("the checkout is there");
    // What the README shows of it is a second build.
    let built = Command::new(programs().join("minplat-build")).arg("-q").env("MINPLAT_ARTIFACTS", "artifacts").status();
    assert!(built.expect("minplat-build can be run").success());
    let cases = trycmd::TestCases::new();
    for name in PROGRAMS {
        cases.register_bin(name, programs().join(name));
    }
    for name in ["nm", "cc"] {
        cases.register_bin(name, in_path(name));
    }
    cases.register_bin("artifacts/device", root().join("artifacts/device"));
    // trycmd wants an empty line behind what a command prints; readers do not.
    let dir = tempfile::tempdir().expect("a folder");
    let copy = dir.path().join("README.md");
    let readme = fs::read_to_string(root().join("README.md")).expect("README.md is there");
    fs::write(&copy, readme.replace("\n```\n", "\n\n```\n")).expect("it can be written");
    cases.env("MINPLAT_ARTIFACTS", "artifacts").case(&copy).run();
    if std::env::var_os("TRYCMD").is_some_and(|mode| mode == "overwrite") {
        let text = fs::read_to_string(&copy).expect("it is there");
        fs::write(root().join("README.md"), text.replace("\n\n```\n", "\n```\n")).expect("it can be written");
    }
}

/// The block of the README that begins with this line.
fn block(first: &str) -> String {
    let readme = fs::read_to_string(root().join("README.md")).expect("README.md is there");
    let mut blocks = readme.split("```").skip(1).step_by(2).filter_map(|block| block.split_once('\n'));
    let (_, block) = blocks.find(|(_, block)| block.starts_with(first)).unwrap_or_else(|| panic!("no block {first}"));
    block.to_string()
}

#[test]
fn a_machine_of_your_own_goes_through_all_tools() {
    if left_out() {
        return;
    }
    let dir = tempfile::tempdir().expect("a folder");
    fs::write(dir.path().join("mymachine.toml"), block("# mymachine.toml")).expect("it can be written");
    let main = r#"(module (func (export "main") (result i32) i32.const 42))"#;
    fs::write(dir.path().join("foo.wat"), main).expect("it can be written");
    let before = std::env::var_os("PATH").unwrap_or_default();
    let path = std::iter::once(programs()).chain(std::env::split_paths(&before));
    let path = std::env::join_paths(path).expect("no colons in it");
    let mut last = String::new();
    for command in block("minplat-compile -p mymachine.toml").lines() {
        let mut sh = Command::new("sh");
        sh.args(["-ec", command]).current_dir(dir.path()).env("PATH", &path).env_remove("MINPLAT_ARTIFACTS");
        let output = sh.output().expect("sh can be run");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command}: {error}");
        last = String::from_utf8_lossy(&output.stdout).into_owned();
    }
    assert_eq!(last.trim(), "42");
    assert!(dir.path().join("artifacts/mymachine/lib/libminplat.a").is_file());
}

#[test]
fn the_larger_program_in_c_builds_and_runs() {
    if left_out() {
        return;
    }
    let commands = block("cmake -S examples/c-embedder");
    let output = Command::new("sh").args(["-ec", &commands]).current_dir(root()).output().expect("sh can be run");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}{err}");
    let program = out.split_once("Built target c-embedder\n").expect("CMake says so").1.to_string();
    snapbox::assert_data_eq!(program, snapbox::Data::read_from(&root().join("examples/c-embedder/expected.txt"), None));
}

#[test]
fn folders_and_pages_that_it_names_are_there() {
    let readme = fs::read_to_string(root().join("README.md")).expect("README.md is there");
    let targets = readme.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let mut count = 0;
    for target in targets.filter(|target| !target.starts_with("http")) {
        assert!(root().join(target).exists(), "{target} is not there");
        count += 1;
    }
    assert!(count > 10, "the README has its table of folders");
}
