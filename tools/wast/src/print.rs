//! Reports, for people and for programs.

use std::collections::BTreeMap;
use std::fmt::{Display, Write};

use crate::language::Language;
use crate::outcome::{Failure, Report, Totals};
use crate::port::Machine;
use crate::run::Target;

/// Failures with line, expected and actual.
pub(crate) fn failures(reports: &[Report]) -> String {
    let mut out = String::new();
    for report in reports {
        for failure in &report.failures {
            let _ = writeln!(
                out,
                "FAILED {}:{}: {}\n  expected  {}\n  actual    {}",
                report.script, failure.line, failure.directive, failure.expected, failure.actual
            );
        }
    }
    out
}

/// A row for each script. Failures that are known have a column where there are any.
pub(crate) fn table(reports: &[Report]) -> String {
    let width = reports.iter().map(|report| report.script.chars().count()).max().unwrap_or(0).max(6);
    let has_known = reports.iter().any(|report| !report.exceptions.is_empty());
    let row = |script: &str, [passed, not_supported, failed, known, total]: [&dyn Display; 5]| {
        let known = if has_known { format!(" {known:>16}") } else { String::new() };
        format!("{script:width$} {passed:>7} {not_supported:>13} {failed:>6}{known} {total:>6}\n")
    };
    let mut out = row("script", [&"passed", &"not supported", &"failed", &"known exceptions", &"total"]);
    for report in reports {
        let (not_supported, failed, known) =
            (report.not_supported.len(), report.failures.len(), report.exceptions.len());
        out += &row(&report.script, [&report.passed, &not_supported, &failed, &known, &report.total()]);
    }
    out
}

/// What is not supported, by what it needs: keys of a platform file, and features that have none.
pub(crate) fn lacks(reports: &[Report]) -> String {
    let mut counts = BTreeMap::new();
    for lack in reports.iter().flat_map(|report| &report.not_supported) {
        *counts.entry(&lack.needs).or_insert(0usize) += 1;
    }
    let named = |name: &str| if name.contains('.') { name.into() } else { format!("{name} (no platform has it)") };
    counts.iter().fold(String::new(), |mut out, (needs, count)| {
        let needs: Vec<_> = needs.split(", ").map(named).collect();
        let _ = writeln!(out, "not supported: {count} need {}", needs.join(", "));
        out
    })
}

/// What to do where scripts of an earlier version were run with the features of every one: then all that fails is modules that
/// must be refused, and are not.
pub(crate) fn hint(language: Language, reports: &[Report]) -> &'static str {
    let mut failures = reports.iter().flat_map(|report| &report.failures).peekable();
    if language != Language::All || failures.peek().is_none() || !failures.all(Failure::is_of_a_refusal) {
        return "";
    }
    "hint: what failed are modules that a script wants refused, and a later version allows; for scripts of one version give \
     --features 1.0, 2.0 or 3.0\n"
}

/// One line.
pub(crate) fn sum(on: &str, totals: Totals) -> String {
    let known = match totals.exceptions {
        0 => String::new(),
        known => format!(", {known} known exceptions"),
    };
    format!(
        "{on}: {} scripts, {} passed, {} not supported, {} failed{known}, {} in total\n",
        totals.scripts, totals.passed, totals.not_supported, totals.failed, totals.total
    )
}

/// Everything, for programs.
pub(crate) fn json(target: &Target, reports: &[Report]) -> serde_json::Value {
    serde_json::json!({
        "platform": target.platform.name(),
        "library": target.library,
        "compiled_for": target.compiled_for.name(),
        "totals": Totals::of(reports),
        "scripts": reports,
    })
}

/// The same of a bare machine.
pub(crate) fn json_of_port(machine: &Machine, reports: &[Report]) -> serde_json::Value {
    serde_json::json!({
        "port": machine.port.name,
        "platform": machine.platform.name(),
        "compiled_for": machine.compiled_for.name(),
        "totals": Totals::of(reports),
        "scripts": reports,
    })
}
