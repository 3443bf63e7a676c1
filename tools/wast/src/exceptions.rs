//! Failures that are known, each by file and line with its reason.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::outcome::{Failure, Known, Report};
use crate::suite::Suite;

/// The table for the official suites.
const OFFICIAL: &str = include_str!("../exceptions.toml");

/// A table of exceptions.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exceptions {
    #[serde(default)]
    exception: Vec<Exception>,
}

/// Directives of one script that fail.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exception {
    /// The suite; none for scripts of a user's, whatever they may use.
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

/// Where scripts come from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Origin {
    /// A suite: they are inside this program.
    Inside(Suite),
    /// Files, in the language of a suite. They may be scripts of that one, of whatever revision.
    Files(Suite),
}

impl Exception {
    /// Whether it is of this script.
    fn is_of(&self, script: &str, origin: Origin) -> bool {
        let is_suite = |suite: Suite| self.suite.as_deref() == Some(suite.name());
        match origin {
            Origin::Inside(suite) => is_suite(suite) && self.file == script,
            Origin::Files(suite) => {
                (self.suite.is_none() || is_suite(suite)) && Path::new(script).ends_with(&self.file)
            }
        }
    }

    /// Whether it fails here, by platform and machine.
    fn is_on(&self, platform: &str, port: Option<&str>) -> bool {
        self.platforms.as_ref().is_none_or(|names| names.iter().any(|name| name == platform))
            && self.ports.as_ref().is_none_or(|names| names.iter().any(|name| Some(name.as_str()) == port))
    }

    /// Whether it is a failure that the script does not fail there. Another revision of a suite's script has other lines.
    fn must_fail(&self, origin: Origin) -> bool {
        self.suite.is_none() || matches!(origin, Origin::Inside(_))
    }
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

    /// Takes what is listed out of a report's failures; what must fail and did not becomes a failure.
    pub(crate) fn apply(&self, origin: Origin, (platform, port): (&str, Option<&str>), report: &mut Report) {
        let script = report.script.clone();
        let here = |exception: &&Exception| exception.is_on(platform, port) && exception.is_of(&script, origin);
        for exception in self.exception.iter().filter(here) {
            for line in &exception.lines {
                let before = report.failures.len();
                report.failures.retain(|failure| failure.line != *line);
                match before - report.failures.len() {
                    0 if exception.must_fail(origin) => {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Scripts of a user's, which may use everything.
    const USERS: Origin = Origin::Files(Suite::Proposals);

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
        table("[[exception]]\nfile = \"a.wast\"\nlines = [3]\nreason = \"r\"").apply(USERS, ("p", None), &mut report);
        assert_eq!(report.exceptions.len(), 1);
        assert_eq!(report.failures.iter().map(|failure| failure.line).collect::<Vec<_>>(), [7]);
        assert_eq!(report.total(), 7);
    }

    #[test]
    fn what_is_listed_and_passes_is_a_failure() {
        let mut report = report(&[]);
        table("[[exception]]\nfile = \"a.wast\"\nlines = [3]\nreason = \"r\"").apply(USERS, ("p", None), &mut report);
        assert_eq!((report.failures.len(), report.total()), (1, 5));
    }

    #[test]
    fn an_exception_is_of_its_suite_and_its_platforms() {
        let listed =
            "[[exception]]\nsuite = \"2.0\"\nfile = \"dir/a.wast\"\nlines = [3]\nplatforms = [\"p\"]\nreason = \"r\"";
        let (inside, files) = (Origin::Inside(Suite::V2), Origin::Files(Suite::V2));
        for (origin, platform, known) in [
            (inside, "p", 1),
            (inside, "q", 0),
            (Origin::Inside(Suite::V1), "p", 0),
            (files, "p", 1),
            (files, "q", 0),
            (USERS, "p", 0),
        ] {
            let mut report = report(&[3]);
            table(listed).apply(origin, (platform, None), &mut report);
            assert_eq!(report.exceptions.len(), known, "{origin:?} {platform}");
        }
    }

    #[test]
    fn a_script_of_a_suite_is_known_by_the_end_of_its_path_and_may_be_another_revision() {
        let listed = "[[exception]]\nsuite = \"2.0\"\nfile = \"a.wast\"\nlines = [3]\nreason = \"r\"";
        for (origin, failed, known, failures) in [
            (Origin::Files(Suite::V2), 3, 1, 0),
            (Origin::Files(Suite::V2), 4, 0, 1),
            // Inside this program it has no folder before its name.
            (Origin::Inside(Suite::V2), 3, 0, 1),
        ] {
            let mut report = report(&[failed]);
            table(listed).apply(origin, ("p", None), &mut report);
            assert_eq!((report.exceptions.len(), report.failures.len()), (known, failures), "{origin:?} {failed}");
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
            table(listed).apply(USERS, ("p", port), &mut report);
            assert_eq!(report.exceptions.len(), known, "{port:?}");
        }
    }

    #[test]
    fn an_exception_needs_a_reason() {
        assert!(Exceptions::parse("[[exception]]\nfile = \"a.wast\"\nlines = [3]\nreason = \" \"").is_err());
    }
}
