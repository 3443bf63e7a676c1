//! The verdict, and the page that tells it. `SNAPSHOTS=overwrite` writes the page anew.
//!
//! Needs the libraries of all platforms that this machine can load, so it runs where `MINPLAT_TEST_DEVICE` is set, as
//! `./build.sh test` does.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// What the verdict may take, all platforms together.
const MOST: Duration = Duration::from_secs(15 * 60);

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the checkout is there")
}

#[test]
fn every_suite_passes_where_it_is_promised_and_the_page_says_so() {
    if std::env::var_os("MINPLAT_TEST_DEVICE").is_none_or(|value| value.is_empty()) {
        eprintln!("left out: MINPLAT_TEST_DEVICE is not set; ./build.sh test sets it when the libraries are built");
        return;
    }
    let begin = Instant::now();
    let mut command = Command::new(env!("CARGO_BIN_EXE_minplat-wast"));
    let output = command.current_dir(root()).args(["--conformance", "--quiet"]).output().expect("it can be run");
    let took = begin.elapsed();
    eprintln!("the verdict took {} s", took.as_secs());
    // Failures that are not in the table, and entries of the table that pass, are on standard error.
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let page = String::from_utf8(output.stdout).expect("it is text");
    snapbox::assert_data_eq!(page, snapbox::Data::read_from(&root().join("docs/conformance.md"), None).raw());
    assert!(took <= MOST, "the verdict took {} s, and CI gives it {} s", took.as_secs(), MOST.as_secs());
}
