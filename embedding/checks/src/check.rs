//! The list of checks, and running them.

use core::fmt;

use crate::checks::ALL;
use crate::finding::{Finding, Found};
use crate::machine::Machine;
use crate::platform::Platform;

/// A check.
pub struct Check {
    /// Its name, as `trap-repeats`.
    pub name: &'static str,
    /// What holds where it passes.
    pub meaning: &'static str,
    /// What to do where it fails.
    pub remedy: &'static str,
    /// Whether checks that wait for faults make sense only where this one passes.
    pub(crate) decides_traps: bool,
    pub(crate) run: fn(&Machine<'_>) -> Found,
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// What came of a check, so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome<'t> {
    /// It begins now.
    Begins,
    /// The platform keeps its promise. The text, mostly empty, is worth knowing all the same.
    Passed(&'t str),
    /// It does not; the text says what was seen.
    Failed(&'t str),
    /// It cannot be told here; the text says why.
    NotCheckable(&'t str),
}

/// How many checks ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Promises that are kept.
    pub passed: usize,
    /// Promises that are broken.
    pub failed: usize,
    /// What cannot be told here.
    pub not_checkable: usize,
}

/// All checks, in the order in which they run: those that others build on come first.
pub fn checks() -> impl Iterator<Item = &'static Check> {
    ALL.iter().flat_map(|group| group.iter())
}

/// Runs the checks, or the one with the name `only`, and tells of each twice: when it begins and when it has ended.
///
/// Takes 4 KiB of stack besides what `tell` needs, and no heap. What it maps it unmaps.
///
/// # Safety
/// The functions are what their types say: the machine's own, or ones that are wrong in what they do, and not in how they are
/// called. Nobody else uses the platform's slots of this thread, `platform.foreign`, or the trap handler meanwhile; on a machine
/// that delivers traps no guest runs.
pub unsafe fn check(
    platform: &Platform<'_>,
    only: Option<&str>,
    tell: &mut dyn FnMut(&'static Check, Outcome<'_>),
) -> Tally {
    let machine = Machine::new(platform);
    let mut tally = Tally::default();
    for check in checks().filter(|check| only.is_none_or(|name| name == check.name)) {
        tell(check, Outcome::Begins);
        machine.forget();
        let found = (check.run)(&machine);
        let detail = machine.detail();
        let outcome = match found {
            Ok(()) => Outcome::Passed(detail.get()),
            Err(Finding::Failed) => Outcome::Failed(detail.get()),
            Err(Finding::NotCheckable) => Outcome::NotCheckable(detail.get()),
        };
        match outcome {
            Outcome::Failed(_) if check.decides_traps => machine.distrust_traps(check.name),
            _ => {}
        }
        match outcome {
            Outcome::Begins => {}
            Outcome::Passed(_) => tally.passed += 1,
            Outcome::Failed(_) => tally.failed += 1,
            Outcome::NotCheckable(_) => tally.not_checkable += 1,
        }
        tell(check, outcome);
    }
    tally
}
