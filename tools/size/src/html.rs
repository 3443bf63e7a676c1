//! A report, a comparison, a module or a study as one page that opens from disk.

use serde_json::{Value, json};

use crate::compare::{Change, Comparison, Named};
use crate::model::Report;
use crate::module::{Study, Turned};
use crate::study::output;
use crate::study::run::Results;

const PAGE: &str = include_str!("../page/page.html");
const STYLE: &str = include_str!("../page/page.css");
const SCRIPT: &str = concat!(
    include_str!("../page/data.js"),
    include_str!("../page/map.js"),
    include_str!("../page/bars.js"),
    include_str!("../page/table.js"),
    include_str!("../page/page.js"),
);
const D3: &str = include_str!("../page/d3-hierarchy.min.js");

/// The page of a report.
pub(crate) fn report(report: &Report) -> String {
    let Report { name, what, total, flash, ram, .. } = report;
    let beside: String = report.beside.iter().map(|b| format!("; beside it, {}: {} bytes", b.what, b.bytes)).collect();
    let sections: Vec<_> =
        report.sections.iter().map(|s| json!([s.name, s.class.name(), s.bytes, s.flash, s.ram])).collect();
    page(&json!({
        "picture": "map",
        "changing": false,
        "sums": true,
        "name": name,
        "summary": format!("{what}. {total} bytes: flash {flash}, RAM {ram}{beside}"),
        "total": total,
        "columns": [
            ["bytes", "Bytes", "number"], ["share", "%", "part"], ["count", "Count", "number"], ["class", "Kind", "text"],
            ["owner", capital(&report.owner), "text"], ["item", "What", "text"],
        ],
        "rows": report.rows,
        "beside": {
            "title": "Sections",
            "columns": ["Section", "Kind", "Bytes", "Flash", "RAM"],
            "rows": sections,
        },
        "method": report.method,
    }))
}

/// The page of a comparison.
pub(crate) fn comparison(comparison: &Comparison) -> String {
    let Comparison { before, after, total, flash, ram, .. } = comparison;
    let one = |what: &str, change: &Change| format!("{what} {} to {} ({:+})", change.before, change.after, change.by());
    let row = |named: &Named| {
        json!({ "class": named.kind, "owner": named.owner, "item": named.item,
            "before": named.change.before, "after": named.change.after })
    };
    let section = |named: &Named| json!([named.kind, named.change.by(), named.change.before, named.change.after]);
    page(&json!({
        "picture": "map",
        "changing": true,
        "sums": true,
        "name": format!("{before} and {after}"),
        "summary": format!("What changed. {}, {}, {}", one("Bytes", total), one("flash", flash), one("RAM", ram)),
        "total": total.after,
        "columns": [
            ["change", "Change", "signed"], ["before", "Before", "number"], ["after", "After", "number"],
            ["class", "Kind", "text"], ["owner", "Owner", "text"], ["item", "What", "text"],
        ],
        "rows": comparison.rows.iter().map(row).collect::<Vec<_>>(),
        "beside": {
            "title": "Sections",
            "columns": ["Section", "Change", "Before", "After"],
            "rows": comparison.sections.iter().map(section).collect::<Vec<_>>(),
        },
        "method": comparison.method,
    }))
}

/// The page of a module: its functions, and what each knob of the compiler saves.
pub(crate) fn module(study: &Study) -> String {
    let Study { module, platform, wasm, base, .. } = study;
    let functions: Vec<_> = study
        .functions
        .iter()
        .map(|function| {
            json!({ "class": "code", "item": function.name, "bytes": function.machine, "wasm": function.wasm,
                "ratio": function.ratio() })
        })
        .collect();
    let knob = |turned: &Turned| match turned.sizes {
        Some(sizes) => json!([
            turned.knob,
            turned.value,
            sizes.file,
            format!("{:+}", sizes.file as i64 - base.file as i64),
            sizes.code,
            sizes.other,
            "",
        ]),
        None => json!([turned.knob, turned.value, "-", "", "", "", turned.why_not]),
    };
    page(&json!({
        "picture": "map",
        "changing": false,
        "sums": true,
        "name": module,
        "summary": format!("Functions of the module, by their code. {wasm} bytes of wasm; {} bytes compiled for {platform}", base.file),
        "total": base.code,
        "columns": [
            ["bytes", "Machine bytes", "number"], ["share", "%", "part"], ["wasm", "Wasm bytes", "number"],
            ["ratio", "Ratio", "part"], ["item", "Function", "text"],
        ],
        "rows": functions,
        "beside": {
            "title": "Each knob turned",
            "columns": ["Knob", "Value", "File", "Change", "Code", "Others", "Why not"],
            "rows": study.knobs.iter().map(knob).collect::<Vec<_>>(),
        },
        "method": study.method,
    }))
}

/// The page of a study: bars of what each build costs or saves, and their table.
pub(crate) fn study(results: &Results) -> String {
    let base = results.base().map(|sizes| sizes.total);
    let rows: Vec<_> = output::sorted(results)
        .into_iter()
        .map(|(run, sizes, _)| {
            json!({ "item": run.step.name(), "sets": run.step.changes().join(" "),
                "before": base, "after": sizes.total, "text": sizes.text, "data": sizes.data, "bss": sizes.bss,
                "whole": sizes.whole, "shared": sizes.shared })
        })
        .collect();
    let failed = results.runs.iter().filter(|run| run.sizes.is_none());
    page(&json!({
        "picture": "bars",
        "changing": true,
        "sums": false,
        "name": results.platform,
        "summary": format!("A study: {} builds", results.runs.len()),
        "total": base,
        "columns": [
            ["change", "Change", "signed"], ["after", "Bytes", "number"], ["text", "text", "number"],
            ["data", "data", "number"], ["bss", "bss", "number"], ["whole", "Whole", "number"],
            ["shared", ".so", "number"], ["item", "What", "text"],
        ],
        "rows": rows,
        "beside": {
            "title": "What could not be built",
            "columns": ["What", "Why"],
            "rows": failed.map(|run| json!([run.step.name(), run.failed])).collect::<Vec<_>>(),
        },
        "method": [output::METHOD],
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
