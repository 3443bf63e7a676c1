//! What `wasmtime-platform.c` does beyond its contracts.
#![cfg(target_os = "linux")]

mod common;

use std::ffi::OsStr;

use common::{STRICT, capi, cc, include, run};

/// Builds a program of `tests/` with the Linux platform, and runs it: it says what is wrong, else nothing.
#[track_caller]
fn holds(name: &str, libraries: &[&str]) {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let sources = [capi().join("tests").join(format!("{name}.c")), include().join("wasmtime-platform.c")];
    let [program, platform] = sources.map(|path| path.display().to_string());
    let headers = format!("-I{}", include().display());
    let arguments = ["-std=c11", "-O1", "-o", name, &headers, &program, &platform];
    cc(&[&arguments, libraries, STRICT].concat(), folder.path());
    let output = run(OsStr::new(&folder.path().join(name)), &[], folder.path());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {said}", output.status);
}

/// It takes signals over for all threads at once, and never without knowing whose they were.
#[test]
fn two_threads_take_the_signals_over_once() {
    holds("init_traps", &["-pthread", "-ldl"]);
}

#[test]
fn images_are_pages_of_a_file_that_is_mapped() {
    holds("mapped_file", &[]);
}
