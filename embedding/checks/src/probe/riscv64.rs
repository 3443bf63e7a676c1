//! RV64 with D, which the assembler is told anew: LLVM reads these functions once more without the target's features. The frame: s0 is the stack pointer of the caller; below it ra, s0 to s11, fs0 to fs11, and the slot.

use core::arch::naked_asm;

use super::Slot;

macro_rules! enter {
    () => {
        ".option push
         .option arch, +d
         addi sp, sp, -224
         sd ra, 216(sp)
         sd s0, 208(sp)
         addi s0, sp, 224
         sd s1, 200(sp)
         sd s2, 192(sp)
         sd s3, 184(sp)
         sd s4, 176(sp)
         sd s5, 168(sp)
         sd s6, 160(sp)
         sd s7, 152(sp)
         sd s8, 144(sp)
         sd s9, 136(sp)
         sd s10, 128(sp)
         sd s11, 120(sp)
         fsd fs0, 112(sp)
         fsd fs1, 104(sp)
         fsd fs2, 96(sp)
         fsd fs3, 88(sp)
         fsd fs4, 80(sp)
         fsd fs5, 72(sp)
         fsd fs6, 64(sp)
         fsd fs7, 56(sp)
         fsd fs8, 48(sp)
         fsd fs9, 40(sp)
         fsd fs10, 32(sp)
         fsd fs11, 24(sp)
         sd a0, 16(sp)
         sd s0, 0(a0)"
    };
}

/// The next instruction is the one that may fault.
macro_rules! at {
    () => {
        "lla t0, 2f
         sd t0, 8(a0)
         2:"
    };
}

macro_rules! leave {
    () => {
        "li a0, 0
         ld ra, 216(sp)
         ld s0, 208(sp)
         addi sp, sp, 224
         ret
         .option pop"
    };
}

/// Where an access faulted the slot's `frame` is what [`resume`] takes.
///
/// # Safety
/// `slot` is armed.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn load(slot: *const Slot, address: usize, value: usize) -> usize {
    naked_asm!(enter!(), at!(), "lbu t1, 0(a1)", "sd t1, 16(a0)", leave!())
}

/// # Safety
/// As [`load`]; and the byte may be written.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn store(slot: *const Slot, address: usize, value: usize) -> usize {
    naked_asm!(enter!(), at!(), "sb a2, 0(a1)", leave!())
}

/// # Safety
/// As [`load`]; and what lies at the address, if it can be executed, is a function without parameters.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn call(slot: *const Slot, address: usize, value: usize) -> usize {
    naked_asm!(enter!(), "sd a1, 8(a0)", "jalr a1", "ld t0, 16(sp)", "sd a0, 16(t0)", leave!())
}

/// # Safety
/// As [`load`].
#[unsafe(naked)]
pub(super) unsafe extern "C" fn illegal(slot: *const Slot, address: usize, value: usize) -> usize {
    naked_asm!(enter!(), at!(), "unimp", leave!())
}

/// Ends the access whose frame this is: it returns 1.
///
/// # Safety
/// The access has not returned yet, and runs on this thread.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn resume(frame: usize) -> ! {
    naked_asm!(
        ".option push",
        ".option arch, +d",
        "addi sp, a0, -224",
        "ld s1, 200(sp)",
        "ld s2, 192(sp)",
        "ld s3, 184(sp)",
        "ld s4, 176(sp)",
        "ld s5, 168(sp)",
        "ld s6, 160(sp)",
        "ld s7, 152(sp)",
        "ld s8, 144(sp)",
        "ld s9, 136(sp)",
        "ld s10, 128(sp)",
        "ld s11, 120(sp)",
        "fld fs0, 112(sp)",
        "fld fs1, 104(sp)",
        "fld fs2, 96(sp)",
        "fld fs3, 88(sp)",
        "fld fs4, 80(sp)",
        "fld fs5, 72(sp)",
        "fld fs6, 64(sp)",
        "fld fs7, 56(sp)",
        "fld fs8, 48(sp)",
        "fld fs9, 40(sp)",
        "fld fs10, 32(sp)",
        "fld fs11, 24(sp)",
        "li a0, 1",
        "ld ra, 216(sp)",
        "ld s0, 208(sp)",
        "addi sp, sp, 224",
        "ret",
        ".option pop",
    )
}

/// Whether the CPU can keep pages from being executed: X is a bit of every page table entry.
pub(crate) fn can_forbid_execution() -> bool {
    true
}

/// A function that returns `number` (less than 128), as machine code.
pub(crate) fn code(number: u8) -> [u8; 8] {
    // addi a0, zero, number; ret
    let first = (0x0000_0513 | u32::from(number) << 20).to_le_bytes();
    let second = 0x0000_8067_u32.to_le_bytes();
    [first[0], first[1], first[2], first[3], second[0], second[1], second[2], second[3]]
}
