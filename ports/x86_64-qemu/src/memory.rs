//! Which memory is whose, and what the page tables of this architecture have of their own.
//!
//! | addresses | |
//! | --- | --- |
//! | 0x20_0000 | the firmware: code, constants, data, stacks; then frames |
//! | 0x0800_0000, 64 MiB | where a bundle may be, read-only |
//! | 0x0c00_0000 | frames, to 3 GiB at most |
//! | from 64 GiB on | what the library maps |

use core::ops::Range;

use minplat_frames::{PAGE, export_memory};
use minplat_paged::image;
use page_table_entry::x86_64::X64PTE;
use pvh::start_info::MemmapType;
use pvh::start_info::reader::StartInfoReader;
use x86_64::instructions::{interrupts, tlb};
use x86_64::registers::control::{Cr3, Cr3Flags};
use x86_64::structures::paging::PhysFrame;
use x86_64::{PhysAddr, VirtAddr};

use crate::start::crash;

/// Where memory is looked for: what the first tables map.
const RAM: Range<usize> = 1 << 20..3 << 30;

/// Where QEMU puts a bundle, `-device loader`.
const BOOT_INPUT: Range<usize> = 0x800_0000..0xc00_0000;

/// The page tables of x86_64: four levels.
pub(crate) struct Mmu;

// SAFETY: an entry is a word of 64 bits, of which bit 9 is software's. Of one processor the instructions that are fetched are what
// was written, as the manual says; what is forgotten the TLB drops.
unsafe impl minplat_frames::Machine for Mmu {
    type Entry = X64PTE;
    const SHARED: u64 = 1 << 9;
    const LEVELS: usize = 4;
    const SPACE: Range<usize> = 64 << 30..1 << 47;

    fn forget(start: usize, pages: usize) {
        if pages > 512 {
            tlb::flush_all();
        } else {
            (0..pages).for_each(|page| tlb::flush(VirtAddr::new_truncate((start + page * PAGE) as u64)));
        }
    }

    fn publish(_start: usize, _bytes: usize) {}
}

export_memory!(Mmu);

/// One processor runs this: nobody is interrupted, so nobody else is in it.
struct Masked;

critical_section::set_impl!(Masked);

// SAFETY: with interrupts masked nothing else runs on the one processor.
unsafe impl critical_section::Impl for Masked {
    unsafe fn acquire() -> critical_section::RawRestoreState {
        let before = interrupts::are_enabled();
        interrupts::disable();
        before.into()
    }

    unsafe fn release(before: critical_section::RawRestoreState) {
        if before != 0 {
            interrupts::enable();
        }
    }
}

/// Puts the final tables on: each part with its protection, and the library's address space.
pub(crate) fn set_up(start_info: u32) {
    if let Err(why) = tables(start_info) {
        crash(format_args!("{why}"));
    }
}

fn tables(start_info: u32) -> Result<(), &'static str> {
    // SAFETY: the RAM is as QEMU says; the first tables map it, and nobody uses what is behind the firmware.
    let memory = unsafe { minplat_paged::map::<Mmu>(ram_end(start_info)?, BOOT_INPUT, &[]) }?;
    let root = PhysFrame::containing_address(PhysAddr::new_truncate(memory.root() as u64));
    // SAFETY: the tables have the code, the descriptors and the stack at their own addresses.
    unsafe { Cr3::write(root, Cr3Flags::empty()) };
    MEMORY.set(memory);
    Ok(())
}

/// Where the RAM that the firmware is in ends.
fn ram_end(start_info: u32) -> Result<usize, &'static str> {
    // SAFETY: what QEMU says of the machine, in memory that nobody has written since; the first tables map it.
    let info = unsafe { StartInfoReader::from_paddr_identity(start_info) };
    let info = info.ok_or("nothing says where memory is; start the image with QEMU's -kernel")?;
    let Range { start, end } = image::whole();
    let ram = info.memmap().iter().find(|entry| {
        let entry_end = entry.addr.saturating_add(entry.size);
        entry.ty() == MemmapType::Ram && entry.addr <= start as u64 && end as u64 <= entry_end
    });
    let ram = ram.ok_or("the RAM ends within the firmware; give the machine more (-m 256M)")?;
    Ok((ram.addr.saturating_add(ram.size) as usize).min(RAM.end) & !(PAGE - 1))
}
