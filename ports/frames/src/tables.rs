//! The page tables.

use core::marker::PhantomData;

use memory_addr::PhysAddr;
use page_table_entry::{GenericPTE, MappingFlags};

use crate::{Error, Frames, Machine, PAGE};

/// Entries of a table.
const ENTRIES: usize = 512;

/// Bytes that an entry of a table of this level stands for; level 0 has the pages.
const fn span(level: usize) -> usize {
    PAGE << (9 * level)
}

/// The parts of a range that entries of a table of this level stand for: index, first byte, byte behind the last.
fn parts(level: usize, start: usize, end: usize) -> impl Iterator<Item = (usize, usize, usize)> {
    let mut at = start;
    core::iter::from_fn(move || {
        let from = at;
        // An end of 0 is the end of the address space.
        let to = (from | (span(level) - 1)).min(end.wrapping_sub(1)).wrapping_add(1);
        at = to;
        (from != end).then_some((from / span(level) % ENTRIES, from, to))
    })
}

/// What is in pages that get memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fill {
    /// What is there already; zeros in those that have no memory.
    Keep,
    /// Zeros.
    Blank,
    /// The same as in the pages from this address on, in the very frames, until they are written.
    Image(usize),
}

/// An entry, in its table.
struct Slot<M: Machine> {
    entry: *mut M::Entry,
}

impl<M: Machine> Clone for Slot<M> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<M: Machine> Copy for Slot<M> {}

impl<M: Machine> Slot<M> {
    fn new(table: usize, index: usize) -> Self {
        Self { entry: core::ptr::with_exposed_provenance_mut::<M::Entry>(table).wrapping_add(index) }
    }

    fn get(self) -> M::Entry {
        // SAFETY: slots are made for tables of the tree alone, whose owner every caller has borrowed.
        unsafe { self.entry.read_volatile() }
    }

    fn set(self, entry: M::Entry) {
        // SAFETY: as in `get`.
        unsafe { self.entry.write_volatile(entry) };
    }

    fn is_unused(self) -> bool {
        self.get().is_unused()
    }

    fn address(self) -> usize {
        self.get().paddr().as_usize()
    }

    fn clear(self) {
        let mut entry = self.get();
        entry.clear();
        self.set(entry);
    }

    /// A page, or a block of a higher level.
    fn map(self, address: usize, flags: MappingFlags, is_block: bool) {
        self.set(M::Entry::new_page(PhysAddr::from_usize(address), flags, is_block));
    }

    /// A page that is copied when it is written.
    fn share(self, frame: usize, flags: MappingFlags) {
        let entry = M::Entry::new_page(PhysAddr::from_usize(frame), flags - MappingFlags::WRITE, false);
        // SAFETY: an entry is a word of 64 bits, by the contract of `Machine`, and so is the slot.
        unsafe { self.entry.cast::<u64>().write_volatile(entry.bits() as u64 | M::SHARED) };
    }

    fn is_shared(self) -> bool {
        self.get().bits() as u64 & M::SHARED != 0
    }
}

/// The page tables of the machine. Those that are not there stand for nothing.
pub struct Tables<M: Machine> {
    root: usize,
    machine: PhantomData<M>,
}

const fn top<M: Machine>() -> usize {
    M::LEVELS - 1
}

impl<M: Machine> Tables<M> {
    /// Tables that map nothing.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`] without a frame.
    pub fn new(frames: &mut Frames) -> Result<Self, Error> {
        Ok(Self { root: frames.take().ok_or(Error::OutOfMemory)?, machine: PhantomData })
    }

    /// Where the first table is.
    pub fn root(&self) -> usize {
        self.root
    }

    /// Maps memory, or a device's registers, at its own address, in blocks as large as fit.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`] without a frame for a table.
    pub fn identity(
        &mut self,
        start: usize,
        end: usize,
        flags: MappingFlags,
        frames: &mut Frames,
    ) -> Result<(), Error> {
        identity::<M>(self.root, top::<M>(), start, end, flags, frames)
    }

    /// Frames that `back` takes for this range, tables among them; counting ends where it is more than `limit`.
    pub fn missing(&self, start: usize, end: usize, limit: usize) -> usize {
        missing::<M>(Some(self.root), top::<M>(), start, end, limit)
    }

    /// Gives every page of the range memory and this protection. Pages that have some keep it.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`], with a part done; never where `missing` frames are there.
    pub fn back(
        &mut self,
        start: usize,
        end: usize,
        flags: MappingFlags,
        fill: Fill,
        frames: &mut Frames,
    ) -> Result<(), Error> {
        back::<M>(self.root, (self.root, top::<M>()), (start, end), flags, fill, frames)
    }

