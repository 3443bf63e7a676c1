//! Address space, in ranges of pages.
//!
//! A list of all ranges by address, those that are free and those that are given out. Giving one out splits a free one, which
//! takes a record; giving it back merges it with its neighbours, which frees records and needs none. The records come from
//! frames of their own. Crates for ranges keep them in a tree on a heap; firmware has none.

use core::ptr::null_mut;

use crate::{Error, Frames, PAGE};

/// A range, and the next one.
struct Record {
    start: usize,
    end: usize,
    is_free: bool,
    next: *mut Record,
}

/// Records of a frame.
const RECORDS: usize = PAGE / size_of::<Record>();

/// The address space that is given out, and what is left of it.
pub struct Ranges {
    first: *mut Record,
    /// Records that are not in use.
    spare: *mut Record,
    /// What all ranges are taken from.
    space: core::ops::Range<usize>,
}

// SAFETY: the records are its own.
unsafe impl Send for Ranges {}

impl Ranges {
    /// A space of which nothing is given out.
    pub const fn new(space: core::ops::Range<usize>) -> Self {
        Self { first: null_mut(), spare: null_mut(), space }
    }

    fn record(&mut self, frames: &mut Frames) -> Option<*mut Record> {
        if self.spare.is_null() {
            let new = core::ptr::with_exposed_provenance_mut::<Record>(frames.take()?);
            for number in 0..RECORDS {
                // SAFETY: the frame has room for so many, and is this list's.
                unsafe {
                    let record = new.add(number);
                    record.write(Record { start: 0, end: 0, is_free: true, next: self.spare });
                    self.spare = record;
                }
            }
        }
        let record = self.spare;
        // SAFETY: a record that is spare; only this list has it.
        self.spare = unsafe { (*record).next };
        Some(record)
    }

    /// Gives out so many bytes, whole pages, the first that fit; behind them at least a page stays free, so that an access that
    /// runs over the end faults.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`] where there is no room, or no frame for the record.
    pub fn take(&mut self, bytes: usize, frames: &mut Frames) -> Result<usize, Error> {
        let wanted = bytes.checked_add(PAGE).ok_or(Error::OutOfMemory)?;
        if self.first.is_null() {
            let first = self.record(frames).ok_or(Error::OutOfMemory)?;
            // SAFETY: the record is this list's.
            unsafe {
                *first = Record { start: self.space.start, end: self.space.end, is_free: true, next: null_mut() }
            };
            self.first = first;
        }
        let mut at = self.first;
        while !at.is_null() {
            // SAFETY: records in the list are this list's, and nobody else has a reference.
            let range = unsafe { &mut *at };
            if range.is_free && range.end - range.start > wanted {
                let rest = self.record(frames).ok_or(Error::OutOfMemory)?;
                // SAFETY: as above; it is not in the list yet.
                unsafe {
                    *rest = Record { start: range.start + wanted, end: range.end, is_free: true, next: range.next }
                };
                range.end = range.start + wanted;
                range.is_free = false;
                range.next = rest;
                return Ok(range.start);
            }
            at = range.next;
        }
        Err(Error::OutOfMemory)
    }

    /// Takes back exactly what `take` gave.
    ///
    /// # Errors
    /// [`Error::NotMapped`] for any other range.
    pub fn give_back(&mut self, start: usize, bytes: usize) -> Result<(), Error> {
        let mut before = null_mut::<Record>();
        let mut at = self.first;
        while !at.is_null() {
            // SAFETY: as in `take`.
            let range = unsafe { &mut *at };
            if range.start == start {
                if range.is_free || range.end - PAGE - start != bytes {
                    return Err(Error::NotMapped);
                }
                range.is_free = true;
                self.merge(at);
                if !before.is_null() {
                    self.merge(before);
                }
                return Ok(());
            }
            (before, at) = (at, range.next);
        }
        Err(Error::NotMapped)
    }

    /// Makes one of this and the next, if both are free.
    fn merge(&mut self, at: *mut Record) {
        // SAFETY: both are in the list, so this list's, and two different ones.
        unsafe {
            let next = (*at).next;
            if (*at).is_free && !next.is_null() && (*next).is_free {
                (*at).end = (*next).end;
                (*at).next = (*next).next;
                (*next).next = self.spare;
                self.spare = next;
            }
        }
    }

    /// Whether these bytes lie in one range that is given out.
    pub fn contains(&self, start: usize, bytes: usize) -> bool {
        let Some(end) = start.checked_add(bytes) else { return false };
        let mut at = self.first;
        while !at.is_null() {
            // SAFETY: as in `take`.
            let range = unsafe { &*at };
            if !range.is_free && range.start <= start && end <= range.end - PAGE {
                return true;
            }
            at = range.next;
        }
        false
    }

    /// Whether an address belongs to this space.
    pub fn covers(&self, address: usize) -> bool {
        self.space.contains(&address)
    }
}
