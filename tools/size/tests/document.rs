//! What docs/size.md says of the library is what a report says.

mod common;

use common::run;
use serde_json::Value;

/// The parts of the library that the document names, each with the bytes of it.
#[test]
fn the_document_has_the_bytes_of_what_is_left() {
    if std::env::var_os("MINPLAT_TEST_DEVICE").is_none() {
        eprintln!("skipped; run minplat-build, and the test with MINPLAT_TEST_DEVICE=1");
        return;
    }
    let (code, json, err) = run(&["report", "x86_64-minplat", "--by", "symbol", "--json"]);
    assert_eq!(code, Some(0), "{err}");
    let report: Value = serde_json::from_str(&json).unwrap();
    let rows: Vec<_> = report["rows"].as_array().unwrap().iter().map(Row::of).collect();
    let document = include_str!("../../../docs/size.md");
    let section = document.split("## What is left").nth(1).unwrap().split("\n## ").next().unwrap();
    let mut count = 0;
    for line in section.lines() {
        let cells: Vec<_> = line.split(" | ").collect();
        let Ok(said) = cells[0].trim_start_matches("| ").replace(',', "").parse::<u64>() else { continue };
        let names: Vec<_> = cells[1].split('`').skip(1).step_by(2).collect();
        let of_these = |row: &&Row| names.iter().any(|name| row.owner == *name || row.item.contains(name));
        let is: u64 = rows.iter().filter(of_these).map(|row| row.bytes).sum();
        assert!(said.abs_diff(is) * 100 <= is, "{names:?}: docs/size.md says {said} bytes, and it is {is}");
        count += 1;
    }
    assert!(count > 5, "only {count} rows");
    // The row beside other runtimes.
    let page = include_str!("../../../docs/size-tool.md");
    let total = report["total"].to_string();
    assert!(
        page.lines().any(|line| line.starts_with("minplat ") && line.contains(&total)),
        "{total} is not in size-tool.md"
    );
}

struct Row {
    owner: String,
    /// Without the angles around types.
    item: String,
    bytes: u64,
}

impl Row {
    fn of(row: &Value) -> Self {
        let text = |key: &str| row[key].as_str().unwrap().replace(['<', '>'], "");
        Self { owner: text("owner"), item: text("item"), bytes: row["bytes"].as_u64().unwrap() }
    }
}
