//! What a machine told of a script, and what it comes to.

use std::collections::BTreeMap;

use minplat_host::ErrorCode;
use minplat_qemu::record::Record;

use crate::outcome::{Failure, Lack, Outcome, Report};
use crate::record::Noted;
use crate::step::Step;

/// The number of the step that takes the store.
const STORE: u64 = u32::MAX as u64;

/// What the firmware says of a step that should have come out otherwise; its results stand before.
const SUCCESS: &str = "success";

/// What was told of one script.
#[derive(Default)]
pub(crate) struct Told {
    /// How many steps came out as expected, once the script was over.
    passed: Option<u64>,
    /// Steps by number that did not, and what came of each.
    failed: BTreeMap<u64, String>,
    /// What nobody asked for: errors that belong to no step, lines that are no record.
    beyond: Vec<String>,
    /// Results of the step at hand.
    results: Vec<String>,
}

impl Told {
    /// Hears of it.
    pub(crate) fn hear(&mut self, record: Record) {
        match record {
            Record::Passed(count) => self.passed = Some(count),
            Record::Result(value) => self.results.push(value.to_string()),
            Record::Failed { line, what, text } => {
                let results = std::mem::take(&mut self.results);
                let actual =
                    if what.starts_with(SUCCESS) { format!("({})", results.join(", ")) } else { said(&what, &text) };
                // What follows of the same step follows from this.
                self.failed.entry(line).or_insert(actual);
            }
            Record::Error(error) => self.beyond.push(format!("an error: {}", error.text)),
            Record::Panic(text) => self.beyond.push(format!("the library gave up: {text}")),
            Record::Unknown(line) => self.beyond.push(format!("what is no record: {line}")),
            _ => {}
        }
    }

    /// Whether the machine has done the script.
    pub(crate) fn is_over(&self) -> bool {
        self.passed.is_some() || self.has_no_store()
    }

    /// Whether everything that was told was right.
    pub(crate) fn is_well(&self) -> bool {
        self.passed.is_some() && self.failed.is_empty() && self.beyond.is_empty()
    }

    /// What is wrong of it, if anything.
    pub(crate) fn trouble(&self) -> Option<&str> {
        self.beyond.iter().chain(self.failed.values()).next().map(String::as_str)
    }

    /// Without a store no step passes, and none is counted.
    fn has_no_store(&self) -> bool {
        self.failed.contains_key(&STORE)
    }

    /// Brings together what was known of each step and what was told.
    pub(crate) fn judge(mut self, steps: &[Step], noted: Vec<Noted>, report: &mut Report) {
        let has_store = !self.has_no_store();
        if let Some(actual) = self.failed.remove(&STORE) {
            report.failures.push(whole("a store with the module spectest", actual));
        }
        let (mut asked, mut wrong) = (0, 0);
        for ((number, step), noted) in (0u64..).zip(steps).zip(noted) {
            let outcome = match noted {
                Noted::Known(outcome) => outcome,
                Noted::Asked(expected) => {
                    asked += 1;
                    match self.failed.remove(&number) {
                        None if has_store => Outcome::Passed,
                        None => Outcome::Failed { expected, actual: "there is no store".into() },
                        Some(actual) => {
                            wrong += 1;
                            Outcome::Failed { expected, actual }
                        }
                    }
                }
            };
            match outcome {
                Outcome::Passed => report.passed += 1,
                Outcome::NotSupported(needs) => report.not_supported.push(Lack { line: step.line, needs }),
                Outcome::Failed { expected, actual } => {
                    report.failures.push(Failure { line: step.line, directive: step.text.clone(), expected, actual });
                }
            }
        }
        for (number, actual) in self.failed {
            self.beyond.push(format!("of step {number}, which was not asked: {actual}"));
        }
        report.failures.extend(self.beyond.into_iter().map(|actual| whole("nothing besides the steps", actual)));
        let passed = self.passed.unwrap_or_default();
        if has_store && passed != asked - wrong {
            let expected = format!("{} of {asked} steps as expected, {wrong} told of", asked - wrong);
            report.failures.push(whole(&expected, format!("the machine counts {passed}")));
        }
    }
}

/// A failure of the whole script.
pub(crate) fn whole(expected: &str, actual: String) -> Failure {
    Failure { line: 1, directive: "the script".into(), expected: expected.into(), actual }
}

/// What the firmware said of a failure, with the name of the error.
fn said(what: &str, text: &str) -> String {
    let code = what.strip_prefix("error ").and_then(|code| code.parse().ok());
    match code {
        Some(code) => format!("the error {}: {text}", ErrorCode(code).name()),
        None => format!("{what} {text}").trim_end().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::What;

    /// Judges a script of one known step and two that are asked, by these lines of the firmware.
    fn judged(lines: &[&str]) -> Report {
        let mut told = Told::default();
        lines.iter().for_each(|line| told.hear(Record::parse(line)));
        let step = |line| Step { line, text: format!("step {line}"), what: What::Beyond("nothing") };
        let asked = || Noted::Asked("what is expected".into());
        let noted = vec![Noted::Known(Outcome::Passed), asked(), asked()];
        let mut report = Report::default();
        told.judge(&[step(10), step(20), step(30)], noted, &mut report);
        report
    }

    fn failures(report: &Report) -> Vec<(usize, &str)> {
        report.failures.iter().map(|failure| (failure.line, failure.actual.as_str())).collect()
    }

    #[test]
    fn every_step_that_was_asked_is_counted() {
        let report = judged(&["passed\t2"]);
        assert_eq!((report.passed, failures(&report)), (3, vec![]));
        let report = judged(&["failed\t2\terror 3\tno", "passed\t1"]);
        assert_eq!((report.passed, report.failures[0].line), (2, 30));
        // Silence is no success, and too many are none either.
        for lines in [&["passed\t1"][..], &["passed\t3"], &["failed\t2\tno\t", "passed\t2"], &[]] {
            let report = judged(lines);
            assert!(report.failures.iter().any(|failure| failure.line == 1), "{lines:?}: {report:?}");
        }
    }

    #[test]
    fn the_first_word_of_a_step_counts() {
        let report = judged(&[
            "result\t0\t1",
            "failed\t1\tsuccess, with the results before this\t",
            "failed\t1\tx\t",
            "passed\t1",
        ]);
        assert_eq!(failures(&report), [(20, "(i32:1)")]);
    }

    #[test]
    fn what_was_not_asked_is_a_failure() {
        for line in ["nonsense", "panic\tover", "error\tf\t7\t-\t\t0\twhy", "failed\t9\tno\t", "failed\t0\tdamaged\t"] {
            let report = judged(&[line, "passed\t2"]);
            assert_eq!((report.passed, report.failures.len()), (3, 1), "{line}: {report:?}");
        }
        let report = judged(&["failed\t4294967295\terror 5\tno memory", "failed\t1\tx\t", "failed\t2\tx\t"]);
        assert_eq!(report.failures.iter().map(|failure| failure.line).collect::<Vec<_>>(), [1, 20, 30]);
    }
}
