//! Tables for a document, and whether a document's are still true.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use anyhow::{Context, Result};
use minplat_report::{Place, thousands};

use super::measure::{BUDGETS, Shipped};

/// Where the tables stand in a document.
pub(crate) const PLACE: Place =
    Place { begin: "<!-- sizes: what minplat-size shipped prints -->", end: "<!-- end of sizes -->" };
/// What a number may be off: a part of it.
const TOLERANCE: f64 = 0.005;
/// What stands before the programs, and before Wasmtime's version.
const REFERENCE: &str = "Reference toolchain: ";
const WASMTIME: &str = "Wasmtime: ";
/// What columns begin with that no program has a part in.
const BUDGET: &str = "budget.";

/// The tables, in Markdown.
pub(crate) fn tables(shipped: &Shipped) -> String {
    let mut out = format!("{REFERENCE}{}.\n{WASMTIME}{}.\n\n", shipped.toolchain, shipped.wasmtime);
    out += "| library | bytes | flash | RAM | whole C API | `libminplat.so` | memories |";
    BUDGETS.iter().for_each(|budget| _ = write!(out, " `{}` |", budget.key()));
    _ = writeln!(out, "\n| --- |{} --- |{}", " ---: |".repeat(5), " ---: |".repeat(BUDGETS.len()));
    for library in &shipped.libraries {
        let may = |number: Option<u64>| number.map_or_else(String::new, thousands);
        let memories = if library.memories_on_heap { "heap" } else { "mapping" };
        let numbers = [library.total, library.flash, library.ram, library.whole].map(thousands);
        let mut cells = [&numbers[..], &[may(library.shared), memories.into()]].concat();
        cells.extend(library.budgets.map(may));
        _ = writeln!(out, "| `{}` | {} |", library.platform, cells.join(" | "));
    }
    for (guests, nth, what) in [
        (&shipped.guests, 0, "artifact"),
        (&shipped.guests, 1, "artifact, packed"),
        (&shipped.examples, 0, "example"),
        (&shipped.examples, 1, "example, packed"),
    ] {
        _ = write!(out, "\n| {what} |");
        guests.modules.iter().for_each(|(name, _)| _ = write!(out, " `{name}` |"));
        _ = writeln!(out, "\n| --- |{}", " ---: |".repeat(guests.modules.len()));
        let mut row = |name: &str, numbers: Vec<u64>| {
            _ = writeln!(out, "| {name} | {} |", numbers.into_iter().map(thousands).collect::<Vec<_>>().join(" | "));
        };
        row("the module itself", guests.modules.iter().map(|(_, bytes)| *bytes).collect());
        for (platform, sizes) in &guests.artifacts {
            row(&format!("`{platform}`"), sizes.iter().map(|both| both[nth]).collect());
        }
    }
    out
}

/// What became of a comparison.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// What is wrong.
    pub(crate) wrong: Vec<String>,
    /// What differs, as it may with other programs.
    pub(crate) warnings: Vec<String>,
}

/// Compares a document's tables with these. With other programs than the document's bytes may differ; rows, columns, budgets and
/// Wasmtime may not.
///
/// # Errors
/// It has no tables.
pub(crate) fn check(document: &str, tables: &str) -> Result<Verdict> {
    let written = PLACE.read(document)?;
    let line = |text: &str, name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(str::to_string);
    let reference = line(written, REFERENCE).context("the document does not say of which toolchain its tables are")?;
    let here = line(tables, REFERENCE).unwrap_or_default();
    let is_reference = reference == here;
    let mut verdict = Verdict::default();
    if !is_reference {
        verdict.warnings.push(format!("the document's figures are of another toolchain; here it is {here}"));
    }
    if line(written, WASMTIME) != line(tables, WASMTIME) {
        verdict.wrong.push("the document's figures are of another Wasmtime".into());
    }
    let (before, now) = (cells(written), cells(tables));
    for key in before.keys().chain(now.keys()).collect::<BTreeSet<_>>() {
        let (table, row, column) = key;
        let (was, is) = (before.get(key), now.get(key));
        let told = |cell: Option<&String>| cell.map_or("missing", String::as_str).to_string();
        let difference = || format!("{table}, {row}, {column}: it was {}, and is {}", told(was), told(is));
        match (was.map(|cell| number(cell)), is.map(|cell| number(cell))) {
            (Some(Some(was)), Some(Some(is))) if !column.starts_with(BUDGET) => {
                if (is - was).abs() > was * TOLERANCE {
                    let list = if is_reference { &mut verdict.wrong } else { &mut verdict.warnings };
                    list.push(difference());
                }
            }
            _ if was == is => {}
            _ => verdict.wrong.push(difference()),
        }
    }
    Ok(verdict)
}

