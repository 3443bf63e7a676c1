//! Scripts on a platform: compiled on all cores, run by one device, one after the other.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc;
use std::thread;

use anyhow::{Context, Result, anyhow, ensure};
use minplat_compiler::{Compiler, Options};
use minplat_host::{guest_thread, platform};
use minplat_platform::Platform;

use crate::language::Language;
use crate::machine::Machine;
use crate::outcome::{Failure, Lack, Outcome, Report};
use crate::prepare::{Unreadable, prepare};
use crate::progress::Progress;
use crate::session::Session;
use crate::source::Script;
use crate::step::Prepared;

/// What scripts run on.
pub(crate) struct Target {
    /// What the device is.
    pub(crate) platform: Platform,
    /// What modules are compiled for: the platform with the language's features alone.
    pub(crate) compiled_for: Platform,
    pub(crate) library: PathBuf,
    pub(crate) language: Language,
}

/// Of what parsers and compilers need on deep nests, bytes.
const COMPILER_STACK: usize = 16 << 20;

/// Runs scripts; the reports are in the scripts' order.
///
/// # Errors
/// There is no device. What goes wrong in a script is in its report.
pub(crate) fn run(target: &Target, scripts: &[Script], progress: &Progress) -> Result<Vec<Report>> {
    let compiler = Compiler::new(&target.compiled_for, Options { parallel: false, ..Options::default() })?;
    compiling(&compiler, scripts, |receiver| {
        let native_stack = usize::try_from(target.platform.settings().native_stack)?;
        guest_thread::run(native_stack, move || device(target, scripts, &receiver, progress))
            .context("cannot start a thread for guests")?
    })
}

/// Compiles scripts on all cores, and hands them to `job` as they come.
///
/// # Errors
/// There are no threads, or `job` fails.
pub(crate) fn compiling<R>(
    compiler: &Compiler,
    scripts: &[Script],
    job: impl FnOnce(mpsc::Receiver<Ready>) -> Result<R>,
) -> Result<R> {
    let next = AtomicUsize::new(0);
    let workers = thread::available_parallelism().map_or(1, usize::from);
    // Artifacts that wait for the device take memory: few scripts are ahead of it.
    let (sender, receiver) = mpsc::sync_channel(workers);
    thread::scope(|scope| {
        for _ in 0..workers {
            let (sender, next) = (sender.clone(), &next);
            let work = move || {
                while let Some((at, script)) = take(scripts, next) {
                    if sender.send((at, prepare(script, compiler))).is_err() {
                        return;
                    }
                }
            };
            let builder = thread::Builder::new().name("compiler".into()).stack_size(COMPILER_STACK);
            builder.spawn_scoped(scope, work).context("cannot start a thread to compile on")?;
        }
        drop(sender);
        job(receiver)
    })
}

fn take<'a>(scripts: &'a [Script], next: &AtomicUsize) -> Option<(usize, &'a Script)> {
    let at = next.fetch_add(1, Relaxed);
    scripts.get(at).map(|script| (at, script))
}

/// A script that was compiled, and its place among all.
pub(crate) type Ready = (usize, Result<Prepared, Unreadable>);

/// The device's side.
fn device(
    target: &Target,
    scripts: &[Script],
    receiver: &mpsc::Receiver<Ready>,
    progress: &Progress,
) -> Result<Vec<Report>> {
    let machine = Machine::open(&target.library, &target.platform)?;
    let mut reports = BTreeMap::new();
    for (at, prepared) in receiver {
        let name = &scripts[at].name;
        progress.begin(name);
        reports.insert(at, one(&machine, target.language, name, prepared));
        progress.end();
    }
    if reports.len() != scripts.len() {
        return Err(anyhow!("a thread that compiles ended early"));
    }
    let pages = platform::code_pages();
    ensure!(pages.writable == 0, "the library made a page writable and executable at once, {} times", pages.writable);
    Ok(reports.into_values().collect())
}

fn one(machine: &Machine, language: Language, name: &str, prepared: Result<Prepared, Unreadable>) -> Report {
    let mut report = Report { script: name.into(), ..Report::default() };
    let script = match prepared {
        Ok(script) => script,
        Err(unreadable) => {
            report.failures.push(unreadable.failure());
            return report;
        }
    };
    let mut session = match Session::new(machine, language, &script) {
        Ok(session) => session,
        Err(error) => {
            let actual = error.to_string();
            report.failures.push(Failure {
                line: 1,
                directive: "the script".into(),
                expected: "a store with the module spectest".into(),
                actual,
            });
            return report;
        }
    };
    for step in &script.steps {
        match session.step(step) {
            Outcome::Passed => report.passed += 1,
            Outcome::NotSupported(needs) => report.not_supported.push(Lack { line: step.line, needs }),
            Outcome::Failed { expected, actual } => {
                report.failures.push(Failure { line: step.line, directive: step.text.clone(), expected, actual });
            }
        }
    }
    report
}
