//! Frames, address space and tables together.

use core::ops::Range;

use crate::tables::Fill;
use crate::{Error, Flags, Frames, Machine, PAGE, Protection, Ranges, Tables};

/// What the machine's memory is used for, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// All frames.
    pub total: usize,
    /// Frames in use: pages, tables, records.
    pub used: usize,
    /// The most that were ever in use.
    pub peak: usize,
    /// Pages that were copied when they were written.
    pub copied: usize,
}

/// The memory of a machine.
pub struct Memory<M: Machine> {
    pub(crate) frames: Frames,
    pub(crate) ranges: Ranges,
    pub(crate) tables: Tables<M>,
    /// What is never made writable, whatever is asked: constants, and what was given at boot.
    read_only: [Range<usize>; 2],
    copied: usize,
}

impl<M: Machine> Memory<M> {
    /// The memory that these frames make. `read_only` is where the firmware's constants are, modules that are linked in among
    /// them, and what it was given at boot: this can be made executable, and a wish to write to it is answered with success and not
    /// granted.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`] without a frame for the first table.
    pub fn new(mut frames: Frames, read_only: [Range<usize>; 2]) -> Result<Self, Error> {
        let tables = Tables::new(&mut frames)?;
        Ok(Self { frames, ranges: Ranges::new(M::SPACE), tables, read_only, copied: 0 })
    }

    /// The first table, for the machine's register.
    pub fn root(&self) -> usize {
        self.tables.root()
    }

    /// Maps what is there anyway at its own address: the firmware, its memory, registers of devices.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`] without a frame for a table.
    pub fn identity(&mut self, range: Range<usize>, flags: Flags) -> Result<(), Error> {
        self.tables.identity(range.start & !(PAGE - 1), range.end.next_multiple_of(PAGE), flags, &mut self.frames)
    }

    /// `wasmtime_mmap_new`.
    ///
    /// # Errors
    /// As the function's.
    pub fn map(&mut self, size: usize, protection: Protection) -> Result<usize, Error> {
        if size == 0 || !size.is_multiple_of(PAGE) {
            return Err(Error::Argument);
        }
        let start = self.ranges.take(size, &mut self.frames)?;
        let backed = self.set(start, size, protection);
        if backed.is_err() {
            // Just taken, so it is there to be given back.
            let _ = self.ranges.give_back(start, size);
        }
        backed.map(|()| start)
    }

    /// `wasmtime_munmap`.
    ///
    /// # Errors
    /// As the function's.
    pub fn unmap(&mut self, start: usize, size: usize) -> Result<(), Error> {
        self.ranges.give_back(start, size)?;
        self.tables.release(start, start + size, &mut self.frames);
        M::forget(start, size / PAGE);
        Ok(())
    }

    /// `wasmtime_mprotect`.
    ///
    /// # Errors
    /// As the function's.
    pub fn protect(&mut self, start: usize, size: usize, protection: Protection) -> Result<(), Error> {
        if !start.is_multiple_of(PAGE) {
            return Err(Error::Argument);
        }
        if size == 0 {
            return Ok(());
        }
        let whole = size.checked_next_multiple_of(PAGE).ok_or(Error::NotMapped)?;
        let end = start.checked_add(whole).ok_or(Error::NotMapped)?;
        if self.ranges.covers(start) {
            if !self.ranges.contains(start, whole) {
                return Err(Error::NotMapped);
            }
            self.set(start, whole, protection)?;
        } else {
            let is_constant = self.read_only.iter().any(|constants| constants.start < end && start < constants.end);
            let granted = match protection {
                Protection::ReadWrite if is_constant => Protection::Read,
                granted => granted,
            };
            let all = self.tables.protect(start, end, granted.flags(), &mut self.frames);
            M::forget(start, whole / PAGE);
            if !all? {
                return Err(Error::NotMapped);
            }
        }
        if protection == Protection::ReadExecute {
            M::publish(start, size);
        }
        Ok(())
    }

    /// `wasmtime_mmap_remap`.
    ///
    /// # Errors
    /// As the function's.
    pub fn remap(&mut self, start: usize, size: usize, protection: Protection) -> Result<(), Error> {
        if !start.is_multiple_of(PAGE) || !size.is_multiple_of(PAGE) {
            return Err(Error::Argument);
        }
        if !self.ranges.contains(start, size) {
            return Err(Error::NotMapped);
        }
        if protection == Protection::None {
            self.tables.release(start, start + size, &mut self.frames);
            M::forget(start, size / PAGE);
            return Ok(());
        }
        self.back(start, size, protection, Fill::Blank)
    }

    /// A write to this address faulted; whether that was because the page is copied when it is written, and is copied now.
    pub fn copy_on_write(&mut self, address: usize) -> bool {
        let is_copied = self.tables.copy_on_write(address, &mut self.frames);
        if is_copied {
            self.copied += 1;
            M::forget(address & !(PAGE - 1), 1);
        }
        is_copied
    }

    /// Protects pages of a range that was given out.
    pub(crate) fn set(&mut self, start: usize, size: usize, protection: Protection) -> Result<(), Error> {
        if protection != Protection::None {
            return self.back(start, size, protection, Fill::Keep);
        }
        self.tables.protect(start, start + size, protection.flags(), &mut self.frames)?;
        M::forget(start, size / PAGE);
        Ok(())
    }

    /// Gives pages memory, all of them or none.
    pub(crate) fn back(&mut self, start: usize, size: usize, protection: Protection, fill: Fill) -> Result<(), Error> {
        let (end, available) = (start + size, self.frames.available());
        if self.tables.missing(start, end, available) > available {
            return Err(Error::OutOfMemory);
        }
        if fill != Fill::Keep {
            // What the pages had, or what was promised to them, is there for the new ones; the TLB has none of it when they come.
            self.tables.release(start, end, &mut self.frames);
            M::forget(start, size / PAGE);
        }
        self.tables.back(start, end, protection.flags(), fill, &mut self.frames)?;
        M::forget(start, size / PAGE);
        Ok(())
    }

    /// Where the firmware may have been given something at boot.
    pub fn boot_input(&self) -> Range<usize> {
        self.read_only[1].clone()
    }

    /// Lets so many bytes be had from now on, tables among them.
    pub fn limit(&mut self, bytes: usize) {
        self.frames.limit(bytes / PAGE);
    }

    /// What is used.
    pub fn stats(&self) -> Stats {
        Stats {
            total: self.frames.total() * PAGE,
            used: self.frames.used() * PAGE,
            peak: self.frames.peak() * PAGE,
            copied: self.copied,
        }
    }
}
