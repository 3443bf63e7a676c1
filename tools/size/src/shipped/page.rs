//! Tables for a document, and whether a document's are still true.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::ops::Range;

use anyhow::{Context, Result};

use super::measure::Shipped;

/// The lines of a document between which the tables stand.
const BEGIN: &str = "<!-- sizes: what minplat-size shipped prints -->\n";
const END: &str = "<!-- end of sizes -->\n";
/// What a number may be off: a part of it.
const TOLERANCE: f64 = 0.005;
/// The row with the guests themselves.
const MODULE: &str = "the module itself";
/// What stands before the programs.
const REFERENCE: &str = "Reference toolchain: ";

/// The tables, in Markdown.
pub(crate) fn tables(shipped: &Shipped) -> String {
    let mut out = format!("{REFERENCE}{}.\n\n", shipped.toolchain);
    out += "| library | bytes | flash | RAM | whole C API | `libminplat.so` | `budget.library` |\n";
    out += "| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n";
    for library in &shipped.libraries {
        let all = [library.total, library.flash, library.ram, library.whole].map(dotted).join(" | ");
        let may = |number: Option<u64>| number.map_or_else(String::new, dotted);
        _ = writeln!(out, "| `{}` | {all} | {} | {} |", library.platform, may(library.shared), may(library.budget));
    }
    for (nth, what) in ["artifact", "artifact, packed"].into_iter().enumerate() {
        _ = write!(out, "\n| {what} |");
        shipped.guests.iter().for_each(|(name, _)| _ = write!(out, " `{name}` |"));
        _ = writeln!(out, "\n| --- |{}", " ---: |".repeat(shipped.guests.len()));
        let mut row = |name: &str, numbers: Vec<u64>| {
            _ = writeln!(out, "| {name} | {} |", numbers.into_iter().map(dotted).collect::<Vec<_>>().join(" | "));
        };
        row(MODULE, shipped.guests.iter().map(|(_, bytes)| *bytes).collect());
        for (platform, sizes) in &shipped.artifacts {
            row(&format!("`{platform}`"), sizes.iter().map(|both| both[nth]).collect());
        }
    }
    out
}

/// The document with these tables in the place of its own.
///
/// # Errors
/// It has no place for them.
pub(crate) fn put(document: &str, tables: &str) -> Result<String> {
    let place = place(document)?;
    Ok(format!("{}{tables}{}", &document[..place.start], &document[place.end..]))
}

/// What became of a comparison.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// What is wrong.
    pub(crate) wrong: Vec<String>,
    /// What cannot be judged, and why.
    pub(crate) warnings: Vec<String>,
}

/// Compares a document's tables with these. With other programs than the document's, nothing is wrong, but told.
///
/// # Errors
/// It has no tables.
pub(crate) fn check(document: &str, tables: &str) -> Result<Verdict> {
    let written = &document[place(document)?];
    let mut verdict = Verdict::default();
    let (before, now) = (cells(written), cells(tables));
    // Another compiler makes another guest, and all that comes of it is another.
    let is_module = |(_, row, _): &&Key| row == MODULE;
    let other: BTreeSet<_> = before.keys().filter(is_module).filter(|key| before.get(key) != now.get(key)).collect();
    let others: BTreeSet<String> = other.into_iter().map(|(_, _, guest)| guest.clone()).collect();
    let guest = |guest: &String| {
        format!("{guest} is another module here than the document's, so its artifacts are not compared")
    };
    verdict.warnings.extend(others.iter().map(guest));
    let keys: BTreeSet<_> = before.keys().chain(now.keys()).filter(|(_, _, column)| !others.contains(column)).collect();
    for key in keys {
        let (before, now) = (before.get(key).copied().flatten(), now.get(key).copied().flatten());
        let is_near = match (before, now) {
            (Some(before), Some(now)) => (now as f64 - before as f64).abs() <= before as f64 * TOLERANCE,
            (before, now) => before == now,
        };
        if !is_near {
            let number = |number: Option<u64>| number.map_or_else(|| "nothing".into(), dotted);
            let (table, row, column) = key;
            verdict.wrong.push(format!("{table}, {row}, {column}: it was {}, and is {}", number(before), number(now)));
        }
    }
    let reference = |text: &str| text.lines().find_map(|line| line.strip_prefix(REFERENCE)).map(str::to_string);
    if reference(written) != reference(tables) {
        let here = reference(tables).unwrap_or_default();
        verdict.warnings.push(format!("the document's figures are of another toolchain; here it is {here}"));
        verdict.warnings.append(&mut verdict.wrong);
    }
    Ok(verdict)
}

