//! `docs/rust.md` as written: its commands are run, what they print is compared, and its Rust is that of the example. With
//! MINPLAT_TEST_DEVICE=1; the two builds of the example share a folder.

mod common;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use common::device;
use object::{Object, ObjectSymbol};

const KERNEL: &str = "examples/rust-kernel/target/x86_64-minplat/debug/rust-kernel";

/// Language and text of each block of the page.
fn blocks() -> Vec<(String, String)> {
    let page = fs::read_to_string(common::checkout().join("docs/rust.md")).unwrap();
    let blocks = page.split("```").skip(1).step_by(2);
    blocks.filter_map(|block| block.split_once('\n')).map(|(kind, text)| (kind.into(), text.into())).collect()
}

/// Runs a block in the checkout, with the tools in `PATH`; gives what the last command printed.
#[track_caller]
fn run(block: &str) -> String {
    let programs = PathBuf::from(env!("CARGO_BIN_EXE_minplat-build"));
    let before = std::env::var_os("PATH").unwrap_or_default();
    let path = std::iter::once(programs.parent().unwrap().to_path_buf()).chain(std::env::split_paths(&before));
    let mut shell = Command::new("bash");
    shell.args(["-euo", "pipefail", "-c", block]).current_dir(common::checkout());
    shell.env("PATH", std::env::join_paths(path).unwrap());
    // What the tests are built with is not what the example is built with.
    for name in
        ["CARGO", "CARGO_TARGET_DIR", "RUSTFLAGS", "RUSTC", "RUSTUP_TOOLCHAIN", "MINPLAT_PLATFORM", "MINPLAT_SET"]
    {
        shell.env_remove(name);
    }
    let said = common::Said::from(shell.output().unwrap()).ok();
    said.out
}

#[test]
fn the_page_does_what_it_says() {
    if !device::wanted("rust kernel") || !device::has_time("rust kernel") {
        return;
    }
    assert!(common::checkout().join("target/release").is_dir(), "the page's tools are those of a built checkout");
    let blocks = blocks();
    let of = |kind: &str| blocks.iter().filter(|(found, _)| found == kind).map(|(_, text)| text).collect::<Vec<_>>();
    let (commands, printed) = (of("sh"), of("text"));
    assert_eq!((commands.len(), printed.len()), (3, 3));

    let first = run(commands[0]);
    assert_eq!(first, *printed[0], "left: the example, right: docs/rust.md");
    symbols_are_the_platforms();
    let checked = run(commands[1]);
    assert_eq!(checked, format!("{}{}", printed[1], printed[0]), "left: the example, right: docs/rust.md");
    let with_component = run(commands[2]);
    assert_eq!(with_component, format!("{}{}", printed[0], printed[2]), "left: the example, right: docs/rust.md");
    the_build_script_says_what_is_wrong();
}

/// The build script of `minplat`, as the example's build left it, with other variables.
fn the_build_script_says_what_is_wrong() {
    let features = ["virtual-memory"];
    for (platform, features, words) in [
        (None, &features[..], &["MINPLAT_PLATFORM names none", "--print cargo-config"][..]),
        (Some("x86_64-minplt"), &features, &["did you mean x86_64-minplat"]),
        (Some("mine/mine.toml"), &features, &["mine/mine.toml", "give an absolute one", "relative = true"]),
        (
            Some("x86_64-minplat-traps"),
            &features,
            &["x86_64-minplat-traps: add traps;", "features = [\"virtual-memory\", \"traps\""],
        ),
        (Some("x86_64-minplat"), &["virtual-memory", "traps", "gc-drc"], &["x86_64-minplat: take out traps, gc-drc;"]),
        (Some("pulley64-minplat"), &["debug"], &["add virtual-memory, pulley and take out debug;"]),
    ] {
        let said = script(platform, features);
        for word in words {
            assert!(said.contains(word), "{word} is not in {said}");
        }
        assert!(said.contains("cargo::error="), "{said}");
    }
    let said = script(Some("x86_64-minplat"), &features);
    assert!(!said.contains("cargo::error="), "{said}");
}

fn script(platform: Option<&str>, features: &[&str]) -> String {
    let built = common::checkout().join("examples/rust-kernel/target/debug/build");
    let scripts = fs::read_dir(built).unwrap().map(|entry| entry.unwrap().path());
    let scripts = scripts.filter(|dir| dir.file_name().unwrap().to_string_lossy().starts_with("minplat-"));
    let newest = scripts.map(|dir| dir.join("build-script-build")).filter(|script| script.is_file());
    let newest = newest.max_by_key(|script| fs::metadata(script).unwrap().modified().unwrap());
    let out = tempfile::tempdir().unwrap();
    let mut command = Command::new(newest.expect("the example was built"));
    command.env_clear().env("OUT_DIR", out.path()).current_dir(out.path());
    command.envs(platform.map(|platform| ("MINPLAT_PLATFORM", platform)));
    command.envs(features.iter().map(|f| (format!("CARGO_FEATURE_{}", f.to_uppercase().replace('-', "_")), "1")));
    common::Said::from(command.output().unwrap()).ok().out
}

/// The program defines the functions that `--print symbols` lists, and no other part of it asks for more.
fn symbols_are_the_platforms() {
    let listed = common::build(&common::checkout(), ["--print", "symbols", "examples/rust-kernel/platform.toml"]).ok();
    let bytes = fs::read(common::checkout().join(KERNEL)).unwrap();
    let program = object::File::parse(&*bytes).unwrap();
    let names: Vec<_> = program.symbols().filter_map(|symbol| symbol.name().ok().map(str::to_string)).collect();
    for name in listed.out.lines() {
        assert!(names.iter().any(|defined| defined == name), "{name} is listed, and the example does not define it");
    }
    let undefined =
        program.symbols().filter(|symbol| symbol.is_undefined() && symbol.name().is_ok_and(|n| !n.is_empty()));
    assert_eq!(undefined.count(), 0);
}

#[test]
fn its_rust_is_the_examples() {
    let source =
        |name: &str| fs::read_to_string(common::checkout().join("examples/rust-kernel/src").join(name)).unwrap();
    let main = source("main.rs");
    let rust: Vec<_> = blocks().into_iter().filter(|(kind, _)| kind == "rust").collect();
    assert!(!rust.is_empty());
    for (_, text) in &rust {
        assert!(main.contains(text), "src/main.rs of the example has not:\n{text}");
    }
    // What docs/platform-checks.md shows is in `checks.rs`.
    let page = fs::read_to_string(common::checkout().join("docs/platform-checks.md")).unwrap();
    let shown = page.split("```rust\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let checks = source("checks.rs");
    for line in shown.lines() {
        assert!(
            checks.lines().any(|known| known.trim() == line.trim()),
            "src/checks.rs of the example has not: {line}"
        );
    }
    let lines: usize = rust.iter().map(|(_, text)| text.lines().count()).sum();
    let commands = blocks().iter().find(|(kind, _)| kind == "sh").map_or(0, |(_, text)| text.lines().count());
    assert!(lines + commands < 30, "a quick start is short: {lines} lines of Rust, {commands} of commands");
}
