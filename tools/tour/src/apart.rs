//! One process for each example: its peak of memory is its own, and a device that dies takes one example with it.

use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use serde::Deserialize;

use crate::tour::Row;

#[derive(Deserialize)]
struct Report {
    examples: Vec<Row>,
}

/// Runs this program again for each of `names`, with the arguments that it was itself given.
///
/// # Errors
/// The program cannot be run again. What goes wrong in an example is in its row.
pub(crate) fn run(names: &[String], arguments: &[std::ffi::OsString]) -> anyhow::Result<Vec<Row>> {
    let program = std::env::current_exe().context("finding this program, to run it again for each example")?;
    names
        .iter()
        .map(|name| Ok(one(Command::new(&program).args(arguments), name).unwrap_or_else(|e| failed(name, &e))))
        .collect()
}

fn one(command: &mut Command, name: &str) -> anyhow::Result<Row> {
    let output = command.args(["--json", "--", name]).stderr(Stdio::inherit()).output().context("running it")?;
    let report: Report = match serde_json::from_slice(&output.stdout) {
        Ok(report) => report,
        // No report: whatever happened was said on standard error, or was a signal.
        Err(_) => bail!("its process ended early, with {}", output.status),
    };
    report.examples.into_iter().next().context("its process reported nothing")
}

fn failed(name: &str, error: &anyhow::Error) -> Row {
    Row { name: name.into(), wrong: vec![format!("{error:#}")], ..Row::default() }
}
