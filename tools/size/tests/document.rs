//! What docs/size.md says of the library is what a report says, and what the study in docs/size-study.csv found.

mod common;

use std::collections::BTreeMap;

use common::run;
use serde_json::Value;

const PAGE: &str = include_str!("../../../docs/size.md");
const SIZES: &str = include_str!("../../../docs/sizes.md");
const RESULTS: &str = include_str!("../../../docs/size-study.csv");
const CHART: &str = include_str!("../../../docs/size-study.svg");

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
    let section = section("## What is left");
    let mut count = 0;
    for line in section.lines() {
        let cells: Vec<_> = line.split(" | ").collect();
        let Some(said) = number(cells[0]) else { continue };
        let said = said.unsigned_abs();
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

/// The libraries that the page begins with are those of the table of all.
#[test]
fn the_document_has_the_bytes_of_the_libraries() {
    let mut count = 0;
    for line in PAGE.lines().filter(|line| line.starts_with("| `") && line.matches(" | ").count() == 2) {
        let cells: Vec<_> = line.split(" | ").collect();
        assert_eq!(number(cells[2].trim_end_matches(" |")), Some(library(cells[0])), "{line}");
        count += 1;
    }
    assert_eq!(count, 6);
    let base = library("| `x86_64-minplat`");
    let mut count = 0;
    for line in section("## What several cost together").lines() {
        let cells: Vec<_> = line.split(" | ").collect();
        let Some(said) = number(cells[0]) else { continue };
        assert_eq!(said, library(&format!("| {}", cells[1])) - base, "{line}");
        count += 1;
    }
    assert_eq!(count, 6);
}

/// The study is one of the library as it is now, give or take what `minplat-size shipped --check` allows; the page's table is its
/// table, and each finding is a row of it.
#[test]
fn the_document_has_what_the_study_found() {
    let study = study();
    let base = study["as the platform has it"]["total"];
    let now = library("| `x86_64-minplat`");
    assert!(
        base.bytes.abs_diff(now) * 200 <= now.unsigned_abs(),
        "docs/size-study.csv is of a library of {} bytes, and it takes {now} now; make the study again, as docs/size.md says",
        base.bytes
    );

    let section = section("## What each knob costs");
    let table = section.split("```text\n").nth(1).unwrap().split("```").next().unwrap();
    let mut last = i64::MIN;
    let mut rows = 0;
    for line in table.lines() {
        let cells: Vec<_> = line.split_whitespace().collect();
        if cells.len() < 9 || cells[0].parse::<i64>().is_err() {
            continue;
        }
        let name = cells[8..].join(" ");
        let measured = &study[name.as_str()];
        let [bytes, change, _, rest @ ..] = &cells[..8] else { unreachable!("eight columns") };
        let is = |text: &str, is: i64| assert_eq!(text.parse(), Ok(is), "{name}: {line}");
        is(bytes, measured["total"].bytes);
        is(change, measured["total"].change);
        for (text, measure) in rest.iter().zip(["text", "data", "bss", "whole", "shared"]) {
            match measured.get(measure) {
                Some(found) => is(text, found.bytes),
                // No host could load such a library.
                None => assert_eq!((measure, *text), ("shared", "-"), "{name}"),
            }
        }
        assert!(last <= measured["total"].change, "{name} stands behind what costs more");
        last = measured["total"].change;
        rows += 1;
    }
    assert_eq!(rows, study.len(), "the page's table is not that of docs/size-study.csv");

    let mut findings = Vec::new();
    for line in section.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<_> = line.split(" | ").collect();
        let Some(said) = number(cells[0]) else { continue };
        let name = cells[1].trim_matches('`');
        let found = study.get(name).unwrap_or_else(|| panic!("the study has no {name}"))["total"].change;
        assert_eq!(said, found, "{line}");
        findings.push(said.abs());
    }
    assert!(findings.len() > 5 && findings.is_sorted_by(|a, b| a >= b), "not in the order of effect: {findings:?}");
}

/// The chart has a bar for each change of the table.
#[test]
fn the_chart_is_of_the_same_study() {
    let mut said: Vec<_> = CHART.split("</text>").filter_map(|text| number(text.rsplit('>').next()?)).collect();
    let mut found: Vec<_> =
        study().values().map(|measures| measures["total"].change).filter(|change| *change != 0).collect();
    said.sort_unstable();
    found.sort_unstable();
    assert_eq!(said, found);
}

/// A section of the page.
fn section(title: &str) -> &'static str {
    let after = PAGE.split(title).nth(1).unwrap_or_else(|| panic!("docs/size.md has no {title}"));
    after.split("\n## ").next().unwrap()
}

/// A number as the page has it, as a cell.
fn number(cell: &str) -> Option<i64> {
    cell.trim_start_matches("| ").replace(',', "").parse().ok()
}

/// The bytes of a library, by its row of docs/sizes.md.
fn library(row: &str) -> i64 {
    let line = SIZES.lines().find(|line| line.starts_with(&format!("{row} | "))).unwrap_or_else(|| panic!("no {row}"));
    line.split(" | ").nth(1).and_then(number).unwrap()
}

/// What the study measured of a library.
#[derive(Clone, Copy)]
struct Measured {
    bytes: i64,
    change: i64,
}

/// The study: what was turned, and each measure of that.
fn study() -> BTreeMap<&'static str, BTreeMap<&'static str, Measured>> {
    let mut all = BTreeMap::<_, BTreeMap<_, _>>::new();
    for line in RESULTS.lines().skip(1) {
        let what = line.split(',').nth(2).unwrap();
        let [change, bytes, measure] = line.rsplitn(4, ',').take(3).collect::<Vec<_>>().try_into().unwrap();
        let measured = Measured { bytes: bytes.parse().unwrap(), change: change.parse().unwrap() };
        all.entry(what).or_default().insert(measure, measured);
    }
    all
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
