//! The vectors; faults that are a guest's, and those that are not.
//!
//! A fault saves everything on the stack of exceptions. A write to a page that is to be copied is made good, and the instruction
//! is done again. For any other the exception ends: its return goes to [`deliver`], on the stack and with the masks of what was
//! interrupted, as if that had called it. So the library's handler can leave for good, take a fault itself, and map memory.

use core::arch::{global_asm, naked_asm};

use aarch64_cpu::asm::barrier::{self, isb};
use aarch64_cpu::registers::{ESR_EL1, FAR_EL1, Readable as _, VBAR_EL1, Writeable as _};
use minplat_paged::{image, traps};

use crate::start::crash;
use crate::{memory, tasks};

minplat_paged::export_traps!();

/// What was interrupted, as the vectors save and restore it.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct Frame {
    pub(crate) x: [u64; 31],
    pub(crate) sp: u64,
    pub(crate) elr: u64,
    pub(crate) spsr: u64,
    fpcr: u64,
    fpsr: u64,
    v: [u128; 32],
}

impl Frame {
    /// All registers zero.
    pub(crate) const ZERO: Self = Self { x: [0; 31], sp: 0, elr: 0, spsr: 0, fpcr: 0, fpsr: 0, v: [0; 32] };
}

global_asm!(
    ".section .text.vectors, \"ax\"",
    ".macro entry target",
    ".balign 128",
    "b \\target",
    ".endm",
    ".balign 2048",
    "vectors:",
    // From this exception level on SP_EL0: the firmware.
    "entry {fault}",
    "entry {interrupt}",
    "entry {stray}",
    "entry {stray}",
    // On SP_EL1: an exception's own.
    "entry {stray}",
    "entry {stray}",
    "entry {stray}",
    "entry {stray}",
    // From lower levels: there are none.
    ".rept 8",
    "entry {stray}",
    ".endr",
    fault = sym fault_entry,
    interrupt = sym interrupt_entry,
    stray = sym stray_entry,
);

macro_rules! pairs {
    ($instruction:literal) => {
        concat!(
            $instruction,
            " x0, x1, [sp]\n",
            $instruction,
            " x2, x3, [sp, #16]\n",
            $instruction,
            " x4, x5, [sp, #32]\n",
            $instruction,
            " x6, x7, [sp, #48]\n",
            $instruction,
            " x8, x9, [sp, #64]\n",
            $instruction,
            " x10, x11, [sp, #80]\n",
            $instruction,
            " x12, x13, [sp, #96]\n",
            $instruction,
            " x14, x15, [sp, #112]\n",
            $instruction,
            " x16, x17, [sp, #128]\n",
            $instruction,
            " x18, x19, [sp, #144]\n",
            $instruction,
            " x20, x21, [sp, #160]\n",
            $instruction,
            " x22, x23, [sp, #176]\n",
            $instruction,
            " x24, x25, [sp, #192]\n",
            $instruction,
            " x26, x27, [sp, #208]\n",
            $instruction,
            " x28, x29, [sp, #224]\n",
            $instruction,
            " q0, q1, [sp, #288]\n",
            $instruction,
            " q2, q3, [sp, #320]\n",
            $instruction,
            " q4, q5, [sp, #352]\n",
            $instruction,
            " q6, q7, [sp, #384]\n",
            $instruction,
            " q8, q9, [sp, #416]\n",
            $instruction,
            " q10, q11, [sp, #448]\n",
            $instruction,
            " q12, q13, [sp, #480]\n",
            $instruction,
            " q14, q15, [sp, #512]\n",
            $instruction,
            " q16, q17, [sp, #544]\n",
            $instruction,
            " q18, q19, [sp, #576]\n",
            $instruction,
            " q20, q21, [sp, #608]\n",
            $instruction,
            " q22, q23, [sp, #640]\n",
            $instruction,
            " q24, q25, [sp, #672]\n",
            $instruction,
            " q26, q27, [sp, #704]\n",
            $instruction,
            " q28, q29, [sp, #736]\n",
            $instruction,
            " q30, q31, [sp, #768]\n",
        )
    };
}

