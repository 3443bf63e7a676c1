//! Scripts on a bare machine: compiled here on all cores, written into bundles, and replayed by the firmware of a port. One start
//! of the machine runs as many scripts as it has room for.

use std::collections::{HashMap, VecDeque};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use minplat_builder::interrupt;
use minplat_builder::progress::Detail;
use minplat_builder::source::Source;
use minplat_bundle::Writer;
use minplat_compiler::Compiler;
use minplat_platform::Platform;
use minplat_platform::settings::Interruption;
use minplat_qemu::firmware::{self, Order};
use minplat_qemu::machine::{self, Said};
use minplat_qemu::port::Port;
use minplat_qemu::record::Record;

use crate::language::Language;
use crate::outcome::Report;
use crate::progress::Progress;
use crate::record::{Noted, record};
use crate::run::compiling;
use crate::source::Script;
use crate::step::Prepared;
use crate::told::{Told, whole};

/// Enough for any script: what is not meant to run out does not.
const PLENTY: u64 = u64::MAX / 2;

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

/// What came of scripts.
pub(crate) struct Ran {
    /// In the scripts' order.
    pub(crate) reports: Vec<Report>,
    /// How often the machine was started.
    pub(crate) starts: u32,
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

    /// Runs scripts.
    ///
    /// # Errors
    /// There is no QEMU. What goes wrong in a script, and a machine that ends in the midst of one, is in its report.
    pub(crate) fn run(&self, scripts: &[Script], progress: &Progress) -> Result<Ran> {
        let compiler =
            Compiler::new(&self.compiled_for, minplat_compiler::Options { parallel: false, ..Default::default() })?;
        let reports = scripts.iter().map(|script| Report { script: script.name.clone(), ..Report::default() });
        let mut ran = Ran { reports: reports.collect(), starts: 0 };
        compiling(&compiler, scripts, |receiver| {
            let mut waiting = VecDeque::new();
            let mut size = 0;
            for (at, prepared) in receiver {
                match prepared {
                    Err(unreadable) => ran.reports[at].failures.push(unreadable.failure()),
                    Ok(steps) => {
                        size += steps.size();
                        waiting.push_back(Waiting { at, steps, noted: Vec::new() });
                        if size as u64 > self.port.about.boot.size / 2 {
                            self.replay(&mut waiting, &mut ran, progress)?;
                            size = 0;
                        }
                    }
                }
            }
            self.replay(&mut waiting, &mut ran, progress)
        })?;
        Ok(ran)
    }

    /// Has the firmware replay what waits. A machine that crashes in a script is started again for those behind it.
    fn replay(&self, waiting: &mut VecDeque<Waiting>, ran: &mut Ran, progress: &Progress) -> Result<()> {
        let Ran { reports, starts } = ran;
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
            let mut told: HashMap<usize, Told> = HashMap::new();
            let mut current: Option<usize> = None;
            let mut astray = Told::default();
            let options = machine::Options { time_out: Some(TIME_OUT), ..machine::Options::default() };
            *starts += 1;
            let outcome = machine::run(&self.port, &self.firmware, &bundle.finish(), options, |said| match said {
                Said::Record(Record::Begin(name)) => {
                    current = name.parse().ok().filter(|at| now.iter().any(|script| script.at == *at));
                    if let Some(at) = current {
                        progress.begin(&reports[at].script);
                    }
                }
                Said::Record(record) => {
                    if matches!(record, Record::Passed(_)) {
                        progress.end();
                    }
                    current.map_or(&mut astray, |at| told.entry(at).or_default()).hear(record);
                }
                Said::Line(_) => {}
            });
            interrupt::check()?;
            if let Some(trouble) = astray.trouble() {
                bail!("{} told of what belongs to no script: {trouble}", self.port.name);
            }
            if let Ok(code) = outcome
                && code != 0
                && now.iter().all(|script| told.get(&script.at).is_some_and(Told::is_well))
            {
                bail!("{} ended with {code} after scripts of which nothing was wrong", self.port.name);
            }
            let mut blamed = false;
            let mut left = Vec::new();
            for script in now {
                let told = told.remove(&script.at).unwrap_or_default();
                let report = &mut reports[script.at];
                match &outcome {
                    Err(error) if !told.is_over() && current == Some(script.at) => {
                        blamed = true;
                        report.failures.push(whole("a machine that goes on", format!("{error:#}")));
                    }
                    // It never came to this one, which is for another machine.
                    Err(_) if !told.is_over() => left.push(script),
                    _ => told.judge(&script.steps.steps, script.noted, report),
                }
            }
            if !blamed {
                outcome.with_context(|| format!("no script is why {} ended", self.port.name))?;
            }
            left.into_iter().rev().for_each(|script| waiting.push_front(script));
        }
        Ok(())
    }
}
