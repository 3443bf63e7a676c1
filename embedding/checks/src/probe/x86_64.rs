//! x86_64. The frame: rbp, and below it rbx, r12 to r15, and the slot.

use core::arch::naked_asm;
use core::arch::x86_64::__cpuid;

use super::Slot;

macro_rules! enter {
    () => {
        "push rbp
         mov rbp, rsp
         push rbx
         push r12
         push r13
         push r14
         push r15
         push rdi
         mov [rdi], rbp"
    };
}

/// The next instruction is the one that may fault.
macro_rules! at {
    () => {
        "lea rax, [rip + 2f]
         mov [rdi + 8], rax
         2:"
    };
}

macro_rules! leave {
    () => {
        "xor eax, eax
         leave
         ret"
    };
}

/// Where an access faulted the slot's `frame` is what [`resume`] takes.
///
/// # Safety
/// `slot` is armed.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn load(slot: *const Slot, address: usize, value: usize) -> usize {
    naked_asm!(enter!(), at!(), "movzx eax, byte ptr [rsi]", "mov [rdi + 16], rax", leave!())
}

/// # Safety
/// As [`load`]; and the byte may be written.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn store(slot: *const Slot, address: usize, value: usize) -> usize {
    naked_asm!(enter!(), at!(), "mov byte ptr [rsi], dl", leave!())
}

/// # Safety
/// As [`load`]; and what lies at the address, if it can be executed, is a function without parameters.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn call(slot: *const Slot, address: usize, value: usize) -> usize {
    naked_asm!(enter!(), "mov [rdi + 8], rsi", "call rsi", "mov rcx, [rbp - 48]", "mov [rcx + 16], rax", leave!())
}

/// # Safety
/// As [`load`].
#[unsafe(naked)]
pub(super) unsafe extern "C" fn illegal(slot: *const Slot, address: usize, value: usize) -> usize {
    naked_asm!(enter!(), at!(), "ud2", leave!())
}

/// # Safety
/// As [`load`].
#[unsafe(naked)]
pub(super) unsafe extern "C" fn divide(slot: *const Slot, address: usize, value: usize) -> usize {
    naked_asm!(enter!(), "xor ecx, ecx", at!(), "div ecx", leave!())
}

/// Ends the access whose frame this is: it returns 1.
///
/// # Safety
/// The access has not returned yet, and runs on this thread.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn resume(frame: usize) -> ! {
    naked_asm!(
        "mov rbp, rdi",
        "mov rbx, [rbp - 8]",
        "mov r12, [rbp - 16]",
        "mov r13, [rbp - 24]",
        "mov r14, [rbp - 32]",
        "mov r15, [rbp - 40]",
        "mov eax, 1",
        "leave",
        "ret",
    )
}

/// Whether the CPU can keep pages from being executed: NX, which every CPU of the last twenty years has, unless a hypervisor hides it.
pub(crate) fn can_forbid_execution() -> bool {
    __cpuid(0x8000_0001).edx & 1 << 20 != 0
}

/// A function that returns `number` (less than 128), as machine code.
pub(crate) fn code(number: u8) -> [u8; 8] {
    // mov eax, number; ret
    [0xb8, number, 0, 0, 0, 0xc3, 0x90, 0x90]
}
