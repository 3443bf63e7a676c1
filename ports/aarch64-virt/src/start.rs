//! From the reset to [`crate::main`], and the machine as the firmware sees it.
//!
//! QEMU starts the image at EL1 with the MMU off. Code of Rust may access memory that is not aligned, which faults then, so the
//! first page tables are put on by a few instructions: all memory at its own address, in blocks of 1 GiB, the first one devices.
//! [`crate::memory::set_up`] makes the final ones.
//!
//! No crate starts this. aarch64-rt has one stack for the firmware and for exceptions, which save what a call may change, without floats;
//! here faults have a stack of their own, and a change of tasks saves everything.

use core::arch::naked_asm;
use core::cell::UnsafeCell;

use aarch64_cpu::registers::{CNTFRQ_EL0, CNTPCT_EL0, CPACR_EL1, Readable as _, SCTLR_EL1, TCR_EL1};
use arm_pl011_uart::Uart;
use minplat_frames::export::Global;
use minplat_paged::Port;
use page_table_entry::aarch64::{DescriptorAttr, MemAttr};

use crate::{console, exit, memory, tasks};

/// A table that the start fills.
#[repr(C, align(4096))]
struct Table(UnsafeCell<[u64; 512]>);

// SAFETY: written by the start alone, before anything else runs.
unsafe impl Sync for Table {}

/// In `.data`: `.bss` is cleared when they are on.
#[unsafe(link_section = ".data.tables")]
static FIRST: Table = Table(UnsafeCell::new([0; 512]));

/// Blocks of 1 GiB, as many as [`memory::RAM`] has.
#[unsafe(link_section = ".data.tables")]
static SECOND: Table = Table(UnsafeCell::new({
    let mut table = [0; 512];
    let access = DescriptorAttr::VALID.bits() | DescriptorAttr::AF.bits();
    // Never executed: code is not fetched from devices.
    table[0] = access
        | DescriptorAttr::from_mem_attr(MemAttr::Device).bits()
        | DescriptorAttr::PXN.bits()
        | DescriptorAttr::UXN.bits();
    let mut block = memory::RAM.start >> 30;
    while block < memory::RAM.end >> 30 {
        table[block] = access | DescriptorAttr::from_mem_attr(MemAttr::Normal).bits() | (block as u64) << 30;
        block += 1;
    }
    table
}));

/// Addresses of 48 bits in the lower half, none in the upper; tables are cached memory; 40 bits of physical address.
const TCR: u64 = TCR_EL1::T0SZ.val(16).value
    | TCR_EL1::IRGN0::WriteBack_ReadAlloc_WriteAlloc_Cacheable.value
    | TCR_EL1::ORGN0::WriteBack_ReadAlloc_WriteAlloc_Cacheable.value
    | TCR_EL1::SH0::Inner.value
    | TCR_EL1::TG0::KiB_4.value
    | TCR_EL1::EPD1::DisableTTBR1Walks.value
    | TCR_EL1::IPS::Bits_40.value;

/// MMU and caches.
const SCTLR: u64 = SCTLR_EL1::M::Enable.value | SCTLR_EL1::C::Cacheable.value | SCTLR_EL1::I::Cacheable.value;

/// The first instruction. What runs for the firmware uses SP_EL0, exceptions SP_EL1: a stack that ran over does no harm to them.
///
/// # Safety
/// The reset comes here, once.
#[unsafe(no_mangle)]
#[unsafe(naked)]
#[unsafe(link_section = ".text.start")]
unsafe extern "C" fn start() -> ! {
    naked_asm!(
        "msr daifset, #15",
        // The emulator's clock goes on while it starts.
        "mrs x0, cntpct_el0",
        "ldr x1, ={cpacr}",
        "msr cpacr_el1, x1",
        "ldr x1, ={mair}",
        "msr mair_el1, x1",
        "ldr x1, ={tcr}",
        "msr tcr_el1, x1",
        // The first table has one entry: the second.
        "adrp x1, {first}",
        "adrp x2, {second}",
        "orr x2, x2, #3",
        "str x2, [x1]",
        "msr ttbr0_el1, x1",
        "dsb sy",
        "tlbi vmalle1",
        "ic iallu",
        "dsb sy",
        "isb",
        "mrs x1, sctlr_el1",
        "ldr x2, ={sctlr}",
        "orr x1, x1, x2",
        "msr sctlr_el1, x1",
        "isb",
        "adrp x1, bss_start",
        "add x1, x1, :lo12:bss_start",
        "adrp x2, bss_end",
        "add x2, x2, :lo12:bss_end",
        "2: cmp x1, x2",
        "b.hs 3f",
        "stp xzr, xzr, [x1], #16",
        "b 2b",
        "3: msr spsel, #1",
        "adrp x1, trap_stack_top",
        "mov sp, x1",
        "msr spsel, #0",
        "adrp x1, stack_top",
        "mov sp, x1",
        "mov x29, xzr",
        "mov x30, xzr",
        "b {main}",
        cpacr = const CPACR_EL1::FPEN::TrapNothing.value,
        mair = const MemAttr::MAIR_VALUE,
        tcr = const TCR,
        sctlr = const SCTLR,
        first = sym FIRST,
        second = sym SECOND,
        main = sym crate::main,
    )
}

/// The machine.
pub(crate) struct Virt;

/// Ticks of the machine's clock as nanoseconds.
pub(crate) fn nanoseconds(ticks: u64) -> u64 {
    ticks * (1_000_000_000 / CNTFRQ_EL0.get())
}

/// Tells of a fault, and ends the machine.
pub(crate) fn crash(what: core::fmt::Arguments<'_>) -> ! {
    minplat_paged::crash::<Virt>(what)
}

impl Port for Virt {
    type Mmu = memory::Mmu;
    type Console = Uart<'static>;
    /// QEMU's. On a board: false.
    const IS_EMULATED: bool = true;

    fn open() -> Self::Console {
        console::open()
    }

    fn write(console: &mut Self::Console, bytes: &[u8]) {
        console::write(console, bytes);
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
        nanoseconds(CNTPCT_EL0.get())
    }

    fn tell(tell: &mut dyn FnMut(&str, u64)) {
        tell("turns", tasks::turns());
    }

    fn run_tasks(count: usize, job: &(dyn Fn(usize) + Sync)) -> bool {
        tasks::run(count, job)
    }
}
