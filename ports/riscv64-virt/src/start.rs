//! From the reset to [`crate::main`], and the machine as the firmware sees it.
//!
//! QEMU starts the image in machine mode, where there are no page tables. A few instructions hand everything to supervisor mode:
//! all memory, all traps, floats and vectors. Nothing stays behind in machine mode but an end for what should not come.
//!
//! riscv-rt, which starts the 32-bit port, does not: it stays in the mode that it was built for, and hands nothing from machine mode to
//! supervisor mode.

use core::arch::naked_asm;

use minplat_frames::export::Global;
use minplat_paged::{Port, uart};
use riscv::register::instret;

use crate::console::{self, Console};
use crate::{exit, memory};

/// `mstatus`: the mode before was supervisor; floats and vectors are on (initial).
const MSTATUS: usize = 0b01 << 11 | 0b01 << 13 | 0b01 << 9;

/// All exceptions but calls from machine mode.
const MEDELEG: usize = 0xb3ff;

/// One entry of the memory protection: all addresses (NAPOT), everything allowed.
const PMPCFG: usize = 0b0001_1111;

/// The first instruction; the number of the hart is in a0, the device tree's address in a1.
///
/// # Safety
/// The reset comes here, once.
#[unsafe(no_mangle)]
#[unsafe(naked)]
#[unsafe(link_section = ".text.start")]
unsafe extern "C" fn start() -> ! {
    naked_asm!(
        ".option push",
        ".option norelax",
        // The emulator's count goes on while it starts.
        "csrr s1, minstret",
        // One hart runs the firmware; others wait.
        "1: bnez a0, 4f",
        "la t0, 4f",
        "csrw mtvec, t0",
        "li t0, -1",
        "csrw pmpaddr0, t0",
        "li t0, {pmpcfg}",
        "csrw pmpcfg0, t0",
        "li t0, {medeleg}",
        "csrw medeleg, t0",
        "csrw mideleg, zero",
        "csrw mie, zero",
        "csrw satp, zero",
        "li t0, {mstatus}",
        "csrw mstatus, t0",
        // Counters can be read.
        "li t0, 7",
        "csrw mcounteren, t0",
        "la t0, 2f",
        "csrw mepc, t0",
        "mret",
        ".balign 4",
        "2: la sp, stack_top",
        "la t0, bss_start",
        "la t1, bss_end",
        "3: bgeu t0, t1, 5f",
        "sd zero, 0(t0)",
        "addi t0, t0, 8",
        "j 3b",
        "5: mv a0, a1",
        "mv a1, s1",
        "li s0, 0",
        "li ra, 0",
        "tail {main}",
        ".balign 4",
        "4: wfi",
        "j 4b",
        ".option pop",
        pmpcfg = const PMPCFG,
        medeleg = const MEDELEG,
        mstatus = const MSTATUS,
        main = sym crate::main,
    )
}

/// The machine.
pub(crate) struct Virt;

/// Tells of a fault, and ends the machine.
pub(crate) fn crash(what: core::fmt::Arguments<'_>) -> ! {
    minplat_paged::crash::<Virt>(what)
}

impl Port for Virt {
    type Mmu = memory::Mmu;
    type Console = Console;
    /// QEMU's. On a board: false.
    const IS_EMULATED: bool = true;

    fn open() -> Self::Console {
        console::open()
    }

    fn write(console: &mut Self::Console, bytes: &[u8]) {
        uart::write(console, bytes);
    }

    fn exit(code: u8) -> ! {
        exit::exit(code)
    }

    fn memory() -> &'static Global<Self::Mmu> {
        &memory::MEMORY
    }

    unsafe extern "C" fn remap(start: *mut u8, size: usize, protection: u32) -> i32 {
        // SAFETY: the caller's contract.
        unsafe { memory::remap(start, size, protection) }
    }

    fn instructions() -> u64 {
        instret::read64()
    }
}
