//! A report, or a comparison, as one page that opens from disk.

use serde_json::{Value, json};

use crate::compare::Comparison;
use crate::model::Report;

const PAGE: &str = include_str!("../page/page.html");
const STYLE: &str = include_str!("../page/page.css");
const SCRIPT: &str = include_str!("../page/page.js");
const D3: &str = include_str!("../page/d3-hierarchy.min.js");

/// The page of a report.
pub(crate) fn report(report: &Report) -> String {
    let Report { name, what, total, flash, ram, .. } = report;
    let beside: String = report.beside.iter().map(|b| format!("; beside it, {}: {} bytes", b.what, b.bytes)).collect();
    let sections: Vec<_> =
        report.sections.iter().map(|s| json!([s.name, s.class.name(), s.bytes, s.flash, s.ram])).collect();
    page(&json!({
        "kind": "report",
        "name": name,
        "summary": format!("{what}. {total} bytes: flash {flash}, RAM {ram}{beside}"),
        "owner": capital(&report.owner),
        "total": total,
        "rows": report.rows,
        "section_columns": ["Section", "Kind", "Bytes", "Flash", "RAM"],
        "sections": sections,
        "method": report.method,
    }))
}

/// The page of a comparison.
pub(crate) fn comparison(comparison: &Comparison) -> String {
    let Comparison { before, after, total, flash, ram, .. } = comparison;
    let one = |what: &str, change: &crate::compare::Change| {
        format!("{what} {} to {} ({:+})", change.before, change.after, change.by())
    };
    let row = |named: &crate::compare::Named| {
        json!({ "class": named.kind, "owner": named.owner, "item": named.item,
            "before": named.change.before, "after": named.change.after })
    };
    let section =
        |named: &crate::compare::Named| json!([named.kind, named.change.by(), named.change.before, named.change.after]);
    page(&json!({
        "kind": "comparison",
        "name": format!("{before} and {after}"),
        "summary": format!("What changed. {}, {}, {}", one("Bytes", total), one("flash", flash), one("RAM", ram)),
        "owner": "Owner",
        "total": total.after,
        "rows": comparison.rows.iter().map(row).collect::<Vec<_>>(),
        "section_columns": ["Section", "Change", "Before", "After"],
        "sections": comparison.sections.iter().map(section).collect::<Vec<_>>(),
        "method": comparison.method,
    }))
}

fn page(data: &Value) -> String {
    // No text in it can end the script that it stands in.
    let text = data.to_string().replace('<', "\\u003c");
    let title = data["name"].as_str().unwrap_or_default();
    let title = title.replace('&', "&amp;").replace('<', "&lt;");
    let mut page = String::new();
    let mut rest = PAGE;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}").unwrap_or((after, ""));
        page += before;
        page += match name {
            "title" => &title,
            "css" => STYLE,
            "data" => &text,
            "d3" => D3,
            "js" => SCRIPT,
            _ => "",
        };
        rest = after;
    }
    page + rest
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + letters.as_str())
}
