//! An architecture for which no access can be guarded here: loads and stores are plain, and the rest is never tried, since
//! [`super::SUPPORTED`] is false.

use core::ptr::{with_exposed_provenance, with_exposed_provenance_mut};
use core::sync::atomic::Ordering::SeqCst;

use super::Slot;

/// # Safety
/// The byte can be read.
pub(super) unsafe extern "C" fn load(slot: *const Slot, address: usize, _value: usize) -> usize {
    // SAFETY: the caller's; the slot is one of the statics.
    unsafe {
        let byte = with_exposed_provenance::<u8>(address).read_volatile();
        (*slot).value.store(usize::from(byte), SeqCst);
    }
    0
}

/// # Safety
/// The byte can be written.
pub(super) unsafe extern "C" fn store(_slot: *const Slot, address: usize, value: usize) -> usize {
    // SAFETY: the caller's.
    unsafe { with_exposed_provenance_mut::<u8>(address).write_volatile(value as u8) };
    0
}

macro_rules! absent {
    ($($name:ident)*) => { $(
        /// # Safety
        /// None is needed.
        pub(super) unsafe extern "C" fn $name(_slot: *const Slot, _address: usize, _value: usize) -> usize {
            0
        }
    )* };
}
absent! { call illegal }

/// # Safety
/// None is needed.
pub(super) unsafe extern "C" fn resume(_frame: usize) {}

/// Nothing is known of the CPU.
pub(crate) fn can_forbid_execution() -> bool {
    false
}

/// There is no code.
pub(crate) fn code(_number: u8) -> [u8; 8] {
    [0; 8]
}
