//! The machine under check: pages that go back by themselves, accesses that may fault, and the words of a finding.

use core::cell::Cell;
use core::fmt;

use crate::finding::{Finding, Found, Text};
use crate::platform::{EXECUTE, Memory, Platform, READ, WRITE};
use crate::probe::{self, Access, Fault, Tried};

/// `READ | WRITE`.
pub(crate) const READ_WRITE: u32 = READ | WRITE;
/// `READ | EXECUTE`.
pub(crate) const READ_EXECUTE: u32 = READ | EXECUTE;

/// A protection as people write it.
pub(crate) struct Shown(pub(crate) u32);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            0 => "no access",
            READ => "READ",
            READ_WRITE => "READ|WRITE",
            READ_EXECUTE => "READ|EXEC",
            _ => "other",
        })
    }
}

/// See the module.
pub(crate) struct Machine<'a> {
    pub(crate) platform: &'a Platform<'a>,
    /// What `init_traps` answered.
    pub(crate) init_traps: i32,
    /// The check that found traps wanting.
    distrusted: Cell<Option<&'static str>>,
    detail: Cell<Text>,
}

impl<'a> Machine<'a> {
    /// Puts the handler of the checks in place, where there are traps.
    pub(crate) fn new(platform: &'a Platform<'a>) -> Self {
        let init_traps = match platform.init_traps {
            // SAFETY: the handler lives for ever.
            Some(init_traps) if probe::SUPPORTED => unsafe { init_traps(probe::on_trap) },
            _ => 0,
        };
        Self { platform, init_traps, distrusted: Cell::new(None), detail: Cell::new(Text::EMPTY) }
    }

    /// The next check begins.
    pub(crate) fn forget(&self) {
        self.detail.set(Text::EMPTY);
    }

    pub(crate) fn detail(&self) -> Text {
        self.detail.get()
    }

    /// A finding, with its words.
    pub(crate) fn found(&self, finding: Finding, words: fmt::Arguments<'_>) -> Finding {
        self.detail.set(Text::of(words));
        finding
    }

    pub(crate) fn distrust_traps(&self, check: &'static str) {
        self.distrusted.set(Some(check));
    }

    /// Whether faults are taken, so that an access may be tried.
    pub(crate) fn takes_faults(&self) -> bool {
        probe::SUPPORTED
            && self.platform.init_traps.is_some()
            && self.init_traps == 0
            && self.distrusted.get().is_none()
    }

    /// Goes on only where faults are taken.
    pub(crate) fn needs_traps(&self) -> Found {
        if self.platform.init_traps.is_none() {
            not_checkable!(self, "the platform delivers no traps, so a fault would stop the machine");
        }
        if !probe::SUPPORTED {
            not_checkable!(self, "no access can be guarded on this architecture");
        }
        if self.init_traps != 0 {
            not_checkable!(self, "wasmtime_init_traps failed with code {}: see trap-delivered", self.init_traps);
        }
        if let Some(check) = self.distrusted.get() {
            not_checkable!(self, "faults cannot be waited for: see {check}");
        }
        Ok(())
    }

    pub(crate) fn memory(&self) -> Result<&'a Memory, Finding> {
        match &self.platform.memory {
            Some(memory) => Ok(memory),
            None => not_checkable!(self, "the platform has no virtual memory"),
        }
    }

    /// Bytes of a page, as the machine says.
    pub(crate) fn page(&self) -> Result<usize, Finding> {
        // SAFETY: no conditions.
        let page = unsafe { (self.memory()?.page_size)() };
        if !page.is_power_of_two() || !(64..=1 << 30).contains(&page) {
            not_checkable!(self, "a page of {page} bytes cannot be: see page-size");
        }
        Ok(page)
    }

    /// New pages.
    pub(crate) fn map(&self, pages: usize, protection: u32) -> Result<Pages<'_, 'a>, Finding> {
        self.map_bytes(pages * self.page()?, protection)
    }

    /// As `map`, by bytes.
    pub(crate) fn map_bytes(&self, bytes: usize, protection: u32) -> Result<Pages<'_, 'a>, Finding> {
        let mut start = core::ptr::null_mut();
        // SAFETY: new memory, and a place for its address.
        let code = unsafe { (self.memory()?.mmap_new)(bytes, protection, &raw mut start) };
        ensure!(self, code == 0, "wasmtime_mmap_new of {bytes} bytes, {}, failed with code {code}", Shown(protection));
        ensure!(self, !start.is_null(), "wasmtime_mmap_new of {bytes} bytes returned 0 and stored no address");
        Ok(Pages { machine: self, start: start.addr(), pointer: start, bytes })
    }

    /// `wasmtime_mprotect` on any range.
    pub(crate) fn protect(&self, pointer: *mut u8, size: usize, protection: u32) -> Found {
        // SAFETY: every caller has the range to itself.
        let code = unsafe { (self.memory()?.mprotect)(pointer, size, protection) };
        ensure!(self, code == 0, "wasmtime_mprotect of {size} bytes to {} failed with code {code}", Shown(protection));
        Ok(())
    }

    /// Tries an access; only where faults are taken.
    pub(crate) fn attempt(&self, access: Access, at: usize, inside: Option<&dyn Fn()>) -> Result<Tried, Finding> {
        // SAFETY: faults are taken, or the access is one that must not fault; the addresses are those of pages of a check, or of
        // ones that it gave back.
        match unsafe { probe::attempt(access, at, inside) } {
            Some(tried) => Ok(tried),
            None => not_checkable!(self, "too many checks at once"),
        }
    }

    /// Goes on only if the access faults; what the handler was told.
    pub(crate) fn faults(&self, access: Access, at: usize, what: fmt::Arguments<'_>) -> Result<Fault, Finding> {
        match self.attempt(access, at, None)? {
            Tried::Faulted(fault) => Ok(fault),
            Tried::Done(_) => fail!(self, "{what} did not fault"),
        }
    }

    /// An access that must be possible. Without traps it is made all the same: if it faults, the machine stops, and the hook has
    /// heard in which check.
    pub(crate) fn done(&self, access: Access, at: usize, what: fmt::Arguments<'_>) -> Result<usize, Finding> {
        match self.attempt(access, at, None)? {
            Tried::Done(value) => Ok(value),
            Tried::Faulted(_) => fail!(self, "{what} faulted"),
        }
    }
}

