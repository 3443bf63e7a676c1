//! Modules that are linked into the firmware.

use core::slice;

/// A module in the firmware's own image, as `minplat-compile --emit obj` puts it there.
#[derive(Clone, Copy, Debug)]
pub struct Linked {
    start: *const u8,
    end: *const u8,
}

// SAFETY: nothing ever writes there.
unsafe impl Sync for Linked {}

impl Linked {
    /// The artifact between two symbols.
    ///
    /// # Safety
    /// They are the `_start` and the `_end` of one object file, in memory that never changes.
    pub const unsafe fn between(start: *const u8, end: *const u8) -> Self {
        Self { start, end }
    }

    /// Its bytes, where they lie.
    pub fn bytes(self) -> &'static [u8] {
        // SAFETY: as `between` was promised: both symbols are of one section.
        unsafe { slice::from_raw_parts(self.start, self.end.offset_from_unsigned(self.start)) }
    }
}
