//! `budget.module`: what is larger is not written, whatever is written of it, and what grew is told.

mod common;

use std::fs;

use common::compile;

/// Some 4 KB where it is not packed, a few hundred bytes where it is.
const SMALL: &str = "(module (func (export \"one\") (result i32) (i32.const 1)))";

#[test]
fn what_is_too_large_is_not_written() {
    let dir = tempfile::tempdir().unwrap();
    common::write(dir.path(), "a.wat", SMALL);
    let limit = |bytes: usize| format!("budget.module={bytes}");
    compile(dir.path(), ["a.wat"]).ok();
    let before = fs::read(dir.path().join("a.cwasm")).unwrap();
    common::write(
        dir.path(),
        "a.wat",
        format!("{} (func (export \"two\") (result i32) (i32.const 2)))", &SMALL[..SMALL.len() - 1]),
    );
    let tight = limit(before.len());
    for how in [&[][..], &["--check"], &["--emit", "obj"], &["--emit", "rust"]] {
        let said = compile(dir.path(), [&["--set", &tight, "a.wat"], how].concat());
        let said = said.fails(
            1,
            &["a.wat: its artifact is too large", &tight.replace("=", " is "), "its parts: ", "minplat-size module"],
        );
        // Of what is written the artifact alone is compared: an object file is none, and with --check nothing has a place.
        let is_compared = how.is_empty() || how.last() == Some(&"rust");
        assert_eq!(said.err.contains("these grew since: "), is_compared, "{}", said.err);
    }
    assert!(fs::read(dir.path().join("a.cwasm")).unwrap() == before);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2, "nothing else was written");
    // Counted is what is stored.
    compile(dir.path(), ["--set", &limit(1000), "--pack", "a.wat"]).ok();
    compile(dir.path(), ["--set", &limit(100), "--pack", "a.wat"]).fails(1, &["budget.module is 100"]);
    compile(dir.path(), ["--set", &limit(before.len() + 1000), "a.wat", "-o", "b.cwasm"]).ok();
}

#[test]
fn json_says_it_too() {
    let dir = tempfile::tempdir().unwrap();
    common::write(dir.path(), "a.wat", SMALL);
    let said = compile(dir.path(), ["--json", "--set", "budget.module=10", "a.wat"]);
    assert_eq!(said.code, 1);
    let report: serde_json::Value = serde_json::from_str(&said.text()).unwrap();
    assert!(report["modules"][0]["error"].as_str().unwrap().contains("budget.module is 10"), "{report:#}");
}
