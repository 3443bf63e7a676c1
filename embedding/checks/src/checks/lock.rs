//! Locks.

use core::hint::spin_loop;
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed, Ordering::SeqCst};

use super::check;
use super::thread::{happens, many, wait_until};
use crate::check::Check;
use crate::finding::{Finding, Found};
use crate::machine::Machine;
use crate::platform::Locks;

pub(super) static CHECKS: &[Check] = &[
    check(
        "lock-word",
        word,
        "A word of zeros is a free lock: it can be taken, given back and freed, and freed without having been used.",
        "Make at first use what a lock needs; freeing a word of zeros does nothing. A lock that is freed is not used again.",
    ),
    check(
        "lock-excludes",
        excludes,
        "One thread at a time holds a lock; another one waits, then gets it; what the first one wrote the next one sees.",
        "Take the word with an atomic exchange (acquire), give it back with a store (release), and wake who waits.",
    ),
    check(
        "rwlock-excludes",
        rw_excludes,
        "While one thread writes nobody else reads or writes, and while one reads nobody writes.",
        "Count the readers, and let a writer in when there are none and no other writer.",
    ),
    check(
        "rwlock-shares",
        shares,
        "Several threads can read at once.",
        "Let readers in while others read; a plain lock in the place of this one can block for ever.",
    ),
];

fn locks<'a>(m: &Machine<'a>) -> Result<&'a Locks, Finding> {
    match &m.platform.locks {
        Some(locks) => Ok(locks),
        None => not_checkable!(m, "the platform offers no locks"),
    }
}

/// A lock's word.
struct Word(AtomicUsize);

impl Word {
    const fn new() -> Self {
        Self(AtomicUsize::new(0))
    }

    fn pointer(&self) -> *mut usize {
        self.0.as_ptr()
    }
}

fn word(m: &Machine<'_>) -> Found {
    let locks = locks(m)?;
    for _ in 0..3 {
        let (unused, lock) = (Word::new(), Word::new());
        // SAFETY: words of zeros, used by this thread alone, as the header says.
        unsafe {
            (locks.free)(unused.pointer());
            (locks.rw_free)(unused.pointer());
            for _ in 0..3 {
                (locks.acquire)(lock.pointer());
                (locks.release)(lock.pointer());
            }
            (locks.free)(lock.pointer());
        }
        let lock = Word::new();
        // SAFETY: as above.
        unsafe {
            for _ in 0..3 {
                (locks.read)(lock.pointer());
                (locks.read_release)(lock.pointer());
                (locks.write)(lock.pointer());
                (locks.write_release)(lock.pointer());
            }
            (locks.rw_free)(lock.pointer());
        }
    }
    Ok(())
}

/// A way to take a lock, and to give it back.
type Way = (unsafe extern "C" fn(*mut usize), unsafe extern "C" fn(*mut usize));

/// One thread holds the lock, for as long as `look` looks for what it is given; whether another one gets in meanwhile. It gets
/// in afterwards at the latest, or this does not return.
fn beside(
    m: &Machine<'_>,
    lock: &Word,
    (holder, other): (Way, Way),
    look: fn(&dyn Fn() -> bool) -> bool,
) -> Result<bool, Finding> {
    let (is_held, is_trying, is_in) = (AtomicBool::new(false), AtomicBool::new(false), AtomicBool::new(false));
    let (got_in, missed) = (AtomicBool::new(false), AtomicBool::new(false));
    many(m, 2, &|meeting, number| {
        meeting.meet();
        // SAFETY: each thread gives back what it took; the lock is the check's.
        unsafe {
            if number == 0 {
                holder.0(lock.pointer());
                is_held.store(true, SeqCst);
                missed.fetch_or(!wait_until(|| is_trying.load(SeqCst)), SeqCst);
                got_in.store(look(&|| is_in.load(SeqCst)), SeqCst);
                holder.1(lock.pointer());
            } else {
                missed.fetch_or(!wait_until(|| is_held.load(SeqCst)), SeqCst);
                is_trying.store(true, SeqCst);
                other.0(lock.pointer());
                is_in.store(true, SeqCst);
                other.1(lock.pointer());
            }
        }
    })?;
    if missed.into_inner() {
        not_checkable!(m, "the threads that the program lends do not run at the same time");
    }
    Ok(got_in.into_inner())
}