macro_rules! enter {
    () => {
        concat!(
            "sub sp, sp, #800\n",
            pairs!("stp"),
            "mrs x0, sp_el0\n
             stp x30, x0, [sp, #240]\n
             mrs x0, elr_el1\n
             mrs x1, spsr_el1\n
             stp x0, x1, [sp, #256]\n
             mrs x0, fpcr\n
             mrs x1, fpsr\n
             stp x0, x1, [sp, #272]\n
             mov x0, sp\n"
        )
    };
}

macro_rules! leave {
    () => {
        concat!(
            "ldp x0, x1, [sp, #272]\n
             msr fpcr, x0\n
             msr fpsr, x1\n
             ldp x0, x1, [sp, #256]\n
             msr elr_el1, x0\n
             msr spsr_el1, x1\n
             ldp x30, x0, [sp, #240]\n
             msr sp_el0, x0\n",
            pairs!("ldp"),
            "add sp, sp, #800\n
             eret\n"
        )
    };
}

/// # Safety
/// The vector comes here.
#[unsafe(naked)]
unsafe extern "C" fn fault_entry() {
    naked_asm!(enter!(), "bl {fault}", leave!(), fault = sym fault)
}

/// # Safety
/// The vector comes here.
#[unsafe(naked)]
unsafe extern "C" fn interrupt_entry() {
    naked_asm!(enter!(), "bl {interrupt}", leave!(), interrupt = sym interrupt)
}

/// # Safety
/// A vector comes here. What was interrupted does not go on.
#[unsafe(naked)]
unsafe extern "C" fn stray_entry() {
    naked_asm!("adrp x0, trap_stack_top", "mov sp, x0", "b {stray}", stray = sym stray)
}

const _: () = assert!(size_of::<Frame>() == 800);

/// Exception classes of the syndrome, as the manual numbers them.
mod class {
    pub(super) const SUPERVISOR_CALL: u64 = 0b01_0101;
    pub(super) const INSTRUCTION_ABORT: u64 = 0b10_0001;
    pub(super) const DATA_ABORT: u64 = 0b10_0101;
}

/// From now on exceptions come here.
pub(crate) fn take() {
    unsafe extern "C" {
        static vectors: u8;
    }
    VBAR_EL1.set((&raw const vectors).expose_provenance() as u64);
    isb(barrier::SY);
}

/// A fault, of a guest or of the firmware.
extern "C" fn fault(frame: &mut Frame) {
    let (syndrome, address) = (ESR_EL1.get(), FAR_EL1.get());
    let class = syndrome >> 26 & 0x3f;
    if class == class::SUPERVISOR_CALL {
        return tasks::change(frame);
    }
    let is_access = matches!(class, class::DATA_ABORT | class::INSTRUCTION_ABORT);
    // A permission fault of a write: bits 2 to 5 of the status are 0b0011, WnR is set.
    let is_forbidden_write = class == class::DATA_ABORT && syndrome & (1 << 6 | 0b11_1100) == 1 << 6 | 0b00_1100;
    if is_forbidden_write && memory::MEMORY.copy_on_write(address as usize) {
        return;
    }
    if is_access && (image::is_guard(address as usize) || tasks::is_guard(address as usize)) {
        crash(format_args!("the stack ran over: {address:#x} was accessed at {:#x}", frame.elr));
    }
    // FnV: the address is not known.
    let has_address = is_access && syndrome & 1 << 10 == 0;
    let fp = frame.x[29];
    frame.x[..5].copy_from_slice(&[frame.elr, fp, has_address.into(), address, syndrome]);
    frame.x[30] = 0;
    frame.sp &= !15;
    frame.elr = deliver as *const () as u64;
}

/// An interrupt.
extern "C" fn interrupt(frame: &mut Frame) {
    tasks::interrupted(frame);
}

/// What goes on in the place of code that faulted.
extern "C" fn deliver(ip: usize, fp: usize, has_address: bool, address: usize, syndrome: usize) -> ! {
    traps::handle(ip, fp, has_address, address);
    // It was nobody's.
    crash(format_args!("syndrome {syndrome:#x}, address {address:#x}, at {ip:#x}"))
}

/// What should not come: a fault inside the handling of another, an interrupt that nobody asked for.
extern "C" fn stray() -> ! {
    let (syndrome, address) = (ESR_EL1.get(), FAR_EL1.get());
    crash(format_args!("in an exception: syndrome {syndrome:#x}, address {address:#x}"))
}
