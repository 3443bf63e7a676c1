//! How long the rest of a study will take.

use std::time::Duration;

/// Of so many builds, the last ones, the middle is taken: one that was quick, as the first often is, because much of it lay
/// there, changes little.
const LAST: usize = 5;

/// The builds that were made.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    last: Vec<Duration>,
}

impl Pace {
    /// A build was made.
    pub(crate) fn took(&mut self, time: Duration) {
        self.last.push(time);
        let old = self.last.len().saturating_sub(LAST);
        self.last.drain(..old);
    }

    /// The time that so many more will take; none before the first was made. Of two, the longer one counts.
    pub(crate) fn left(&self, builds: usize) -> Option<Duration> {
        let mut sorted = self.last.clone();
        sorted.sort_unstable();
        Some(*sorted.get(sorted.len() / 2)? * builds.try_into().unwrap_or(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quick_first_build_does_not_promise_too_much() {
        let mut pace = Pace::default();
        assert_eq!(pace.left(9), None);
        let seconds = Duration::from_secs;
        pace.took(seconds(10));
        assert_eq!(pace.left(9), Some(seconds(90)));
        pace.took(seconds(200));
        assert_eq!(pace.left(8), Some(seconds(1600)));
        pace.took(seconds(220));
        assert_eq!(pace.left(7), Some(seconds(1400)));
        // A machine that became slower: what was long ago does not count.
        (0..5).for_each(|_| pace.took(seconds(600)));
        assert_eq!(pace.left(2), Some(seconds(1200)));
    }
}