/// Table, row, column.
type Key = (String, String, String);

/// What stands in tables.
fn cells(text: &str) -> BTreeMap<Key, String> {
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
                all.insert((head[0].to_string(), row[0].to_string(), column.to_string()), cell.to_string());
            }
        }
    }
    all
}

fn number(cell: &str) -> Option<f64> {
    cell.replace(',', "").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shipped::measure::{Guests, Library};

    fn shipped(total: u64, module: u64, artifact: u64) -> Shipped {
        let library = Library {
            platform: "p".into(),
            total,
            flash: total - 20,
            ram: 30,
            whole: 5000,
            shared: None,
            budgets: [Some(1_234_567), None, None, None],
            memories_on_heap: true,
            parts: Default::default(),
        };
        Shipped {
            toolchain: "rustc 1".into(),
            wasmtime: "48".into(),
            libraries: vec![library],
            guests: Guests { modules: vec![("g".into(), module)], artifacts: vec![("p".into(), vec![[artifact, 10]])] },
            examples: Guests::default(),
        }
    }

    /// A document with this in the place of the tables.
    fn around(text: &str) -> String {
        format!("a\n{}\n{text}{}\nb\n", PLACE.begin, PLACE.end)
    }

    fn document() -> String {
        PLACE.put(&around("old\n"), &tables(&shipped(1000, 50, 800))).unwrap()
    }

    fn verdict(shipped: &Shipped) -> Verdict {
        check(&document(), &tables(shipped)).unwrap()
    }

    #[test]
    fn a_document_is_true_within_a_two_hundredth() {
        let document = document();
        assert!(document.starts_with("a\n") && document.ends_with("b\n") && document.contains("| 1,234,567 |"));
        assert_eq!(verdict(&shipped(1000, 50, 800)), Verdict::default());
        assert_eq!(verdict(&shipped(1004, 50, 797)), Verdict::default());
        let Verdict { wrong, warnings } = verdict(&shipped(1010, 51, 795));
        assert!(warnings.is_empty());
        assert_eq!(
            wrong,
            [
                "artifact, p, g: it was 800, and is 795",
                "artifact, the module itself, g: it was 50, and is 51",
                "artifact, packed, the module itself, g: it was 50, and is 51",
                "library, p, bytes: it was 1,000, and is 1,010",
                "library, p, flash: it was 980, and is 990",
            ]
        );
        // Smaller is as untrue.
        assert_eq!(verdict(&shipped(900, 50, 800)).wrong.len(), 2);
    }

    #[test]
    fn other_programs_may_make_other_bytes_and_nothing_else() {
        let other = |shipped| Shipped { toolchain: "rustc 2".into(), ..shipped };
        let Verdict { wrong, warnings } = verdict(&other(shipped(2000, 50, 800)));
        assert!(wrong.is_empty() && warnings[0].contains("rustc 2") && warnings.len() == 3, "{warnings:?}");
        let mut more = other(shipped(1000, 50, 800));
        more.libraries[0].budgets[0] = Some(1_234_568);
        more.wasmtime = "49".into();
        more.libraries.push(Library { platform: "q".into(), ..more.libraries[0].clone() });
        more.guests = Guests::default();
        let Verdict { wrong, warnings } = verdict(&more);
        assert_eq!(warnings.len(), 1);
        assert!(
            wrong[0].contains("another Wasmtime") && wrong.iter().any(|wrong| wrong.contains("1,234,568")),
            "{wrong:?}"
        );
        assert!(wrong.contains(&"artifact, p, g: it was 800, and is missing".to_string()), "{wrong:?}");
        assert_eq!(wrong.iter().filter(|wrong| wrong.starts_with("library, q, ")).count(), 10);
    }

    #[test]
    fn a_document_without_figures_is_none() {
        let tables = tables(&shipped(1000, 50, 800));
        assert!(check("nothing", &tables).is_err());
        assert!(check(&around(""), &tables).unwrap_err().to_string().contains("toolchain"));
        // The rows that are not there are told each.
        let empty = around(&format!("{REFERENCE}rustc 1.\n{WASMTIME}48.\n"));
        assert_eq!(check(&empty, &tables).unwrap().wrong.len(), 10 + 4);
    }
}
