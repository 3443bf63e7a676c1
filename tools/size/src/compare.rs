//! Two reports beside each other: what grew, what shrank. The differences of rows add up to that of the totals.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::{Class, Report};
use minplat_report::Table;

/// What changed between two reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Comparison {
    /// What was.
    pub(crate) before: String,
    /// What is.
    pub(crate) after: String,
    /// Bytes before, after, and the difference.
    pub(crate) total: Change,
    /// Of flash.
    pub(crate) flash: Change,
    /// Of RAM.
    pub(crate) ram: Change,
    /// By section.
    pub(crate) sections: Vec<Named>,
    /// By owner.
    pub(crate) owners: Vec<Named>,
    /// By what an owner has.
    pub(crate) rows: Vec<Named>,
    /// How both were made.
    pub(crate) method: Vec<String>,
}

/// Bytes of one thing in both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Change {
    /// Before; zero: it was not there.
    pub(crate) before: u64,
    /// After; zero: it is gone.
    pub(crate) after: u64,
}

impl Change {
    /// How much it grew.
    pub(crate) fn by(self) -> i64 {
        self.after as i64 - self.before as i64
    }
}

/// A thing and its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Named {
    /// The section; for rows the class.
    pub(crate) kind: String,
    /// Its owner.
    pub(crate) owner: String,
    /// What it is.
    pub(crate) item: String,
    /// Its bytes.
    #[serde(flatten)]
    pub(crate) change: Change,
}

impl Comparison {
    /// Puts two reports side by side.
    pub(crate) fn new(before: &Report, after: &Report) -> Self {
        let change = |of: fn(&Report) -> u64| Change { before: of(before), after: of(after) };
        let sections = pair(before, after, |report| {
            report.sections.iter().map(|s| ((s.name.clone(), String::new(), String::new()), s.bytes)).collect()
        });
        let owners = pair(before, after, |report| {
            report.rows.iter().map(|row| ((String::new(), row.owner.clone(), String::new()), row.bytes)).collect()
        });
        let rows = pair(before, after, |report| {
            let class = |class: Class| class.name().to_string();
            report.rows.iter().map(|row| ((class(row.class), row.owner.clone(), row.item.clone()), row.bytes)).collect()
        });
        let mut method = before.method.clone();
        method.extend(after.method.iter().filter(|sentence| !before.method.contains(sentence)).cloned());
        if before.by != after.by {
            method.insert(
                0,
                "The two were not attributed in the same way, so rows differ where nothing has changed.".into(),
            );
        }
        Self {
            before: before.name.clone(),
            after: after.name.clone(),
            total: change(|report| report.total),
            flash: change(|report| report.flash),
            ram: change(|report| report.ram),
            sections,
            owners,
            rows,
            method,
        }
    }

    /// For people; of rows, the `top` largest changes (0: all).
    pub(crate) fn text(&self, top: usize) -> String {
        let Self { before, after, .. } = self;
        let one =
            |name: &str, change: Change| format!("{name} {} -> {} ({:+})", change.before, change.after, change.by());
        let mut out = format!("{before} -> {after}\n{}", one("bytes", self.total));
        out += &format!(", {}, {}\n", one("flash", self.flash), one("RAM", self.ram));
        out += &part("section", &self.sections, 0, |named| vec![named.kind.clone()]);
        out += &part("owner", &self.owners, 0, |named| vec![named.owner.clone()]);
        out +=
            &part("what", &self.rows, top, |named| vec![named.kind.clone(), named.owner.clone(), named.item.clone()]);
        out.push('\n');
        out.extend(self.method.iter().map(|sentence| format!("{sentence}\n")));
        out
    }
}

type Key = (String, String, String);

fn pair(before: &Report, after: &Report, of: impl Fn(&Report) -> Vec<(Key, u64)>) -> Vec<Named> {
    let mut all = BTreeMap::<Key, Change>::new();
    for (key, bytes) in of(before) {
        all.entry(key).or_default().before += bytes;
    }
    for (key, bytes) in of(after) {
        all.entry(key).or_default().after += bytes;
    }
    let named = |((kind, owner, item), change): (Key, Change)| Named { kind, owner, item, change };
    let mut all: Vec<_> = all.into_iter().filter(|(_, change)| change.by() != 0).map(named).collect();
    // What grew most comes first, what shrank most last.
    all.sort_by(|a, b| b.change.by().cmp(&a.change.by()).then_with(|| (&a.owner, &a.item).cmp(&(&b.owner, &b.item))));
    all
}

/// A table of changes, with the sum of all; of more than `top`, those that changed most.
fn part(head: &str, all: &[Named], top: usize, cells: impl Fn(&Named) -> Vec<String>) -> String {
    if all.is_empty() {
        return format!("\n{head}: nothing has changed\n");
    }
    let mut shown: Vec<usize> = (0..all.len()).collect();
    if top != 0 && top < all.len() {
        shown.sort_by_key(|nth| std::cmp::Reverse(all[*nth].change.by().abs()));
        shown.truncate(top);
        shown.sort_unstable();
    }
    let mut table = Table::new(&["change", "before", "after", head], &[3, 4, 5]);
    let mut rest = (0, 0i64);
    for (nth, named) in all.iter().enumerate() {
        if shown.binary_search(&nth).is_err() {
            rest = (rest.0 + 1, rest.1 + named.change.by());
            continue;
        }
        let change = named.change;
        let mut row = vec![format!("{:+}", change.by()), change.before.to_string(), change.after.to_string()];
        row.extend(cells(named));
        table.row(row);
    }
    if rest.0 > 0 {
        let what = format!("{} more rows (--top 0 prints all)", rest.0);
        table.row(vec![format!("{:+}", rest.1), String::new(), String::new(), what]);
    }
    let sum: i64 = all.iter().map(|named| named.change.by()).sum();
    table.row(vec![format!("{sum:+}"), String::new(), String::new(), "together".into()]);
    format!("\n{}", table.text())
}
