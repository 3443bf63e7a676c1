//! Stopping what runs too long: from inside through epochs, from outside by leaving.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use minplat_host::{Engine, Error, ErrorCode, Store, platform};

use crate::report::{Failure, Report, Stats};

/// Runs a job, and interrupts guests of this engine after `timeout` if it has not come back.
pub(crate) fn within<R>(
    timeout: Option<Duration>,
    engine: &Engine,
    job: impl FnOnce() -> Result<R, Failure>,
) -> Result<R, Failure> {
    let Some(timeout) = timeout else { return job() };
    let interrupter = engine.interrupter()?;
    thread::scope(|scope| {
        let (done, wait) = mpsc::channel::<()>();
        scope.spawn(move || {
            if wait.recv_timeout(timeout) == Err(RecvTimeoutError::Timeout) {
                // There is an interrupter, so the platform has epochs, and a tick cannot fail.
                let _ = interrupter.increment_epoch();
            }
        });
        let result = job();
        drop(done);
        result
    })
}

/// Ends the process after `deadline`, whatever it does. With `stats` the report has what the host knows by itself: the
/// library, which the guest's thread is in, cannot be asked.
pub(crate) fn deadline(deadline: Option<Duration>, mut report: Report, stats: bool) {
    let Some(deadline) = deadline else { return };
    thread::spawn(move || {
        thread::sleep(deadline);
        let what = format!("given up after {} ms (--deadline): the guest had not come back", deadline.as_millis());
        report.failure = Some(Failure::plain(what));
        report.stats = stats.then(|| Stats {
            platform: platform::stats(),
            heap: None,
            memory: None,
            native_stack: None,
            times: None,
        });
        let code = report.print();
        std::process::exit(i32::from(code));
    });
}

/// Gives the guest its fuel and its time: as much as was asked for, else all there is.
pub(crate) fn allow(store: &mut Store, fuel: Option<u64>, timeout: Option<Duration>) -> Result<(), Failure> {
    let has_epochs = supported(store.set_epoch_deadline(if timeout.is_some() { 1 } else { u64::MAX / 2 }))?;
    let has_fuel = supported(store.set_fuel(fuel.unwrap_or(u64::MAX)))?;
    let name = store.engine().device().platform_name();
    if timeout.is_some() && !has_epochs {
        let instead = if has_fuel { "--fuel or --deadline" } else { "--deadline" };
        return Err(Failure::plain(format!(
            "--timeout: platform {name} cannot interrupt a guest by time; set wasm.interruption = \"epoch\" in its file, or use {instead}"
        )));
    }
    if fuel.is_some() && !has_fuel {
        let instead = if has_epochs { "--timeout or --deadline" } else { "--deadline" };
        return Err(Failure::plain(format!(
            "--fuel: platform {name} does not count fuel; set wasm.interruption = \"fuel\" in its file, or use {instead}"
        )));
    }
    Ok(())
}

fn supported(answer: Result<(), Error>) -> Result<bool, Error> {
    match answer {
        Ok(()) => Ok(true),
        Err(error) if error.code == ErrorCode::UNSUPPORTED => Ok(false),
        Err(error) => Err(error),
    }
}