    /// Changes the protection of the pages that have memory, and of no others. Whether all of them had.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`] without a frame for a table, where the range ends inside a block.
    pub fn protect(
        &mut self,
        start: usize,
        end: usize,
        flags: MappingFlags,
        frames: &mut Frames,
    ) -> Result<bool, Error> {
        protect::<M>(self.root, top::<M>(), start, end, flags, frames)
    }

    /// Takes the memory of a range, and tables that become empty.
    pub fn release(&mut self, start: usize, end: usize, frames: &mut Frames) {
        release::<M>(self.root, top::<M>(), start, end, frames);
    }

    /// The frame of a page.
    pub fn frame(&self, page: usize) -> Option<usize> {
        find::<M>(self.root, page).filter(|slot| !slot.is_unused()).map(Slot::address)
    }

    /// A write to this address faulted: gives the page a copy of its own, if that is why. Whether it was.
    pub fn copy_on_write(&mut self, address: usize, frames: &mut Frames) -> bool {
        match find::<M>(self.root, address & !(PAGE - 1)) {
            Some(slot) if slot.is_shared() && slot.get().is_present() => {
                own::<M>((slot, address), MappingFlags::READ | MappingFlags::WRITE, frames);
                true
            }
            _ => false,
        }
    }
}

/// The slot of a page, if the tables for it are there.
fn find<M: Machine>(root: usize, page: usize) -> Option<Slot<M>> {
    // The upper half begins where the highest bit of the levels is set, and so are all above it.
    let half = 12 + 9 * M::LEVELS - 1;
    if !matches!(page.cast_signed() >> half, 0 | -1) {
        return None;
    }
    let mut table = root;
    for level in (1..M::LEVELS).rev() {
        let slot = Slot::<M>::new(table, page / span(level) % ENTRIES);
        if slot.is_unused() || slot.get().is_huge() {
            return None;
        }
        table = slot.address();
    }
    Some(Slot::new(table, page / PAGE % ENTRIES))
}

/// The table behind a slot, a new one if there is none.
fn table<M: Machine>(slot: Slot<M>, frames: &mut Frames) -> Result<usize, Error> {
    if slot.is_unused() {
        let new = frames.take().ok_or(Error::OutOfMemory)?;
        slot.set(M::Entry::new_table(PhysAddr::from_usize(new)));
    }
    Ok(slot.address())
}

/// Whether a slot of a higher level is a block.
fn is_block<M: Machine>(level: usize, slot: Slot<M>) -> bool {
    level > 0 && !slot.is_unused() && slot.get().is_huge()
}

fn identity<M: Machine>(
    at: usize,
    level: usize,
    start: usize,
    end: usize,
    flags: MappingFlags,
    frames: &mut Frames,
) -> Result<(), Error> {
    for (index, from, to) in parts(level, start, end) {
        let slot = Slot::<M>::new(at, index);
        // Blocks of 2 MiB and of 1 GiB: every architecture has them.
        if level == 0 || level <= 2 && to - from == span(level) && slot.is_unused() {
            slot.map(from, flags, level > 0);
        } else {
            identity::<M>(table(slot, frames)?, level - 1, from, to, flags, frames)?;
        }
    }
    Ok(())
}

fn missing<M: Machine>(at: Option<usize>, level: usize, start: usize, end: usize, limit: usize) -> usize {
    let mut sum = 0;
    for (index, from, to) in parts(level, start, end) {
        let slot = at.map(|table| Slot::<M>::new(table, index)).filter(|slot| !slot.is_unused());
        if slot.is_none() {
            sum += 1;
        }
        if level > 0 {
            sum += missing::<M>(slot.map(Slot::address), level - 1, from, to, limit.saturating_sub(sum));
        }
        if sum > limit {
            break;
        }
    }
    sum
}

fn back<M: Machine>(
    root: usize,
    (at, level): (usize, usize),
    (start, end): (usize, usize),
    flags: MappingFlags,
    fill: Fill,
    frames: &mut Frames,
) -> Result<(), Error> {
    for (index, from, to) in parts(level, start, end) {
        let slot = Slot::<M>::new(at, index);
        if level > 0 {
            back::<M>(root, (table(slot, frames)?, level - 1), (from, to), flags, fill, frames)?;
            continue;
        }
        if !slot.is_unused() {
            change::<M>((slot, from), flags, frames);
        } else if let Fill::Image(source) = fill {
            let image = find::<M>(root, from - start + source).map(Slot::address).ok_or(Error::NotMapped)?;
            image_page(slot, image, flags, frames)?;
        } else {
            slot.map(frames.take().ok_or(Error::OutOfMemory)?, flags, false);
        }
    }
    Ok(())
}

