//! What a module takes in memory.

mod common;

use common::{Guests, library};
use serde_json::Value;

/// The guest of the size probe on a device without traps, used where it lies: heap and pages besides the artifact.
#[test]
fn a_small_module_takes_12_kib_of_heap_and_20_kib_of_pages_at_most() {
    let (Some(guests), Some(library)) = (Guests::new(), library("x86_64-minplat")) else { return };
    let artifact = guests.compile("probe", include_str!("../../examples/size-probe.wat"), &[] as &[&str]);
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_minplat-host"))
        .args(["run".as_ref(), artifact.as_os_str(), "--library".as_ref(), library.as_os_str()])
        .args(["--stats", "--json", "--in-place", "--stub-imports", "--invoke", "run", "5"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let bytes = |pointer: &str| report.pointer(pointer).and_then(Value::as_u64).unwrap_or_else(|| panic!("{report:#}"));
    let (heap, pages) = (bytes("/stats/heap/peak"), bytes("/stats/platform/mapped_peak"));
    // A call is made: heap has been in use.
    assert!(
        (1..=12 << 10).contains(&heap) && (heap..=20 << 10).contains(&pages),
        "{heap} bytes of heap, {pages} of pages"
    );
    let purposes = ["code", "memories", "tables", "instances", "types", "metadata", "other", "waste"];
    let sum: u64 = purposes.iter().map(|purpose| bytes(&format!("/stats/memory/{purpose}"))).sum();
    assert_eq!(sum, bytes("/stats/memory/total"), "every byte has a purpose: {report:#}");
}
