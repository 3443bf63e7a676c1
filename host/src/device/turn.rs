//! Whose turn it is with a library that knows no threads.

use std::sync::{Condvar, Mutex, PoisonError};
use std::thread::{self, ThreadId};

/// One thread at a time has the library, as often as it likes.
pub(super) struct Turns {
    owner: Mutex<Option<(ThreadId, usize)>>,
    free: Condvar,
}

/// The current thread's turn; dropping the last one lets others in.
pub(super) struct Turn(&'static Turns);

impl Turns {
    pub(super) const fn new() -> Self {
        Self { owner: Mutex::new(None), free: Condvar::new() }
    }

    /// Waits until no other thread has a turn.
    pub(super) fn take(&'static self) -> Turn {
        let me = thread::current().id();
        let mut owner = self.owner.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match &mut *owner {
                None => *owner = Some((me, 1)),
                Some((id, count)) if *id == me => *count += 1,
                Some(_) => {
                    owner = self.free.wait(owner).unwrap_or_else(PoisonError::into_inner);
                    continue;
                }
            }
            return Turn(self);
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut owner = self.0.owner.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *owner {
            Some((_, count)) if *count > 1 => *count -= 1,
            _ => {
                *owner = None;
                self.0.free.notify_one();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

    #[test]
    fn one_thread_has_it_several_times_the_other_waits() {
        static TURNS: Turns = Turns::new();
        static RELEASED: AtomicBool = AtomicBool::new(false);
        let first = TURNS.take();
        let second = TURNS.take();
        let other = thread::spawn(|| {
            let _turn = TURNS.take();
            assert!(RELEASED.load(SeqCst), "took its turn while the other thread had one");
        });
        drop(first);
        thread::sleep(std::time::Duration::from_millis(50));
        RELEASED.store(true, SeqCst);
        drop(second);
        other.join().unwrap();
    }
}
