//! What the official scripts came to on bare machines, as `tests/ports.rs` found it.

use anyhow::{Context, Result};
use serde::Deserialize;

/// What that test holds the machines to, and writes with `SNAPSHOTS=overwrite`.
const FOUND: &str = include_str!("../ports.toml");

/// The file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    verdict: Vec<Verdict>,
}

/// A suite on a machine.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Verdict {
    /// The machine.
    pub(crate) port: String,
    /// The platform of its firmware.
    pub(crate) platform: String,
    /// The suite.
    pub(crate) suite: String,
    pub(crate) passed: usize,
    pub(crate) not_supported: usize,
    pub(crate) exceptions: usize,
    pub(crate) total: usize,
    /// What the directives need that are not supported.
    pub(crate) needs: Vec<Need>,
}

/// A key of the platform file that is off.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Need {
    pub(crate) key: String,
    /// How many directives need it, and in which scripts.
    pub(crate) directives: usize,
    pub(crate) scripts: Vec<String>,
}

/// All of them, a machine's behind each other.
///
/// # Errors
/// The file makes no sense.
pub(crate) fn read() -> Result<Vec<Verdict>> {
    let file: File = toml::from_str(FOUND).context("tools/wast/ports.toml")?;
    Ok(file.verdict)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::suite::Suite;

    /// A machine without a verdict would have no column.
    #[test]
    fn every_port_has_a_verdict_of_every_suite_and_they_add_up() {
        let ports = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ports");
        let ports = std::fs::read_dir(ports).unwrap().map(|entry| entry.unwrap());
        let ports: BTreeSet<_> = ports
            .filter(|folder| folder.path().join("port.toml").is_file())
            .map(|folder| folder.file_name().into_string().unwrap())
            .collect();
        let mut totals = BTreeMap::new();
        let mut found = BTreeSet::new();
        for Verdict { port, suite, passed, not_supported, exceptions, total, needs, .. } in read().unwrap() {
            assert_eq!(passed + not_supported + exceptions, total, "{port} {suite}");
            assert_eq!(needs.iter().map(|need| need.directives).sum::<usize>(), not_supported, "{port} {suite}");
            assert_eq!(*totals.entry(suite.clone()).or_insert(total), total, "{port} {suite}");
            assert!(found.insert((port, suite)));
        }
        let suites = Suite::ALL.iter().map(|suite| suite.name()).filter(|suite| *suite != "3.0");
        let all = suites.flat_map(|suite| ports.iter().map(move |port| (port.clone(), suite.to_owned())));
        assert_eq!(
            found,
            all.collect(),
            "tools/wast/ports.toml has other ports or suites than there are; with MINPLAT_TEST_DEVICE=1 SNAPSHOTS=overwrite the test \
             `ports` of minplat-wast runs them and writes it anew"
        );
    }
}
