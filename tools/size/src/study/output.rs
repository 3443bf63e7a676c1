//! What a study leaves in its folder: a long table for programs, JSON to go on from, a table for LaTeX, a chart.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Result;

use super::run::{Results, Run, Sizes};
use minplat_report::Table;

/// What the figures are.
pub(crate) const METHOD: &str = "Measured is the size probe with what it reaches of the library (text, data, bss), and beside it the \
                                 whole C API, and libminplat.so. Changes are from what the platform has.";

/// The files of a study, by name.
pub(crate) fn write(results: &Results, folder: &Path) -> Result<()> {
    let json = serde_json::to_string_pretty(results)? + "\n";
    let environment = serde_json::to_string_pretty(&results.environment)? + "\n";
    for (name, text) in [
        ("results.json", json),
        ("environment.json", environment),
        ("results.csv", csv(results)),
        ("results.tex", latex(results)),
        ("results.svg", svg(results)),
    ] {
        crate::write(&folder.join(name), &text)?;
    }
    Ok(())
}

/// The bytes of `libminplat.so`, or what stands for none.
fn of_shared(sizes: Sizes, none: &str) -> String {
    sizes.shared.map_or_else(|| none.into(), |bytes| bytes.to_string())
}

/// For people: what saves most comes first.
pub(crate) fn text(results: &Results) -> String {
    let mut table = Table::new(&["bytes", "change", "%", "text", "data", "bss", "whole", ".so", "what"], &[8]);
    for (run, sizes, change) in sorted(results) {
        let part = results.base().map_or(0.0, |base| 100.0 * change as f64 / base.total as f64);
        let Sizes { total, text, data, bss, whole, .. } = sizes;
        let mut row = vec![total.to_string(), format!("{change:+}"), format!("{part:+.1}")];
        row.extend([text, data, bss, whole].map(|bytes| bytes.to_string()));
        row.push(of_shared(sizes, "-"));
        row.push(run.step.name());
        table.row(row);
    }
    let mut out = format!("{}\n\n{}\n", results.platform, table.text());
    for run in results.runs.iter().filter(|run| run.sizes.is_none()) {
        let why = run.failed.as_deref().unwrap_or_default().lines().next().unwrap_or_default();
        _ = writeln!(out, "not so: {}: {why}", run.step.name());
    }
    out + METHOD + "\n"
}

/// Runs with their bytes and the change, what saves most first.
pub(crate) fn sorted(results: &Results) -> Vec<(&Run, Sizes, i64)> {
    let base = results.base().map_or(0, |base| base.total as i64);
    let with = |run| Some((run, Run::clone(run).sizes?));
    let mut all: Vec<_> =
        results.runs.iter().filter_map(with).map(|(run, sizes)| (run, sizes, sizes.total as i64 - base)).collect();
    all.sort_by_key(|(_, _, change)| *change);
    all
}

/// A line for each build and measure.
fn csv(results: &Results) -> String {
    let mut out = String::from("platform,design,what,sets,measure,bytes,change\n");
    let base = results.base();
    let design = serde_json::to_value(results.design).unwrap_or_default();
    for run in &results.runs {
        let Some(sizes) = run.sizes else { continue };
        let of = |sizes: Sizes| {
            [
                ("total", Some(sizes.total)),
                ("text", Some(sizes.text)),
                ("data", Some(sizes.data)),
                ("bss", Some(sizes.bss)),
                ("whole", Some(sizes.whole)),
                ("shared", sizes.shared),
            ]
        };
        for (nth, (measure, bytes)) in of(sizes).into_iter().enumerate() {
            let Some(bytes) = bytes else { continue };
            let change = base.and_then(|base| of(base)[nth].1).map_or(0, |before| bytes as i64 - before as i64);
            let what = [
                results.platform.as_str(),
                design.as_str().unwrap_or_default(),
                &run.step.name(),
                &run.step.changes().join(" "),
            ];
            let what = what.map(quoted).join(",");
            _ = writeln!(out, "{what},{measure},{bytes},{change}");
        }
    }
    out
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_string() }
}

fn latex(results: &Results) -> String {
    let mut out = String::from("\\begin{tabular}{lrrrr}\n\\hline\nwhat & bytes & change & whole & .so \\\\\n\\hline\n");
    for (run, sizes, change) in sorted(results) {
        _ = writeln!(
            out,
            "{} & {} & ${change:+}$ & {} & {} \\\\",
            in_latex(&run.step.name()),
            sizes.total,
            sizes.whole,
            of_shared(sizes, "--")
        );
    }
    out + "\\hline\n\\end{tabular}\n"
}

/// A text as LaTeX sets it.
fn in_latex(text: &str) -> String {
    let escape = |c| match c {
        '&' | '%' | '$' | '#' | '_' | '{' | '}' => format!("\\{c}"),
        '\\' => "\\textbackslash{}".into(),
        '~' => "\\textasciitilde{}".into(),
        '^' => "\\textasciicircum{}".into(),
        '<' | '>' | '|' => format!("${c}$"),
        '"' => "''".into(),
        c => c.to_string(),
    };
    text.chars().map(escape).collect()
}

/// Bars of the changes, with their numbers beside them.
fn svg(results: &Results) -> String {
    const LINE: usize = 22;
    // Of the font's 13 pixels a letter takes some 7; the longest bar of either side, and the number behind it.
    const LETTER: usize = 7;
    const BAR: usize = 200;
    const NUMBER: usize = 90;
    let all: Vec<_> = sorted(results).into_iter().filter(|(_, _, change)| *change != 0).collect();
    let most = all.iter().map(|(_, _, change)| change.unsigned_abs()).max().unwrap_or(1) as f64;
    let longest = all.iter().map(|(run, ..)| run.step.name().chars().count()).max().unwrap_or(0);
    let middle = 16 + LETTER * longest + BAR;
    let (width, height) = (middle + BAR + NUMBER, (all.len() + 2) * LINE);
    let title = escaped(&format!("{}: change in bytes", results.platform));
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"13\" role=\"img\">\n\
         <title>{title}</title>\n<rect width=\"{width}\" height=\"{height}\" fill=\"white\"/>\n<text x=\"8\" y=\"18\">{title}</text>\n"
    );
    for (nth, (run, _, change)) in all.iter().enumerate() {
        let y = (nth + 1) * LINE + 8;
        let bar = BAR as f64 * change.unsigned_abs() as f64 / most;
        let x = if *change < 0 { middle as f64 - bar } else { middle as f64 };
        // What saves is an empty bar, so it is told in print without colour too.
        let fill = if *change < 0 { "white" } else { "#4a6fa5" };
        _ = writeln!(out, "<text x=\"8\" y=\"{}\">{}</text>", y + 14, escaped(&run.step.name()));
        _ = writeln!(
            out,
            "<rect x=\"{x:.1}\" y=\"{y}\" width=\"{bar:.1}\" height=\"16\" fill=\"{fill}\" stroke=\"#4a6fa5\"/>"
        );
        _ = writeln!(out, "<text x=\"{}\" y=\"{}\">{change:+}</text>", middle + BAR + 8, y + 14);
    }
    out + "</svg>\n"
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
