//! Reports, for people and for programs.

use std::fmt::Write;

use crate::outcome::{Report, Totals};
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

/// A row for each script.
pub(crate) fn table(reports: &[Report]) -> String {
    let width = reports.iter().map(|report| report.script.chars().count()).max().unwrap_or(0).max(6);
    let mut out =
        format!("{:width$} {:>7} {:>13} {:>6} {:>6}\n", "script", "passed", "not supported", "failed", "total");
    for report in reports {
        let _ = writeln!(
            out,
            "{:width$} {:>7} {:>13} {:>6} {:>6}",
            report.script,
            report.passed,
            report.not_supported.len(),
            report.failures.len() + report.exceptions.len(),
            report.total()
        );
    }
    out
}

/// What is not supported, by what it needs.
pub(crate) fn lacks(reports: &[Report]) -> String {
    let mut counts = std::collections::BTreeMap::new();
    for lack in reports.iter().flat_map(|report| &report.not_supported) {
        *counts.entry(&lack.needs).or_insert(0usize) += 1;
    }
    counts.iter().fold(String::new(), |mut out, (needs, count)| {
        let _ = writeln!(out, "not supported: {count} need {needs}");
        out
    })
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