fn place(document: &str) -> Result<Range<usize>> {
    let find =
        |line: &str| document.find(line).with_context(|| format!("the document has no line {}", line.trim_end()));
    let (begin, end) = (find(BEGIN)? + BEGIN.len(), find(END)?);
    anyhow::ensure!(begin <= end, "the document's lines around the tables are the wrong way round");
    Ok(begin..end)
}

/// Table, row, column.
type Key = (String, String, String);

/// The numbers in tables; none for what is no number.
fn cells(text: &str) -> BTreeMap<Key, Option<u64>> {
    let mut all = BTreeMap::new();
    let mut head: Vec<&str> = Vec::new();
    for line in text.lines() {
        let Some(line) = line.strip_prefix("| ") else {
            head.clear();
            continue;
        };
        let row: Vec<_> = line.trim_end_matches('|').split('|').map(|cell| cell.trim().trim_matches('`')).collect();
        if head.is_empty() {
            head = row;
        } else if !row[0].starts_with("---") {
            for (column, cell) in head.iter().zip(&row).skip(1) {
                let number = cell.replace(',', "").parse().ok();
                all.insert((head[0].to_string(), row[0].to_string(), column.to_string()), number);
            }
        }
    }
    all
}

/// A number with its thousands apart.
fn dotted(number: u64) -> String {
    let digits = number.to_string();
    let parts: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    parts.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shipped::measure::Library;

    fn shipped(total: u64, module: u64, artifact: u64) -> Shipped {
        let library = Library {
            platform: "p".into(),
            total,
            flash: total - 20,
            ram: 30,
            whole: 5000,
            shared: None,
            budget: Some(1_234_567),
        };
        Shipped {
            toolchain: "rustc 1".into(),
            libraries: vec![library],
            guests: vec![("g".into(), module)],
            artifacts: vec![("p".into(), vec![[artifact, 10]])],
        }
    }

    #[test]
    fn a_document_is_true_within_a_two_hundredth() {
        let document = put(&format!("a\n{BEGIN}old\n{END}b\n"), &tables(&shipped(1000, 50, 800))).unwrap();
        assert!(document.starts_with("a\n") && document.ends_with("b\n") && document.contains("| 1,234,567 |"));
        let verdict = |shipped| check(&document, &tables(&shipped)).unwrap();
        assert_eq!(verdict(shipped(1000, 50, 800)), Verdict::default());
        assert_eq!(verdict(shipped(1005, 50, 797)), Verdict::default());
        let Verdict { wrong, warnings } = verdict(shipped(1010, 50, 795));
        assert!(warnings.is_empty());
        assert_eq!(
            wrong,
            [
                "artifact, p, g: it was 800, and is 795",
                "library, p, bytes: it was 1,000, and is 1,010",
                "library, p, flash: it was 980, and is 990",
            ]
        );
        // Smaller is as untrue.
        assert_eq!(verdict(shipped(900, 50, 800)).wrong.len(), 2);
    }

    #[test]
    fn other_programs_are_told_and_wrong_is_nothing() {
        let document = put(&format!("{BEGIN}{END}"), &tables(&shipped(1000, 50, 800))).unwrap();
        let other = Shipped { toolchain: "rustc 2".into(), ..shipped(2000, 50, 800) };
        let Verdict { wrong, warnings } = check(&document, &tables(&other)).unwrap();
        assert!(wrong.is_empty() && warnings[0].contains("rustc 2") && warnings.len() == 3, "{warnings:?}");
        // A guest of another compiler.
        let Verdict { wrong, warnings } = check(&document, &tables(&shipped(1000, 51, 900))).unwrap();
        assert!(wrong.is_empty() && warnings.len() == 1 && warnings[0].starts_with("g is another"), "{warnings:?}");
    }

    #[test]
    fn what_is_missing_is_wrong() {
        let document = put(&format!("{BEGIN}{END}"), &tables(&shipped(1000, 50, 800))).unwrap();
        let less = Shipped { libraries: Vec::new(), ..shipped(1000, 50, 800) };
        assert_eq!(check(&document, &tables(&less)).unwrap().wrong.len(), 5);
        assert!(check("nothing", "").is_err());
    }
}
