//! Asks the machine whether it keeps what `platform.rs` promises. The platform has `build.platform-checks` on.

use minplat::checks::Outcome;
use minplat::wasmtime::{Result, error::format_err};

use crate::say;

/// Before the first engine is made, and before anything else uses the platform.
pub(crate) fn run() -> Result<()> {
    let platform = minplat::platform_functions();
    let mut tell = |check: &minplat::checks::Check, outcome: Outcome<'_>| {
        if let Outcome::Failed(seen) = outcome {
            say!("{}: {seen}; {}", check.name, check.remedy);
        }
    };
    // SAFETY: no engine was made yet, and nobody else uses the platform.
    let checked = unsafe { minplat::check_platform(&platform, None, &mut tell) };
    let tally = checked.map_err(|error| format_err!("{error}"))?;
    say!("checks: {} passed, {} failed, {} not checkable here", tally.passed, tally.failed, tally.not_checkable);
    Ok(())
}
