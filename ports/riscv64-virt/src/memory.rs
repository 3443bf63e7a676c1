//! Which memory is whose, and what the page tables of this architecture have of their own.
//!
//! | addresses | |
//! | --- | --- |
//! | 0x1000_0000 | the UART |
//! | 0x8000_0000 | the firmware: code, constants, data, stacks; then frames |
//! | 0x8800_0000, 64 MiB | where a bundle may be, read-only |
//! | 0x8c00_0000 | frames |
//! | 256 GiB below the end | what the library maps |

use core::arch::asm;
use core::ffi::c_void;
use core::ops::Range;
use core::slice;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use minplat_frames::{Error, Flags, Frames, Memory, PAGE, device_tree, export_memory};
use minplat_port::run::CRASHED;
use page_table_entry::riscv::Rv64PTE;
use riscv::register::satp;

use crate::{console, exit};

/// Where memory can be; what a machine has of it its device tree says.
const RAM: Range<usize> = 2 << 30..16 << 30;

/// Where QEMU puts a bundle, `-device loader`.
const BOOT_INPUT: Range<usize> = 0x8800_0000..0x8c00_0000;

/// Bytes of the device tree that are looked at.
const TREE: usize = 1 << 20;

/// Where the machine's RAM ends.
static RAM_END: AtomicUsize = AtomicUsize::new(0);

/// The page tables of RISC-V: Sv39.
pub(crate) struct Mmu;

// SAFETY: an entry is a word of 64 bits, of which bit 8 is software's. One hart runs: its fence without an address orders entries of
// every level, tables that were released or split among them (one with an address orders leaves alone), and its `fence.i` is for
// all that it fetches.
unsafe impl minplat_frames::Machine for Mmu {
    type Entry = Rv64PTE;
    const SHARED: u64 = 1 << 8;
    const LEVELS: usize = 3;
    /// The upper half, but for its last GiB.
    const SPACE: Range<usize> = 0xffff_ffc0_0000_0000..0xffff_ffff_c000_0000;

    fn forget(_start: usize, _pages: usize) {
        // SAFETY: entries of the TLB are copies.
        unsafe { asm!("sfence.vma", options(nostack, preserves_flags)) };
    }

    fn publish(_start: usize, _bytes: usize) {
        riscv::asm::fence_i();
    }
}

export_memory!(Mmu);

unsafe extern "C" {
    // From the linker script: addresses, not things.
    static image_start: u8;
    static constants_start: u8;
    static constants_end: u8;
    static trap_stack: u8;
    static trap_stack_top: u8;
    static stack_bottom: u8;
    static stack_top: u8;
    static image_end: u8;
}

macro_rules! address {
    ($symbol:ident) => {
        (&raw const $symbol).expose_provenance()
    };
}

/// Puts the tables on: each part with its protection, and the library's address space.
pub(crate) fn set_up(device_tree: usize) {
    if let Err(why) = tables(device_tree) {
        console::fault(format_args!("{why}"));
        exit::exit(CRASHED);
    }
}

fn tables(device_tree: usize) -> Result<(), &'static str> {
    let few = |_: Error| "the machine has too little memory for its page tables; give it more (-m 256M)";
    // SAFETY: QEMU puts it into the RAM, below whose end there is more.
    let ram = unsafe { device_tree::memory(device_tree, TREE) }?;
    if ram.start != RAM.start || ram.end < address!(image_end) {
        return Err("the RAM does not begin at 2 GiB, or ends within the firmware; give the machine more (-m 256M)");
    }
    let ram_end = ram.end.min(RAM.end) & !(PAGE - 1);
    RAM_END.store(ram_end, Relaxed);
    let bundle = BOOT_INPUT.start..BOOT_INPUT.end.min(ram_end);
    let areas = [address!(image_end)..BOOT_INPUT.start.min(ram_end), BOOT_INPUT.end..ram_end];
    let mut frames = Frames::new();
    for area in &areas {
        // SAFETY: the RAM behind the firmware, and behind a bundle; nobody uses it, the device tree was read.
        unsafe { frames.add(area.start, area.end) };
    }

    let constants = address!(constants_start)..address!(constants_end);
    let mut memory = Memory::<Mmu>::new(frames, [constants.clone(), bundle.clone()]).map_err(few)?;
    let data = Flags::READ | Flags::WRITE;
    let parts = [
        (console::REGISTERS.get()..console::REGISTERS.get() + PAGE, data | Flags::DEVICE),
        (address!(image_start)..constants.start, Flags::READ | Flags::EXECUTE),
        (constants.clone(), Flags::READ),
        // Between and below the stacks is a page that nobody can access.
        (constants.end..address!(trap_stack) - PAGE, data),
        (address!(trap_stack)..address!(trap_stack_top), data),
        (address!(stack_bottom)..address!(stack_top), data),
        (bundle, Flags::READ),
    ];
    for (range, flags) in parts.into_iter().chain(areas.map(|area| (area, data))).filter(|(range, _)| !range.is_empty())
    {
        memory.identity(range, flags).map_err(few)?;
    }
    // SAFETY: the tables have the code and the stack at their own addresses.
    unsafe { satp::set(satp::Mode::Sv39, 0, memory.root() / PAGE) };
    riscv::asm::sfence_vma_all();
    MEMORY.set(memory);
    Ok(())
}

/// The memory that a bundle may lie in.
pub(crate) fn boot_input() -> Option<&'static [u8]> {
    let len = RAM_END.load(Relaxed).min(BOOT_INPUT.end).checked_sub(BOOT_INPUT.start)?;
    // SAFETY: RAM that is mapped read-only, and that nobody writes.
    Some(unsafe { slice::from_raw_parts(core::ptr::with_exposed_provenance(BOOT_INPUT.start), len) })
}

/// The stack: its lowest address and its bytes.
pub(crate) fn stack() -> (*mut c_void, usize) {
    let (lowest, top) = (address!(stack_bottom), address!(stack_top));
    (core::ptr::with_exposed_provenance_mut(lowest), top - lowest)
}

/// Whether an address lies in the page below a stack.
pub(crate) fn is_guard(at: usize) -> bool {
    [address!(stack_bottom), address!(trap_stack)].iter().any(|lowest| (lowest - PAGE..*lowest).contains(&at))
}
