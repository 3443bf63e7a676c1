//! A program that runs to its end, and what it took.

use std::io::Read as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

/// What came of a program.
pub(crate) struct Ran {
    /// From its start to its end.
    pub(crate) time: Duration,
    /// What its threads had of the cores.
    pub(crate) cpu: Duration,
    /// Standard output, and standard error behind it.
    pub(crate) output: String,
    /// Bytes of RAM at its highest.
    pub(crate) resident_bytes: u64,
}

/// Runs it.
///
/// # Errors
/// It cannot be started, or fails; the error has what it said.
pub(crate) fn run(command: &mut Command) -> Result<Ran> {
    // A new process begins with the memory of this one, at its highest: that is to be what it has now.
    std::fs::write("/proc/self/clear_refs", "5").context("cannot reset the highest use of memory")?;
    let attempt = command.get_program().display().to_string();
    // Both in one file: of two pipes one could fill while the other is read.
    let mut said = tempfile::tempfile().context("cannot make a temporary file")?;
    let both = said.try_clone().and_then(|out| Ok((out, said.try_clone()?))).context("cannot use a file twice")?;
    let begin = Instant::now();
    let child = command.stdin(Stdio::null()).stdout(both.0).stderr(both.1).spawn();
    let child = child.with_context(|| format!("cannot start {attempt}; check the path"))?;
    let mut status = 0;
    // SAFETY: all bytes zero are a usage of nothing.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    let pid = i32::try_from(child.id()).context("a process has a number")?;
    // SAFETY: the child is ours and was not waited for; there is room for both answers.
    let waited = unsafe { libc::wait4(pid, &mut status, 0, &mut usage) };
    let time = begin.elapsed();
    let mut output = String::new();
    std::io::Seek::rewind(&mut said)
        .and_then(|()| said.read_to_string(&mut output))
        .with_context(|| format!("cannot read what {attempt} says"))?;
    let status = ExitStatus::from_raw(status);
    let name = Path::new(command.get_program()).file_name().unwrap_or_default().display();
    ensure!(waited == pid && status.success(), "{name} failed ({status}): {}", output.trim());
    let spent = |time: libc::timeval| Duration::new(time.tv_sec as u64, time.tv_usec as u32 * 1000);
    Ok(Ran {
        time,
        cpu: spent(usage.ru_utime) + spent(usage.ru_stime),
        output,
        resident_bytes: usage.ru_maxrss as u64 * 1024,
    })
}
