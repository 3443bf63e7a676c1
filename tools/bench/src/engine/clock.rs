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

/// Bytes of this process that are in RAM, counted page by page: what the kernel keeps in passing may be off by some pages for each core.
pub(super) fn resident() -> Result<u64> {
    const FILE: &str = "/proc/self/smaps_rollup";
    let text = std::fs::read_to_string(FILE).with_context(|| format!("cannot read {FILE}"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("Rss:")?.trim().strip_suffix(" kB"));
    let kilobytes: u64 = line.with_context(|| format!("{FILE} has no line Rss"))?.parse()?;
    Ok(kilobytes * 1024)
}
