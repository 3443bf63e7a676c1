//! AArch64. The frame: x29 and x30, above them x19 to x28, d8 to d15, and the slot.

use core::arch::naked_asm;

use super::Slot;

macro_rules! enter {
    () => {
        "stp x29, x30, [sp, #-176]!
         mov x29, sp
         stp x19, x20, [sp, #16]
         stp x21, x22, [sp, #32]
         stp x23, x24, [sp, #48]
         stp x25, x26, [sp, #64]
         stp x27, x28, [sp, #80]
         stp d8, d9, [sp, #96]
         stp d10, d11, [sp, #112]
         stp d12, d13, [sp, #128]
         stp d14, d15, [sp, #144]
         str x0, [sp, #160]
         str x29, [x0]"
    };
}

/// The next instruction is the one that may fault.
macro_rules! at {
    () => {
        "adr x9, 2f
         str x9, [x0, #8]
         2:"
    };
}

macro_rules! leave {
    () => {
        "mov x0, #0
         ldp x29, x30, [sp], #176
         ret"
    };
}

/// Where an access faulted the slot's `frame` is what [`resume`] takes.
///
/// # Safety
/// `slot` is armed.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn load(slot: *const Slot, address: usize, value: usize) -> usize {
    naked_asm!(enter!(), at!(), "ldrb w9, [x1]", "str x9, [x0, #16]", leave!())
}

/// # Safety
/// As [`load`]; and the byte may be written.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn store(slot: *const Slot, address: usize, value: usize) -> usize {
    naked_asm!(enter!(), at!(), "strb w2, [x1]", leave!())
}

/// # Safety
/// As [`load`]; and what lies at the address, if it can be executed, is a function without parameters.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn call(slot: *const Slot, address: usize, value: usize) -> usize {
    naked_asm!(enter!(), "str x1, [x0, #8]", "blr x1", "ldr x9, [sp, #160]", "str x0, [x9, #16]", leave!())
}

/// # Safety
/// As [`load`].
#[unsafe(naked)]
pub(super) unsafe extern "C" fn illegal(slot: *const Slot, address: usize, value: usize) -> usize {
    naked_asm!(enter!(), at!(), "udf #0", leave!())
}

/// Ends the access whose frame this is: it returns 1.
///
/// # Safety
/// The access has not returned yet, and runs on this thread.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn resume(frame: usize) -> ! {
    naked_asm!(
        "mov sp, x0",
        "ldp x19, x20, [sp, #16]",
        "ldp x21, x22, [sp, #32]",
        "ldp x23, x24, [sp, #48]",
        "ldp x25, x26, [sp, #64]",
        "ldp x27, x28, [sp, #80]",
        "ldp d8, d9, [sp, #96]",
        "ldp d10, d11, [sp, #112]",
        "ldp d12, d13, [sp, #128]",
        "ldp d14, d15, [sp, #144]",
        "mov x0, #1",
        "ldp x29, x30, [sp], #176",
        "ret",
    )
}

/// Whether the CPU can keep pages from being executed: UXN and PXN are in every page table.
pub(crate) fn can_forbid_execution() -> bool {
    true
}

/// A function that returns `number` (less than 128), as machine code.
pub(crate) fn code(number: u8) -> [u8; 8] {
    // mov w0, #number; ret
    let first = (0x5280_0000 | u32::from(number) << 5).to_le_bytes();
    let second = 0xd65f_03c0_u32.to_le_bytes();
    [first[0], first[1], first[2], first[3], second[0], second[1], second[2], second[3]]
}
