//! From the reset to [`crate::main`], and the machine as the firmware sees it.
//!
//! QEMU starts the image in machine mode, where there are no page tables. A few instructions hand everything to supervisor mode:
//! all memory, all traps, floats and vectors. Nothing stays behind in machine mode but an end for what should not come.

use core::arch::naked_asm;
use core::cell::RefCell;
use core::ffi::c_void;

use minplat_port::Board;
use minplat_sys::minplat_check_config_t;

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
pub(crate) struct Machine {
    console: RefCell<Console>,
}

impl Machine {
    /// Call it once.
    pub(crate) fn new() -> Self {
        Self { console: RefCell::new(console::open()) }
    }
}

impl Board for Machine {
    fn write(&self, bytes: &[u8]) {
        console::write(&mut self.console.borrow_mut(), bytes);
    }

    fn exit(&self, code: u8) -> ! {
        exit::exit(code)
    }

    fn boot_input(&self) -> Option<&'static [u8]> {
        memory::boot_input()
    }

    fn stack(&self) -> (*mut c_void, usize) {
        memory::stack()
    }

    fn limit_memory(&self, bytes: usize) {
        memory::MEMORY.limit(bytes);
    }

    fn pages(&self, tell: &mut dyn FnMut(&str, u64)) {
        memory::MEMORY.tell(tell);
    }

    fn configure_checks(&self, config: &mut minplat_check_config_t) {
        config.mmap_remap = Some(memory::remap);
        // QEMU has no caches that could differ.
        config.is_emulated = true;
    }
}
