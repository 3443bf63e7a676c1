//! Scripts on a bare machine: compiled here on all cores, written into bundles, and replayed by the firmware of a port. One start
//! of the machine runs as many scripts as it has room for.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use minplat_builder::progress::Detail;
use minplat_builder::source::Source;
use minplat_bundle::Writer;
use minplat_compiler::Compiler;
use minplat_host::ErrorCode;
use minplat_platform::Platform;
use minplat_platform::settings::Interruption;
use minplat_qemu::firmware::{self, Order};
use minplat_qemu::machine::{self, Said};
use minplat_qemu::port::Port;
use minplat_qemu::record::Record;

use crate::language::Language;
use crate::outcome::{Failure, Lack, Outcome, Report};
use crate::progress::Progress;
use crate::record::{Noted, record};
use crate::run::compiling;
use crate::source::Script;
use crate::step::Prepared;

/// Enough for any script: what is not meant to run out does not.
const PLENTY: u64 = u64::MAX / 2;

/// What the firmware says of a step that should have come out otherwise; its results stand before.
const SUCCESS: &str = "success";

/// How long a machine may take for what it was given.
const TIME_OUT: Duration = Duration::from_secs(900);

/// A machine for scripts.
pub(crate) struct Machine {
    pub(crate) port: Port,
    pub(crate) platform: Platform,
    pub(crate) compiled_for: Platform,
    language: Language,
    firmware: PathBuf,
}

/// A script in a bundle.
struct Waiting {
    at: usize,
    steps: Prepared,
    noted: Vec<Noted>,
}

impl Machine {
    /// Builds the firmware of a port, for the port's first platform or the one that is named.
    ///
    /// # Errors
    /// There is no such port or platform, or the firmware cannot be built.
    pub(crate) fn new(name: &str, platform: Option<&str>, language: Language, detail: Detail) -> Result<Self> {
        let source = Source::find(None)?;
        let port = Port::find(&source, name)?;
        let called = platform.unwrap_or(&port.about.platforms[0]).to_owned();
        let platform = port.platform(Some(&called))?;
        let order = Order {
            source: &source,
            port: &port,
            platform: &platform,
            called: &called,
            linked: &[],
            lean: false,
            detail,
        };
        let firmware = firmware::build(&order)?;
        let compiled_for = language.of(&called, &[])?;
        Ok(Self { port, platform, compiled_for, language, firmware })
    }

    /// Runs scripts; the reports are in the scripts' order.
    ///
    /// # Errors
    /// There is no QEMU. What goes wrong in a script, and a machine that ends in the midst of one, is in its report.
    pub(crate) fn run(&self, scripts: &[Script], progress: &Progress) -> Result<Vec<Report>> {
        let compiler =
            Compiler::new(&self.compiled_for, minplat_compiler::Options { parallel: false, ..Default::default() })?;
        let mut reports: Vec<_> =
            scripts.iter().map(|script| Report { script: script.name.clone(), ..Report::default() }).collect();
        compiling(&compiler, scripts, |receiver| {
            let mut waiting = VecDeque::new();
            let mut size = 0;
            for (at, prepared) in receiver {
                match prepared {
                    Err(unreadable) => reports[at].failures.push(unreadable.failure()),
                    Ok(steps) => {
                        size += steps.size();
                        waiting.push_back(Waiting { at, steps, noted: Vec::new() });
                        if size as u64 > self.port.about.boot.size / 2 {
                            self.replay(&mut waiting, &mut reports, progress)?;
                            size = 0;
                        }
                    }
                }
            }
            self.replay(&mut waiting, &mut reports, progress)
        })?;
        Ok(reports)
    }

