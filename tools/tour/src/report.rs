//! The table, for people and as JSON.

use std::fmt::Write;

use minplat_platform::Platform;

use crate::tour::Row;

/// Longer results are cut.
const RESULT_WIDTH: usize = 44;

/// The table, then what was left out and what is wrong, a line each.
pub(crate) fn table(platform: &Platform, rows: &[Row]) -> String {
    let mut out = String::new();
    let name = rows.iter().map(|row| row.name.len()).max().unwrap_or(0).max(6);
    let _ = writeln!(
        out,
        "{:name$} {:>8} {:>9}  {:RESULT_WIDTH$} {:>7} {:>9} {:>9} {:>9}",
        "module", "wasm B", "cwasm B", "result", "answers", "load µs", "call µs", "peak KiB"
    );
    for row in rows.iter().filter(|row| row.cwasm > 0) {
        let verdict = if row.wrong.is_empty() { row.answers.to_string() } else { "WRONG".into() };
        let _ = writeln!(
            out,
            "{:name$} {:>8} {:>9}  {:RESULT_WIDTH$} {verdict:>7} {:>9.0} {:>9.1} {:>9.0}",
            row.name,
            row.wasm,
            row.cwasm,
            cut(&row.result),
            row.load_us,
            row.call_us,
            row.peak as f64 / 1024.0
        );
    }
    for row in rows {
        for why in &row.left_out {
            let _ = writeln!(out, "left out: {}: {why}", row.name);
        }
    }
    for row in rows {
        for wrong in &row.wrong {
            let _ = writeln!(out, "WRONG: {}: {wrong}", row.name);
        }
    }
    let answers: usize = rows.iter().map(|row| row.answers).sum();
    let wrong: usize = rows.iter().map(|row| row.wrong.len()).sum();
    let _ = writeln!(out, "{}: {} modules, {answers} answers compared, {wrong} wrong", platform.name(), rows.len());
    out
}

/// The same, with the platform's fingerprint.
pub(crate) fn json(platform: &Platform, rows: &[Row]) -> serde_json::Value {
    let fingerprint: String = platform.fingerprint().iter().map(|byte| format!("{byte:02x}")).collect();
    serde_json::json!({ "platform": platform.name(), "fingerprint": fingerprint, "examples": rows })
}

/// As much as fits, without line ends.
fn cut(result: &str) -> String {
    let line = result.replace('\n', " ");
    match line.char_indices().nth(RESULT_WIDTH - 1) {
        Some((end, _)) if line.chars().count() > RESULT_WIDTH => format!("{}…", &line[..end]),
        _ => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_results_are_cut_to_the_width_at_a_character() {
        let long = "ü".repeat(RESULT_WIDTH + 1);
        assert_eq!(cut(&long).chars().count(), RESULT_WIDTH);
        assert_eq!(cut("a\nb"), "a b");
        let just = "x".repeat(RESULT_WIDTH);
        assert_eq!(cut(&just), just);
    }
}
