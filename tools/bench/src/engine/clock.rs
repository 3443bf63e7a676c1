//! What the machine says of time and memory.

use std::time::Duration;

use anyhow::{Context, Result};

/// The time that this thread has had a core: what others take of it meanwhile is not in it.
pub(super) fn thread() -> Duration {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: there is room for the answer. This clock is on every Linux.
    let code = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut now) };
    assert_eq!(code, 0, "Linux has a clock for each thread");
    Duration::new(now.tv_sec as u64, now.tv_nsec as u32)
}

/// Bytes of this process that are in RAM.
pub(super) fn resident() -> Result<u64> {
    let text = std::fs::read_to_string("/proc/self/statm").context("cannot read /proc/self/statm")?;
    let pages: u64 = text.split(' ').nth(1).context("/proc/self/statm has no second number")?.parse()?;
    // SAFETY: it only asks.
    Ok(pages * unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as u64)
}
