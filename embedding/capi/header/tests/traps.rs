//! The Linux platform takes signals over for all threads at once, and never without knowing whose they were.
#![cfg(target_os = "linux")]

mod common;

use std::ffi::OsStr;

use common::{STRICT, capi, cc, include, run};

#[test]
fn two_threads_take_the_signals_over_once() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let sources = [capi().join("tests/init_traps.c"), include().join("wasmtime-platform.c")];
    let [program, platform] = sources.map(|path| path.display().to_string());
    let headers = format!("-I{}", include().display());
    let arguments = ["-std=c11", "-O1", "-o", "init_traps", &headers, &program, &platform, "-pthread", "-ldl"];
    cc(&[&arguments, STRICT].concat(), folder.path());
    let output = run(OsStr::new(&folder.path().join("init_traps")), &[], folder.path());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {said}", output.status);
}
