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
use core::ops::Range;

use minplat_frames::{Flags, PAGE, device_tree, export_memory};
use minplat_paged::image;
use page_table_entry::riscv::Rv64PTE;
use riscv::register::satp;

use crate::console;
use crate::start::crash;

/// Where memory can be; what a machine has of it its device tree says.
const RAM: Range<usize> = 2 << 30..16 << 30;

/// Where QEMU puts a bundle, `-device loader`.
const BOOT_INPUT: Range<usize> = 0x8800_0000..0x8c00_0000;

/// Bytes of the device tree that are looked at.
const TREE: usize = 1 << 20;

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

/// Puts the tables on: each part with its protection, and the library's address space.
pub(crate) fn set_up(device_tree: usize) {
    if let Err(why) = tables(device_tree) {
        crash(format_args!("{why}"));
    }
}

fn tables(device_tree: usize) -> Result<(), &'static str> {
    // SAFETY: QEMU puts it into the RAM, below whose end there is more.
    let ram = unsafe { device_tree::memory(device_tree, TREE) }?;
    if ram.start != RAM.start || ram.end < image::whole().end {
        return Err("the RAM does not begin at 2 GiB, or ends within the firmware; give the machine more (-m 256M)");
    }
    let ram_end = ram.end.min(RAM.end) & !(PAGE - 1);
    let uart = console::REGISTERS.get()..console::REGISTERS.get() + PAGE;
    let devices = [(uart, Flags::READ | Flags::WRITE | Flags::DEVICE)];
    // SAFETY: the RAM is as the device tree says, which was read; nobody uses what is behind the firmware.
    let memory = unsafe { minplat_paged::map::<Mmu>(ram_end, BOOT_INPUT, &devices) }?;
    // SAFETY: the tables have the code and the stack at their own addresses.
    unsafe { satp::set(satp::Mode::Sv39, 0, memory.root() / PAGE) };
    riscv::asm::sfence_vma_all();
    MEMORY.set(memory);
    Ok(())
}