    /// Has the firmware replay what waits. A machine that crashes in a script is started again for those behind it.
    fn replay(&self, waiting: &mut VecDeque<Waiting>, reports: &mut [Report], progress: &Progress) -> Result<()> {
        while !waiting.is_empty() {
            let room = self.port.about.boot.size;
            let align = usize::try_from(self.platform.in_place_alignment())?;
            let fuel = (self.platform.settings().interruption == Interruption::Fuel).then_some(PLENTY);
            let mut bundle = Writer::default();
            let mut size = 0;
            let mut now = VecDeque::new();
            while let Some(mut script) = waiting.pop_front() {
                size += script.steps.size() as u64;
                if size > room * 9 / 10 && !now.is_empty() {
                    waiting.push_front(script);
                    break;
                }
                let name = script.at.to_string();
                script.noted = record(&mut bundle, (self.language, align), &script.steps, (&name, fuel));
                now.push_back(script);
            }
            let mut ended: Option<usize> = None;
            let mut current: Option<usize> = None;
            let options = machine::Options { time_out: Some(TIME_OUT), ..machine::Options::default() };
            let mut told = Vec::new();
            let mut results: Vec<String> = Vec::new();
            let outcome = machine::run(&self.port, &self.firmware, &bundle.finish(), options, |said| match said {
                Said::Record(Record::Begin(name)) => {
                    let at = name.parse().ok();
                    current = at;
                    if let Some(at) = at {
                        progress.begin(&reports[at].script);
                    }
                }
                Said::Record(Record::Passed(_)) => {
                    progress.end();
                    ended = current;
                }
                Said::Record(Record::Result { kind, text }) => results.push(format!("{kind}:{text}")),
                Said::Record(Record::Failed { line, what, text }) => {
                    let what = if what.starts_with(SUCCESS) { format!("({})", results.join(", ")) } else { what };
                    results.clear();
                    if let Some(at) = current {
                        told.push((at, line, what, text));
                    }
                }
                _ => {}
            });
            while let Some(script) = now.pop_front() {
                let at = script.at;
                let is_done = outcome.is_ok() || ended.is_some_and(|ended| ended >= at) && current != Some(at);
                let report = &mut reports[at];
                if is_done {
                    let failed = told.iter().filter(|(of, ..)| *of == at);
                    self.judge(
                        script,
                        failed.map(|(_, line, what, text)| (*line, what.as_str(), text.as_str())),
                        report,
                    );
                    continue;
                }
                let Err(error) = &outcome else { continue };
                if current == Some(at) {
                    report.failures.push(Failure {
                        line: 1,
                        directive: "the script".into(),
                        expected: "a machine that goes on".into(),
                        actual: format!("{error:#}"),
                    });
                    // Those behind it have another machine.
                    for script in now.drain(..).rev() {
                        waiting.push_front(script);
                    }
                } else {
                    // The machine never came to a script.
                    outcome.with_context(|| format!("{} ran no script", self.port.name))?;
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Brings together what was known and what the machine said.
    fn judge<'t>(&self, script: Waiting, told: impl Iterator<Item = (u64, &'t str, &'t str)>, report: &mut Report) {
        let mut failed: std::collections::HashMap<u64, String> = std::collections::HashMap::new();
        for (number, what, text) in told {
            failed.insert(number, said(what, text));
        }
        if let Some(actual) = failed.remove(&u64::from(u32::MAX)) {
            report.failures.push(Failure {
                line: 1,
                directive: "the script".into(),
                expected: "a store with the module spectest".into(),
                actual,
            });
        }
        for ((number, step), noted) in (0u64..).zip(&script.steps.steps).zip(script.noted) {
            let outcome = match noted {
                Noted::Known(outcome) => outcome,
                Noted::Asked(expected) => match failed.remove(&number) {
                    None => Outcome::Passed,
                    Some(actual) => Outcome::Failed { expected, actual },
                },
            };
            match outcome {
                Outcome::Passed => report.passed += 1,
                Outcome::NotSupported(needs) => report.not_supported.push(Lack { line: step.line, needs }),
                Outcome::Failed { expected, actual } => {
                    report.failures.push(Failure { line: step.line, directive: step.text.clone(), expected, actual });
                }
            }
        }
    }
}

/// What the firmware said of a failure, with the name of the error.
fn said(what: &str, text: &str) -> String {
    let code = what.strip_prefix("error ").and_then(|code| code.parse().ok());
    match code {
        Some(code) => format!("the error {}: {text}", ErrorCode(code).name()),
        None => format!("{what} {text}").trim_end().to_owned(),
    }
}