/// Numbers that only a lock keeps together.
struct Pair(AtomicUsize, AtomicUsize);

impl Pair {
    const fn new() -> Self {
        Self(AtomicUsize::new(0), AtomicUsize::new(0))
    }

    /// Adds to both as a plain program would, not at one stroke.
    fn add(&self) {
        let (one, other) = (self.0.load(Relaxed), self.1.load(Relaxed));
        self.0.store(one + 1, Relaxed);
        for _ in 0..8 {
            spin_loop();
        }
        self.1.store(other + 1, Relaxed);
    }

    fn is_torn(&self) -> bool {
        self.0.load(Relaxed) != self.1.load(Relaxed)
    }
}

const ROUNDS: usize = 5000;

fn excludes(m: &Machine<'_>) -> Found {
    let locks = locks(m)?;
    let way = (locks.acquire, locks.release);
    let lock = Word::new();
    let got_in = beside(m, &lock, (way, way), |it| happens(it))?;
    ensure!(m, !got_in, "a second thread took the lock while the first one held it");
    let (pair, torn) = (Pair::new(), AtomicUsize::new(0));
    many(m, 3, &|meeting, _| {
        meeting.meet();
        for _ in 0..ROUNDS {
            // SAFETY: taken and given back by this thread.
            unsafe { way.0(lock.pointer()) };
            torn.fetch_add(usize::from(pair.is_torn()), Relaxed);
            pair.add();
            // SAFETY: as above.
            unsafe { way.1(lock.pointer()) };
        }
    })?;
    // SAFETY: nobody has it any more.
    unsafe { (locks.free)(lock.pointer()) };
    let (sum, torn) = (pair.1.into_inner(), torn.into_inner());
    ensure!(m, torn == 0 && sum == 3 * ROUNDS, "three threads counted to {sum} under the lock, not to {}", 3 * ROUNDS);
    Ok(())
}

fn rw_excludes(m: &Machine<'_>) -> Found {
    let locks = locks(m)?;
    let (read, write) = ((locks.read, locks.read_release), (locks.write, locks.write_release));
    let lock = Word::new();
    for (holder, other, what) in [
        (write, write, "a second writer got in while the first one wrote"),
        (write, read, "a reader got in while another thread wrote"),
        (read, write, "a writer got in while another thread read"),
    ] {
        let got_in = beside(m, &lock, (holder, other), |it| happens(it))?;
        ensure!(m, !got_in, "{what}");
    }
    let (pair, torn) = (Pair::new(), AtomicUsize::new(0));
    many(m, 3, &|meeting, number| {
        meeting.meet();
        for round in 0..ROUNDS {
            let writes = (round + number) % 3 == 0;
            let way = if writes { write } else { read };
            // SAFETY: taken and given back by this thread.
            unsafe { way.0(lock.pointer()) };
            torn.fetch_add(usize::from(pair.is_torn()), Relaxed);
            if writes {
                pair.add();
            }
            // SAFETY: as above.
            unsafe { way.1(lock.pointer()) };
        }
    })?;
    // SAFETY: nobody has it any more.
    unsafe { (locks.rw_free)(lock.pointer()) };
    let torn = torn.into_inner();
    ensure!(m, torn == 0, "{torn} times a thread saw what another one was writing under the lock");
    Ok(())
}

fn shares(m: &Machine<'_>) -> Found {
    let locks = locks(m)?;
    let read = (locks.read, locks.read_release);
    let lock = Word::new();
    let got_in = beside(m, &lock, (read, read), |it| wait_until(it))?;
    // SAFETY: nobody has it any more.
    unsafe { (locks.rw_free)(lock.pointer()) };
    ensure!(m, got_in, "a second reader waited until the first one had done");
    Ok(())
}
