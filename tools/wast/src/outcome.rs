//! What a directive came to.

use serde::Serialize;

/// What a directive came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Passed,
    /// The platform has not what it needs: the keys of a platform file, or names of features that no platform has.
    NotSupported(String),
    Failed {
        expected: String,
        actual: String,
    },
}

/// A directive that failed.
#[derive(Serialize, Debug)]
pub(crate) struct Failure {
    pub(crate) line: usize,
    pub(crate) directive: String,
    pub(crate) expected: String,
    pub(crate) actual: String,
}

/// How what is expected begins, where the compiler must refuse a module.
pub(crate) const REFUSAL: &str = "a refusal: ";

impl Failure {
    /// Whether a module was to be refused.
    pub(crate) fn is_of_a_refusal(&self) -> bool {
        self.expected.starts_with(REFUSAL)
    }
}

/// A directive that needs what the platform has not.
#[derive(Serialize, Debug)]
pub(crate) struct Lack {
    pub(crate) line: usize,
    pub(crate) needs: String,
}

/// A failure that was known.
#[derive(Serialize, Debug)]
pub(crate) struct Known {
    pub(crate) line: usize,
    pub(crate) reason: String,
}

/// A script that was run.
#[derive(Serialize, Debug, Default)]
pub(crate) struct Report {
    pub(crate) script: String,
    pub(crate) passed: usize,
    pub(crate) not_supported: Vec<Lack>,
    /// Failures that the table of exceptions lists.
    pub(crate) exceptions: Vec<Known>,
    pub(crate) failures: Vec<Failure>,
}

impl Report {
    /// All directives.
    pub(crate) fn total(&self) -> usize {
        self.passed + self.not_supported.len() + self.exceptions.len() + self.failures.len()
    }
}

/// The sums over scripts.
#[derive(Serialize, Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) scripts: usize,
    pub(crate) passed: usize,
    pub(crate) not_supported: usize,
    pub(crate) exceptions: usize,
    pub(crate) failed: usize,
    pub(crate) total: usize,
}

impl Totals {
    pub(crate) fn of(reports: &[Report]) -> Self {
        let mut totals = Totals { scripts: reports.len(), ..Totals::default() };
        for report in reports {
            totals.passed += report.passed;
            totals.not_supported += report.not_supported.len();
            totals.exceptions += report.exceptions.len();
            totals.failed += report.failures.len();
            totals.total += report.total();
        }
        totals
    }
}