/// Pages that a check mapped; they go back when it is done with them.
pub(crate) struct Pages<'m, 'a> {
    machine: &'m Machine<'a>,
    pub(crate) start: usize,
    pub(crate) pointer: *mut u8,
    pub(crate) bytes: usize,
}

impl Pages<'_, '_> {
    /// Changes the protection of a part.
    pub(crate) fn protect(&self, offset: usize, size: usize, protection: u32) -> Found {
        self.machine.protect(self.pointer.wrapping_add(offset), size, protection)
    }

    /// Writes a byte that can be written.
    pub(crate) fn write(&self, offset: usize, byte: u8) -> Found {
        let what = format_args!("writing byte {offset} of pages that can be written");
        self.machine.done(Access::Store(byte), self.start + offset, what).map(|_| ())
    }

    /// Reads a byte that can be read.
    pub(crate) fn read(&self, offset: usize) -> Result<u8, Finding> {
        let what = format_args!("reading byte {offset} of pages that can be read");
        self.machine.done(Access::Load, self.start + offset, what).map(|byte| byte as u8)
    }

    /// Fills a part with one byte, or with a pattern that depends on the place.
    pub(crate) fn fill(&self, offset: usize, bytes: usize, byte: impl Fn(usize) -> u8) -> Found {
        self.write(offset, byte(offset))?;
        self.write(offset + bytes - 1, byte(offset + bytes - 1))?;
        for at in offset..offset + bytes {
            // SAFETY: the pages are the check's, and both ends of the part could be written.
            unsafe { self.pointer.add(at).write_volatile(byte(at)) };
        }
        Ok(())
    }

    /// The first byte of a part that is not what it should be.
    pub(crate) fn differs(
        &self,
        offset: usize,
        bytes: usize,
        byte: impl Fn(usize) -> u8,
    ) -> Result<Option<usize>, Finding> {
        self.read(offset)?;
        self.read(offset + bytes - 1)?;
        // SAFETY: the pages are the check's, and both ends of the part could be read.
        Ok((offset..offset + bytes).find(|at| unsafe { self.pointer.add(*at).read_volatile() } != byte(*at)))
    }

    /// Writes a function that returns `number`.
    pub(crate) fn write_code(&self, offset: usize, number: u8) -> Found {
        for (i, byte) in probe::code(number).into_iter().enumerate() {
            self.write(offset + i, byte)?;
        }
        Ok(())
    }

    /// Calls code that can be executed; what it returns.
    pub(crate) fn call(&self, offset: usize) -> Result<usize, Finding> {
        self.machine.done(Access::Call, self.start + offset, format_args!("executing a page with READ|EXEC"))
    }

    /// Gives the pages back now; the platform's code.
    pub(crate) fn unmap(self) -> i32 {
        let code = self.give_back();
        core::mem::forget(self);
        code
    }

    fn give_back(&self) -> i32 {
        match &self.machine.platform.memory {
            // SAFETY: exactly what `mmap_new` gave.
            Some(memory) => unsafe { (memory.munmap)(self.pointer, self.bytes) },
            None => 0,
        }
    }
}

impl Drop for Pages<'_, '_> {
    fn drop(&mut self) {
        // `unmap-whole` looks at what this answers.
        self.give_back();
    }
}
