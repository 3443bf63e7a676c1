//! Ctrl-C, and a wish to end from elsewhere: Cargo and all that it started is stopped, what was half made is removed, and
//! then the program ends as the signal would have ended it.

use std::process::{Child, Command, ExitStatus};
use std::sync::Mutex;
use std::sync::atomic::{AtomicI32, Ordering};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// The signal that came, or 0.
static CAME: AtomicI32 = AtomicI32::new(0);
/// What runs now, each with a process group of its own.
static RUNNING: Mutex<Vec<Pid>> = Mutex::new(Vec::new());

/// From now on the first signal only leads to errors, which clean up on their way; the second ends the program at once.
///
/// # Errors
/// The system refuses.
pub fn watch() -> Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).context("cannot watch for signals")?;
    std::thread::spawn(move || {
        for signal in signals.forever() {
            if CAME.swap(signal, Ordering::SeqCst) != 0 {
                _ = signal_hook::low_level::emulate_default_handler(signal);
            }
            for group in &*running() {
                _ = kill_process_group(*group, Signal::TERM);
            }
        }
    });
    Ok(())
}

/// Whether the user wants it to end.
pub fn came() -> bool {
    CAME.load(Ordering::SeqCst) != 0
}

/// Between two steps.
///
/// # Errors
/// The user wants it to end.
pub fn check() -> Result<()> {
    if came() {
        bail!("interrupted");
    }
    Ok(())
}

/// Ends the program as the signal would have, if one came.
pub fn end() {
    if came() {
        _ = signal_hook::low_level::emulate_default_handler(CAME.load(Ordering::SeqCst));
    }
}

/// Runs a program that takes long, so that a signal stops it and what it has started. `while_running` reads what it writes.
///
/// # Errors
/// It cannot be started.
pub fn run(command: &mut Command, while_running: impl FnOnce(&mut Child)) -> Result<ExitStatus> {
    use std::os::unix::process::CommandExt;
    // Held while it starts: a signal either finds it in the list or came before.
    let mut list = running();
    check()?;
    let what = command.get_program().display().to_string();
    let mut child = command.process_group(0).spawn().with_context(|| format!("cannot run {what}"))?;
    let pid = Pid::from_child(&child);
    list.push(pid);
    drop(list);
    while_running(&mut child);
    // Its number may go to another process once it has been waited for in earnest; until then it is in the list.
    _ = waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
    running().retain(|other| *other != pid);
    let status = child.wait().with_context(|| format!("cannot wait for {what}"))?;
    check()?;
    Ok(status)
}

fn running() -> std::sync::MutexGuard<'static, Vec<Pid>> {
    RUNNING.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}
