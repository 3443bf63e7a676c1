//! A report for people.

use crate::model::{Class, Report, Row};
use minplat_report::{Table, percent};

/// How many users of shared code a line names.
const USERS: usize = 3;

/// The tables of a report; of rows, the `top` largest (0: all).
pub(crate) fn report(report: &Report, top: usize) -> String {
    let Report { name, what, total, flash, ram, .. } = report;
    let mut out = format!("{name}: {what}\n{total} bytes: flash {flash}, RAM {ram}\n");
    for beside in &report.beside {
        out += &format!("beside it, {}: {} bytes\n", beside.what, beside.bytes);
    }
    out.push('\n');

    let mut table = Table::new(&["section", "", "bytes", "%", "flash", "RAM"], &[0, 1]);
    for section in &report.sections {
        table.row(vec![
            section.name.clone(),
            section.class.name().into(),
            section.bytes.to_string(),
            percent(section.bytes, *total),
            section.flash.to_string(),
            section.ram.to_string(),
        ]);
    }
    table.row(vec![
        "total".into(),
        String::new(),
        total.to_string(),
        percent(*total, *total),
        flash.to_string(),
        ram.to_string(),
    ]);
    out += &table.text();
    out.push('\n');

    let owners = report.owners();
    let classes: Vec<_> =
        Class::ALL.into_iter().filter(|class| owners.iter().any(|(_, by, _)| by[*class as usize] > 0)).collect();
    let head: Vec<_> = [report.owner.as_str()]
        .into_iter()
        .chain(classes.iter().map(|class| class.name()))
        .chain(["bytes", "%"])
        .collect();
    let mut table = Table::new(&head, &[0]);
    let mut sums = [0; Class::ALL.len()];
    for (owner, by, bytes) in &owners {
        let mut cells = vec![owner.clone()];
        cells.extend(classes.iter().map(|class| by[*class as usize].to_string()));
        cells.extend([bytes.to_string(), percent(*bytes, *total)]);
        table.row(cells);
        sums.iter_mut().zip(by).for_each(|(sum, bytes)| *sum += bytes);
    }
    let mut cells = vec!["total".to_string()];
    cells.extend(classes.iter().map(|class| sums[*class as usize].to_string()));
    cells.extend([sums.iter().sum::<u64>().to_string(), percent(*total, *total)]);
    table.row(cells);
    out += &table.text();
    out.push('\n');

    let shown = if top == 0 { report.rows.len() } else { top.min(report.rows.len()) };
    let mut table = Table::new(&["bytes", "%", "count", "", &report.owner, "what"], &[3, 4, 5]);
    for row in &report.rows[..shown] {
        table.row(vec![
            row.bytes.to_string(),
            percent(row.bytes, *total),
            row.count.to_string(),
            row.class.name().into(),
            row.owner.clone(),
            item(row),
        ]);
    }
    let rest = &report.rows[shown..];
    if !rest.is_empty() {
        let bytes: u64 = rest.iter().map(|row| row.bytes).sum();
        let what = format!("{} more rows (--top 0 prints all)", rest.len());
        table.row(vec![bytes.to_string(), percent(bytes, *total), String::new(), String::new(), String::new(), what]);
    }
    out += &table.text();
    out.push('\n');
    out += &method(report);
    out
}

/// What a row is about, with the users of what is shared.
fn item(row: &Row) -> String {
    if row.users.is_empty() {
        return row.item.clone();
    }
    let more = row.users.len().saturating_sub(USERS);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}, of {}{more}", row.item, row.users.iter().take(USERS).cloned().collect::<Vec<_>>().join(", "))
}

/// The sentences under the tables.
pub(crate) fn method(report: &Report) -> String {
    report.method.iter().map(|sentence| format!("{sentence}\n")).collect()
}
