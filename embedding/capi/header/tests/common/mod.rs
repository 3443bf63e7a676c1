//! What the tests share: where things lie, and the C compiler.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The folder of `minplat-capi`.
pub(crate) fn capi() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("this crate lies in minplat-capi's folder")
}

/// The checkout.
pub(crate) fn root() -> PathBuf {
    capi().join("../..").canonicalize().expect("minplat-capi lies in the checkout")
}

/// The headers that are shipped, and the Linux platform.
pub(crate) fn include() -> PathBuf {
    capi().join("include")
}

/// Every warning is an error.
pub(crate) const STRICT: &[&str] = &["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Werror"];

/// Runs a program in a folder, whatever comes of it.
pub(crate) fn run(program: &OsStr, arguments: &[&str], folder: &Path) -> Output {
    match Command::new(program).args(arguments).current_dir(folder).output() {
        Ok(output) => output,
        Err(error) => panic!("cannot start {}: {error}; install it, or put it into PATH", program.display()),
    }
}

/// Runs a program that must succeed; gives its output.
#[track_caller]
pub(crate) fn succeeds(program: &OsStr, arguments: &[&str], folder: &Path) -> String {
    let output = run(program, arguments, folder);
    assert!(
        output.status.success(),
        "{} {}: {}\n{}{}",
        program.display(),
        arguments.join(" "),
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Compiles with `cc`, which must succeed; gives its output.
#[track_caller]
pub(crate) fn cc(arguments: &[&str], folder: &Path) -> String {
    succeeds(OsStr::new("cc"), arguments, folder)
}
