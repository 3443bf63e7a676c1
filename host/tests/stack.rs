//! The native stack: what a library needs of it, and that a guest never leaves what it was given.

mod common;

use std::fs;
use std::path::Path;

use serde_json::Value;

const ROWS: [&str; 7] = ["prepare", "load", "instantiate", "call", "host_call", "trap", "nested_trap"];

/// The probe guest.
fn wat() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/stack.wat")).unwrap()
}

/// Runs `minplat-host stack`.
fn stack(folder: &Path, options: &[&str], files: &[&Path]) -> common::Said {
    common::host(folder).arg("stack").args(options).args(files).output().unwrap().into()
}

/// On every platform that a process can hold: measured, within the budget, and recursion ends in a trap where there is not a
/// byte more than promised.
#[test]
fn every_library_keeps_its_stack_budget_and_guests_keep_to_their_bytes() {
    let Some(guests) = common::Guests::new() else { return };
    for platform in common::PLATFORMS {
        let Some(library) = common::library(platform) else { continue };
        let probe = guests.compile(platform, &wat(), &["-p", platform]);
        let said = stack(guests.path(), &["--json", "--library"], &[&library, &probe]);
        assert_eq!(said.code, 0, "{platform}: {said:?}");
        let told: Value = serde_json::from_str(&said.out).unwrap();
        assert_eq!(told["platform"], platform);
        let number = |value: &Value| value.as_u64().unwrap_or_else(|| panic!("{platform}: {told}"));
        let (native, budget, most) = (number(&told["native_stack"]), number(&told["budget"]), number(&told["most"]));
        for row in ROWS {
            // Less would be no measurement: each has frames of Wasmtime's on the stack.
            assert!((512..=most).contains(&number(&told["need"][row])), "{platform}: {row} in {told}");
        }
        assert!(
            most <= budget && budget - most < 2048,
            "{platform}: {most} of {budget}: not the budget that is reached"
        );
        let recursion = &told["recursion"];
        assert_eq!(number(&recursion["stack"]), native + budget);
        for how in ["wasm", "through_host"] {
            let used = number(&recursion[how]);
            assert!(used <= native + budget, "{platform}: {told}");
            // Native code has used what it was given; bytecode has its stack on the heap.
            assert!(platform.starts_with("pulley") || used > native, "{platform}: {told}");
        }
    }
}

#[test]
fn a_library_that_needs_more_than_its_budget_fails_and_says_which_call() {
    let (Some(guests), Some(library)) = (common::Guests::new(), common::library("x86_64-minplat")) else { return };
    let probe = guests.compile("stack", &wat(), &["-p", "x86_64-minplat"]);
    // The library with another platform file beside it.
    let (lib, share) = (guests.path().join("lib"), guests.path().join("share/minplat"));
    fs::create_dir_all(&lib).unwrap();
    fs::create_dir_all(&share).unwrap();
    let copy = lib.join("libminplat.so");
    fs::copy(&library, &copy).unwrap();
    let with_budget = |bytes: &str| {
        let file = format!("summary = \"small\"\nextends = \"x86_64-minplat\"\n[budget]\nstack = \"{bytes}\"\n");
        fs::write(share.join("platform.toml"), file).unwrap();
        stack(guests.path(), &["--library"], &[&copy, &probe])
    };
    // Not all of them: a guest that recurses has to have room for its trap.
    let said = with_budget("6 KiB").fails(1, &["budget.stack = 6144 bytes", "load"]);
    assert!(said.out.contains("at most") && said.out.contains("of 6144"), "{said:?}");
    let said = with_budget("64 KiB");
    assert!(said.code == 0 && said.out.contains("wasm, host, wasm"), "{said:?}");
}

#[test]
fn a_guest_that_is_no_probe_is_refused() {
    let (Some(guests), Some(library)) = (common::Guests::new(), common::library("x86_64-minplat")) else { return };
    let other = guests.compile("other", "(module (func (export \"nothing\")))", &["-p", "x86_64-minplat"]);
    stack(guests.path(), &["--library"], &[&library, &other]).fails(1, &["cannot measure", "examples/stack.wat"]);
}