/// Maps a page of an image: to be copied when it is written, or at once where it has more owners than can be counted.
fn image_page<M: Machine>(slot: Slot<M>, image: usize, flags: MappingFlags, frames: &mut Frames) -> Result<(), Error> {
    if frames.share(image) {
        if !frames.promise(1) {
            return Err(Error::OutOfMemory);
        }
        slot.share(image, flags);
    } else {
        let own = frames.take().ok_or(Error::OutOfMemory)?;
        copy(image, own);
        slot.map(own, flags, false);
    }
    Ok(())
}

/// Copies a frame to one that is nobody's.
fn copy(from: usize, to: usize) {
    let (from, to) = (core::ptr::with_exposed_provenance::<u8>(from), core::ptr::with_exposed_provenance_mut(to));
    // SAFETY: every caller has two frames, the second one just taken.
    unsafe { core::ptr::copy_nonoverlapping(from, to, PAGE) };
}

/// Changes the protection of a page that has memory.
fn change<M: Machine>((slot, page): (Slot<M>, usize), flags: MappingFlags, frames: &mut Frames) {
    if !slot.is_shared() {
        slot.map(slot.address(), flags, false);
    } else if flags.is_empty() || flags.contains(MappingFlags::WRITE) {
        slot.share(slot.address(), flags);
    } else {
        // Else a write to it would be taken for one that is permitted.
        own::<M>((slot, page), flags, frames);
    }
}

/// Gives a page that is shared a frame of its own, the one that was promised.
fn own<M: Machine>((slot, page): (Slot<M>, usize), flags: MappingFlags, frames: &mut Frames) {
    let shared = slot.address();
    frames.release(1);
    let new = if frames.is_shared(shared) { frames.take() } else { None };
    if let Some(new) = new {
        copy(shared, new);
        replace(slot, (page, 1), |slot| slot.map(new, flags, false));
        // SAFETY: this page's share of it.
        unsafe { frames.give_back(shared) };
    } else {
        // Nobody else has it any more.
        slot.map(shared, flags, false);
    }
}

fn protect<M: Machine>(
    at: usize,
    level: usize,
    start: usize,
    end: usize,
    flags: MappingFlags,
    frames: &mut Frames,
) -> Result<bool, Error> {
    let mut all = true;
    for (index, from, to) in parts(level, start, end) {
        let slot = Slot::<M>::new(at, index);
        if slot.is_unused() {
            all = false;
            continue;
        }
        let is_whole = to - from == span(level);
        if level == 0 {
            change::<M>((slot, from), flags, frames);
        } else if is_block(level, slot) && is_whole {
            slot.map(slot.address(), flags, true);
        } else {
            if is_block(level, slot) {
                split::<M>(slot, level, from & !(span(level) - 1), frames)?;
            }
            all &= protect::<M>(slot.address(), level - 1, from, to, flags, frames)?;
        }
    }
    Ok(all)
}

/// Makes a table of a block.
fn split<M: Machine>(slot: Slot<M>, level: usize, start: usize, frames: &mut Frames) -> Result<(), Error> {
    let new = frames.take().ok_or(Error::OutOfMemory)?;
    let (address, flags) = (slot.address(), slot.get().flags());
    for index in 0..ENTRIES {
        Slot::<M>::new(new, index).map(address + index * span(level - 1), flags, level > 1);
    }
    replace(slot, (start, span(level) / PAGE), |slot| slot.set(M::Entry::new_table(PhysAddr::from_usize(new))));
    Ok(())
}

/// Makes an entry of these pages lead somewhere else. First to nothing: an architecture may mix what it finds before and after.
fn replace<M: Machine>(slot: Slot<M>, (start, pages): (usize, usize), set: impl FnOnce(Slot<M>)) {
    slot.clear();
    M::forget(start, pages);
    set(slot);
}

/// Takes the frame of a page.
fn drop_page<M: Machine>(slot: Slot<M>, frames: &mut Frames) {
    if slot.is_shared() {
        frames.release(1);
    }
    let frame = slot.address();
    slot.clear();
    // SAFETY: the page had it, and has it no more; stale entries of the TLB are dropped before anybody can use the address.
    unsafe { frames.give_back(frame) };
}

fn release<M: Machine>(at: usize, level: usize, start: usize, end: usize, frames: &mut Frames) {
    for (index, from, to) in parts(level, start, end) {
        let slot = Slot::<M>::new(at, index);
        if slot.is_unused() {
            continue;
        }
        if level == 0 {
            drop_page::<M>(slot, frames);
            continue;
        }
        let table = slot.address();
        release::<M>(table, level - 1, from, to, frames);
        if (0..ENTRIES).all(|index| Slot::<M>::new(table, index).is_unused()) {
            slot.clear();
            // Whoever walks the tables may remember the way here.
            M::forget(from, 1);
            // SAFETY: nothing refers to it any more.
            unsafe { frames.give_back(table) };
        }
    }
}
