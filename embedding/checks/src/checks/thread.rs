//! Threads that the program lends, and meetings of them. Whoever waits here waits for a while, not for ever.

use core::hint::spin_loop;
use core::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use crate::finding::Finding;
use crate::machine::Machine;

/// How often a thread that waits looks: some hundred milliseconds of a fast machine.
const PATIENCE: u32 = 1 << 23;

/// Where the threads of a check wait for each other.
pub(super) struct Meeting {
    count: usize,
    arrived: AtomicUsize,
    missed: AtomicUsize,
}

impl Meeting {
    /// Waits for the others. Can be called several times, by all.
    pub(super) fn meet(&self) {
        let own = self.arrived.fetch_add(1, SeqCst) + 1;
        let all = own.div_ceil(self.count) * self.count;
        if !wait_until(|| self.arrived.load(SeqCst) >= all) {
            self.missed.fetch_add(1, SeqCst);
        }
    }
}

/// Waits for a while; whether the condition came true.
pub(super) fn wait_until(condition: impl Fn() -> bool) -> bool {
    (0..PATIENCE).any(|_| {
        spin_loop();
        condition()
    })
}

/// Waits for a shorter while, for something that must not happen; whether it did.
pub(super) fn happens(condition: impl Fn() -> bool) -> bool {
    (0..PATIENCE / 32).any(|_| {
        spin_loop();
        condition()
    })
}

/// Runs a job on so many threads at once. Goes on only if they met when they wanted to.
pub(super) fn many(m: &Machine<'_>, count: usize, job: &(dyn Fn(&Meeting, usize) + Sync)) -> Result<(), Finding> {
    let Some(threads) = m.platform.threads else {
        not_checkable!(m, "the program lends the checks no threads (run_threads)");
    };
    let meeting = Meeting { count, arrived: AtomicUsize::new(0), missed: AtomicUsize::new(0) };
    if !threads.run(count, &|number| job(&meeting, number)) {
        not_checkable!(m, "the program had no {count} threads to lend");
    }
    if meeting.missed.into_inner() > 0 {
        not_checkable!(m, "the threads that the program lends do not run at the same time");
    }
    Ok(())
}
