//! Physical memory, in pages.
//!
//! Frames that were never used are a few ranges; those that came back are a list, each with the address of the next in its
//! first word. So taking and giving back are a few instructions. Nobody needs frames that lie next to each other, which is what
//! the field's buddy allocators are for. A frame can have several owners: two bytes a frame count them, in front of the range.

use crate::PAGE;

/// How many owners a frame has besides the first.
type Owners = u16;

/// Ranges of memory that a machine can have.
const RANGES: usize = 4;

/// A range of memory.
#[derive(Clone, Copy, Debug)]
struct Range {
    /// The first frame; in front of it are the counts.
    start: usize,
    /// The first that was never used.
    fresh: usize,
    end: usize,
    /// For each frame the owners that it has besides the first.
    owners: usize,
}

impl Range {
    const NONE: Self = Self { start: 0, fresh: 0, end: 0, owners: 0 };
}

/// The frames of a machine, each reachable at its own address.
#[derive(Debug)]
pub struct Frames {
    ranges: [Range; RANGES],
    /// The first of those that came back; 0: none.
    list: usize,
    available: usize,
    total: usize,
    /// Promised to pages that are copied when they are written.
    promised: usize,
    /// So many stay unused.
    withheld: usize,
    peak: usize,
}

impl Frames {
    /// No frames.
    pub const fn new() -> Self {
        Self { ranges: [Range::NONE; RANGES], list: 0, available: 0, total: 0, promised: 0, withheld: 0, peak: 0 }
    }

    /// Adds the whole pages of a range; false if there are too many ranges.
    ///
    /// # Safety
    /// The memory is there at these addresses, readable and writable, and nobody uses it.
    pub unsafe fn add(&mut self, start: usize, end: usize) -> bool {
        let owners = start.next_multiple_of(PAGE);
        let end = end & !(PAGE - 1);
        if owners >= end {
            return true;
        }
        let Some(place) = self.ranges.iter_mut().find(|range| range.end == 0) else { return false };
        let bytes = (end - owners) / PAGE * size_of::<Owners>();
        let start = (owners + bytes).next_multiple_of(PAGE);
        // SAFETY: by the caller's contract the memory is there, and this range's.
        unsafe { core::ptr::with_exposed_provenance_mut::<u8>(owners).write_bytes(0, bytes) };
        *place = Range { start, fresh: start, end, owners };
        self.available += (end - start) / PAGE;
        self.total += (end - start) / PAGE;
        true
    }

    /// A frame of zeros; `None` where there is none but those that are promised.
    pub fn take(&mut self) -> Option<usize> {
        if self.available() == 0 {
            return None;
        }
        let frame = self.next()?;
        // SAFETY: the frame is nobody's, and there.
        unsafe { core::ptr::with_exposed_provenance_mut::<u8>(frame).write_bytes(0, PAGE) };
        self.available -= 1;
        self.peak = self.peak.max(self.used());
        Some(frame)
    }

    fn next(&mut self) -> Option<usize> {
        if self.list != 0 {
            let frame = self.list;
            // SAFETY: a frame of the list has the next one in its first word.
            self.list = unsafe { core::ptr::with_exposed_provenance::<usize>(frame).read() };
            return Some(frame);
        }
        let range = self.ranges.iter_mut().find(|range| range.fresh < range.end)?;
        range.fresh += PAGE;
        Some(range.fresh - PAGE)
    }

    /// The count of a frame's owners.
    fn owners(&self, frame: usize) -> Option<*mut Owners> {
        let range = self.ranges.iter().find(|range| (range.start..range.end).contains(&frame))?;
        Some(core::ptr::with_exposed_provenance_mut::<Owners>(range.owners).wrapping_add((frame - range.start) / PAGE))
    }

    /// Gives a frame one more owner; false if it has as many as can be counted.
    pub fn share(&mut self, frame: usize) -> bool {
        let Some(owners) = self.owners(frame) else { return false };
        // SAFETY: the count is there, and nobody else has it.
        let more = unsafe { owners.read() }.checked_add(1);
        // SAFETY: as above.
        more.map(|count| unsafe { owners.write(count) }).is_some()
    }

    /// Whether a frame has several owners.
    pub fn is_shared(&self, frame: usize) -> bool {
        // SAFETY: as in `share`.
        self.owners(frame).is_some_and(|owners| unsafe { owners.read() } != 0)
    }

    /// An owner gives a frame back. It can be used for something else when the last one has.
    ///
    /// # Safety
    /// `take` gave it, and this owner does not use it any more.
    pub unsafe fn give_back(&mut self, frame: usize) {
        if let Some(owners) = self.owners(frame) {
            // SAFETY: as in `share`.
            match unsafe { owners.read() } {
                0 => {}
                // SAFETY: as in `share`.
                count => return unsafe { owners.write(count - 1) },
            }
        }
        // SAFETY: it is nobody's.
        unsafe { core::ptr::with_exposed_provenance_mut::<usize>(frame).write(self.list) };
        self.list = frame;
        self.available += 1;
    }

    /// Puts so many aside, for pages that will be written; false if there are not so many.
    pub fn promise(&mut self, frames: usize) -> bool {
        let fits = frames <= self.available();
        if fits {
            self.promised += frames;
        }
        fits
    }

    /// So many of those are not needed any more, or are taken now.
    pub fn release(&mut self, frames: usize) {
        self.promised -= frames;
    }

    /// How many can be had.
    pub fn available(&self) -> usize {
        (self.available - self.promised).saturating_sub(self.withheld)
    }

    /// Lets so many be had from now on, and no more than there are.
    pub fn limit(&mut self, frames: usize) {
        self.withheld = (self.available - self.promised).saturating_sub(frames);
    }

    /// How many are in use.
    pub fn used(&self) -> usize {
        self.total - self.available
    }

    /// The most that were ever in use.
    pub fn peak(&self) -> usize {
        self.peak
    }

    /// How many there are.
    pub fn total(&self) -> usize {
        self.total
    }
}

impl Default for Frames {
    fn default() -> Self {
        Self::new()
    }
}
