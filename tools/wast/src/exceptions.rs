//! Failures that are known, each by file and line with its reason.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::outcome::{Failure, Known, Report};

/// The table for the official suites.
const OFFICIAL: &str = include_str!("../exceptions.toml");

/// A table of exceptions.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exceptions {
    #[serde(default)]
    exception: Vec<Exception>,
}

/// Directives of one script that fail.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exception {
    /// The suite; none for scripts of a user's.
    pub(crate) suite: Option<String>,
    /// The script: its name in the suite, or the end of its path.
    pub(crate) file: String,
    /// Lines of directives, from 1.
    pub(crate) lines: Vec<usize>,
    /// The platforms on which they fail; on all if it is not given.
    pub(crate) platforms: Option<Vec<String>>,
    /// The bare machines on which they fail, and nowhere else; wherever scripts run if it is not given.
    pub(crate) ports: Option<Vec<String>>,
    /// Why.
    pub(crate) reason: String,
}

impl Exceptions {
    /// The official suites' table.
    ///
    /// # Errors
    /// It is no such table.
    pub(crate) fn official() -> Result<Self> {
        Self::parse(OFFICIAL).context("tools/wast/exceptions.toml")
    }

    /// A table of a user's.
    ///
    /// # Errors
    /// It cannot be read, or is no such table.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text).with_context(|| format!("{} is no table of exceptions", path.display()))
    }

    fn parse(text: &str) -> Result<Self> {
        let table: Self = toml::from_str(text)?;
        for exception in &table.exception {
            ensure!(!exception.reason.trim().is_empty(), "an exception of {} has no reason", exception.file);
        }
        Ok(table)
    }

    /// The exceptions of a suite, on any platform.
    pub(crate) fn of_suite(&self, suite: &str) -> impl Iterator<Item = &Exception> {
        self.exception.iter().filter(move |exception| exception.suite.as_deref() == Some(suite))
    }

    /// Takes what is listed out of a report's failures; what is listed and did not fail becomes a failure.
    pub(crate) fn apply(&self, suite: Option<&str>, (platform, port): (&str, Option<&str>), report: &mut Report) {
        let here = self.exception.iter().filter(|exception| {
            let on_platform =
                exception.platforms.as_ref().is_none_or(|names| names.iter().any(|name| name == platform));
            let on_port =
                exception.ports.as_ref().is_none_or(|names| names.iter().any(|name| Some(name.as_str()) == port));
            on_platform
                && on_port
                && exception.suite.as_deref() == suite
                && is_file(&exception.file, &report.script, suite)
        });
        for exception in here {
            for line in &exception.lines {
                let before = report.failures.len();
                report.failures.retain(|failure| failure.line != *line);
                match before - report.failures.len() {
                    0 => {
                        report.passed = report.passed.saturating_sub(1);
                        report.failures.push(Failure {
                            line: *line,
                            directive: format!("an exception in the table: {}", exception.reason),
                            expected: "a failure".into(),
                            actual: "it passes: take it out of the table".into(),
                        });
                    }
                    count => report.exceptions.extend(
                        std::iter::repeat_with(|| Known { line: *line, reason: exception.reason.clone() }).take(count),
                    ),
                }
            }
        }
        report.failures.sort_by_key(|failure| failure.line);
    }
}

fn is_file(file: &str, script: &str, suite: Option<&str>) -> bool {
    match suite {
        Some(_) => file == script,
        None => Path::new(script).ends_with(file),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::Suite;

    fn report(failed: &[usize]) -> Report {
        let failures = failed.iter().map(|line| Failure {
            line: *line,
            directive: String::new(),
            expected: String::new(),
            actual: String::new(),
        });
        Report { script: "dir/a.wast".into(), passed: 5, failures: failures.collect(), ..Report::default() }
    }

    fn table(text: &str) -> Exceptions {
        Exceptions::parse(text).unwrap()
    }

    #[test]
    fn what_is_listed_and_fails_is_known() {
        let mut report = report(&[3, 7]);
        table("[[exception]]\nfile = \"a.wast\"\nlines = [3]\nreason = \"r\"").apply(None, ("p", None), &mut report);
        assert_eq!(report.exceptions.len(), 1);
        assert_eq!(report.failures.iter().map(|failure| failure.line).collect::<Vec<_>>(), [7]);
        assert_eq!(report.total(), 7);
    }

    #[test]
    fn what_is_listed_and_passes_is_a_failure() {
        let mut report = report(&[]);
        table("[[exception]]\nfile = \"a.wast\"\nlines = [3]\nreason = \"r\"").apply(None, ("p", None), &mut report);
        assert_eq!((report.failures.len(), report.total()), (1, 5));
    }

    #[test]
    fn an_exception_is_of_its_suite_and_its_platforms() {
        let listed =
            "[[exception]]\nsuite = \"2.0\"\nfile = \"dir/a.wast\"\nlines = [3]\nplatforms = [\"p\"]\nreason = \"r\"";
        for (suite, platform, known) in
            [(Some("2.0"), "p", 1), (Some("2.0"), "q", 0), (Some("1.0"), "p", 0), (None, "p", 0)]
        {
            let mut report = report(&[3]);
            table(listed).apply(suite, (platform, None), &mut report);
            assert_eq!(report.exceptions.len(), known, "{suite:?} {platform}");
        }
    }

    /// An entry whose script was renamed would never be asked for.
    #[test]
    fn every_official_exception_is_of_a_script_that_there_is() {
        for exception in Exceptions::official().unwrap().exception {
            let suite = Suite::ALL.iter().find(|suite| exception.suite.as_deref() == Some(suite.name()));
            let suite = suite.unwrap_or_else(|| panic!("{:?} is no suite", exception.suite));
            let script = suite.scripts().into_iter().find(|script| script.name == exception.file);
            let lines = script.unwrap_or_else(|| panic!("{} is no script", exception.file)).text.lines().count();
            assert!(exception.lines.iter().all(|line| (1..=lines).contains(line)), "{}", exception.file);
            let shipped = |name: &String| minplat_platform::Platform::shipped().any(|shipped| shipped == name);
            assert!(exception.platforms.iter().flatten().all(shipped), "{:?}", exception.platforms);
        }
    }

    #[test]
    fn an_exception_of_a_port_is_of_that_port_alone() {
        let listed = "[[exception]]\nfile = \"a.wast\"\nlines = [3]\nports = [\"m\"]\nreason = \"r\"";
        for (port, known) in [(Some("m"), 1), (Some("n"), 0), (None, 0)] {
            let mut report = report(&[3]);
            table(listed).apply(None, ("p", port), &mut report);
            assert_eq!(report.exceptions.len(), known, "{port:?}");
        }
    }

    #[test]
    fn an_exception_needs_a_reason() {
        assert!(Exceptions::parse("[[exception]]\nfile = \"a.wast\"\nlines = [3]\nreason = \" \"").is_err());
    }
}
