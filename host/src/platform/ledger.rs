//! What the device has mapped, and how much of it a device would need memory for.
//!
//! Two numbers are kept. **Mapped** is address space, reservations included. **Backed** is what real memory would stand
//! behind on a device that commits at once: every byte that was made accessible since it was mapped, readable or more, plus
//! the images. A reservation costs nothing; hiding a range again gives nothing back (its contents stay); a blank remap
//! without access does. Linux itself commits later still, so the process uses less. The memory limit is on backed bytes:
//! what a board's data sheet says.
//!
//! Modules that are loaded in place are not in it: they lie in flash.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rangemap::RangeMap;

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Reserved,
    Backed,
}

/// The book of one machine.
pub(super) struct Ledger {
    ranges: RangeMap<usize, State>,
    /// Bytes of each image, by its address.
    images: HashMap<usize, u64>,
    limit: u64,
    /// The last request that the limit did not allow, bytes.
    refused: Option<u64>,
    pub(super) mapped: u64,
    pub(super) mapped_peak: u64,
    pub(super) backed: u64,
    pub(super) backed_peak: u64,
}

static LEDGER: Mutex<Option<Ledger>> = Mutex::new(None);

/// The process's ledger. Held while Linux is called, so that book and machine agree; the trap handler of a thread may take
/// it, since a thread that holds it does not run wasm.
pub(super) fn with<R>(job: impl FnOnce(&mut Ledger) -> R) -> R {
    let mut ledger: MutexGuard<_> = LEDGER.lock().unwrap_or_else(PoisonError::into_inner);
    job(ledger.get_or_insert_with(Ledger::new))
}

/// Limits the bytes that the device can back, from now on; what it has keeps. `None`: no limit.
pub fn set_memory_limit(bytes: Option<u64>) {
    with(|ledger| ledger.limit = bytes.unwrap_or(u64::MAX));
}

/// The limit that was set.
pub fn memory_limit() -> Option<u64> {
    with(|ledger| Some(ledger.limit).filter(|limit| *limit != u64::MAX))
}

/// The last request for more memory, bytes, that the limit did not allow.
pub fn last_refused() -> Option<u64> {
    with(|ledger| ledger.refused)
}

fn range(addr: usize, len: usize) -> Range<usize> {
    addr..addr.saturating_add(len)
}

impl Ledger {
    fn new() -> Self {
        Self {
            ranges: RangeMap::new(),
            images: HashMap::new(),
            limit: u64::MAX,
            refused: None,
            mapped: 0,
            mapped_peak: 0,
            backed: 0,
            backed_peak: 0,
        }
    }

    /// Whether `bytes` more can be backed; notes it if not.
    pub(super) fn affords(&mut self, bytes: u64) -> bool {
        let fits = self.backed.checked_add(bytes).is_some_and(|sum| sum <= self.limit);
        if !fits {
            self.refused = Some(bytes);
        }
        fits
    }

    /// How many bytes of the range would become backed if all of it were made accessible. Bytes that were not mapped by
    /// us do not count.
    pub(super) fn cost(&self, addr: usize, len: usize) -> u64 {
        self.sum(&range(addr, len), State::Reserved)
    }

    fn sum(&self, within: &Range<usize>, state: State) -> u64 {
        let overlapping = self.ranges.overlapping(within).filter(|(_, s)| **s == state);
        overlapping.map(|(r, _)| (r.end.min(within.end) - r.start.max(within.start)) as u64).sum()
    }

    /// A new mapping.
    pub(super) fn map(&mut self, addr: usize, len: usize, accessible: bool) {
        self.mapped += len as u64;
        self.mapped_peak = self.mapped_peak.max(self.mapped);
        self.ranges.insert(range(addr, len), State::Reserved);
        if accessible {
            self.back(addr, len);
        }
    }

    /// The range, where it is ours, has become accessible.
    pub(super) fn back(&mut self, addr: usize, len: usize) {
        let within = range(addr, len);
        let reserved: Vec<_> = self.ranges.overlapping(&within).filter(|(_, s)| **s == State::Reserved).collect();
        let reserved: Vec<_> =
            reserved.into_iter().map(|(r, _)| r.start.max(within.start)..r.end.min(within.end)).collect();
        for part in reserved {
            self.charge((part.end - part.start) as u64);
            self.ranges.insert(part, State::Backed);
        }
    }

    /// The range was replaced by a blank one without access.
    pub(super) fn release(&mut self, addr: usize, len: usize) {
        let within = range(addr, len);
        self.backed -= self.sum(&within, State::Backed);
        self.ranges.insert(within, State::Reserved);
    }

    /// The range was unmapped.
    pub(super) fn unmap(&mut self, addr: usize, len: usize) {
        let within = range(addr, len);
        let backed = self.sum(&within, State::Backed);
        self.backed -= backed;
        self.mapped -= backed + self.sum(&within, State::Reserved);
        self.ranges.remove(within);
    }

    /// An image was made.
    pub(super) fn image(&mut self, image: usize, len: usize) {
        self.charge(len as u64);
        self.images.insert(image, len as u64);
    }

    /// An image was given up.
    pub(super) fn image_free(&mut self, image: usize) {
        self.backed -= self.images.remove(&image).unwrap_or(0);
    }

    fn charge(&mut self, bytes: u64) {
        self.backed += bytes;
        self.backed_peak = self.backed_peak.max(self.backed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reservation_costs_nothing_until_it_is_accessible() {
        let mut ledger = Ledger::new();
        ledger.limit = 100;
        ledger.map(1000, 400, false);
        assert_eq!((ledger.mapped, ledger.backed), (400, 0));
        assert_eq!(ledger.cost(1100, 50), 50);
        ledger.back(1100, 50);
        ledger.back(1120, 60);
        assert_eq!((ledger.cost(1000, 400), ledger.backed), (320, 80));
        assert!(ledger.affords(20) && ledger.refused.is_none());
        assert!(!ledger.affords(21) && !ledger.affords(u64::MAX) && ledger.refused == Some(u64::MAX));
    }

    #[test]
    fn a_blank_remap_gives_back_and_the_peak_stays() {
        let mut ledger = Ledger::new();
        ledger.map(1000, 400, true);
        ledger.release(1000, 100);
        assert_eq!((ledger.mapped, ledger.backed, ledger.backed_peak), (400, 300, 400));
        ledger.unmap(1000, 400);
        assert_eq!((ledger.mapped, ledger.backed, ledger.mapped_peak), (0, 0, 400));
    }

    #[test]
    fn neighbours_are_told_apart_and_foreign_ranges_do_not_count() {
        let mut ledger = Ledger::new();
        ledger.map(1000, 100, true);
        ledger.map(1100, 100, true);
        ledger.unmap(1000, 100);
        ledger.back(5000, 100);
        assert_eq!((ledger.mapped, ledger.backed), (100, 100));
        ledger.image(7, 50);
        ledger.image_free(7);
        assert_eq!((ledger.backed, ledger.backed_peak), (100, 200));
    }
}
