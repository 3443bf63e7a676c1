//! Which memory is whose, and what the page tables of this architecture have of their own.
//!
//! | addresses | |
//! | --- | --- |
//! | 0x0800_0000 | the interrupt controller |
//! | 0x0900_0000 | the UART |
//! | 0x4000_0000 | the device tree, read-only |
//! | 0x4020_0000 | the firmware: code, constants, data, stacks; then frames |
//! | 0x4800_0000, 128 MiB | where a bundle may be, read-only |
//! | 0x5000_0000 | frames |
//! | from 64 GiB on | what the library maps |

use core::arch::asm;
use core::ops::Range;

use aarch64_cpu::asm::barrier::{self, dsb, isb};
use aarch64_cpu::registers::{DAIF, Readable as _, TTBR0_EL1, Writeable as _};
use minplat_frames::{Flags, PAGE, device_tree, export_memory};
use minplat_paged::image;
use page_table_entry::aarch64::A64PTE;

use crate::start::crash;
use crate::{console, tasks};

/// Where memory can be; what a machine has of it its device tree says.
pub(crate) const RAM: Range<usize> = 1 << 30..16 << 30;

/// Where QEMU puts a bundle, `-device loader`.
const BOOT_INPUT: Range<usize> = 0x4800_0000..0x5000_0000;

/// The page tables of AArch64: four levels, pages of 4 KiB.
pub(crate) struct Mmu;

// SAFETY: an entry is a word of 64 bits, of which bit 55 is software's. What is forgotten and published is what the manual asks
// of one core: a change is seen after the barrier, and the TLB has nothing of before when the second one has passed.
unsafe impl minplat_frames::Machine for Mmu {
    type Entry = A64PTE;
    const SHARED: u64 = 1 << 55;
    const LEVELS: usize = 4;
    const SPACE: Range<usize> = 64 << 30..1 << 47;

    fn forget(start: usize, pages: usize) {
        dsb(barrier::NSHST);
        if pages > 512 {
            // SAFETY: entries of the TLB are copies.
            unsafe { asm!("tlbi vmalle1", options(nostack, preserves_flags)) };
        } else {
            for page in (start / PAGE)..(start / PAGE + pages) {
                // SAFETY: as above.
                unsafe { asm!("tlbi vaae1, {}", in(reg) page, options(nostack, preserves_flags)) };
            }
        }
        dsb(barrier::NSH);
        isb(barrier::SY);
    }

    fn publish(start: usize, bytes: usize) {
        let sizes: usize;
        // SAFETY: CTR_EL0 can be read by everybody.
        unsafe { asm!("mrs {}, ctr_el0", out(reg) sizes, options(nomem, nostack, preserves_flags)) };
        // Logarithms of words: of data in bits 16 to 19, of instructions in bits 0 to 3.
        let lines = |log2: usize| (start & !((4 << log2) - 1)..start + bytes).step_by(4 << log2);
        for line in lines(sizes >> 16 & 15) {
            // SAFETY: the range can be read, and cleaning loses nothing.
            unsafe { asm!("dc cvau, {}", in(reg) line, options(nostack, preserves_flags)) };
        }
        dsb(barrier::ISH);
        for line in lines(sizes & 15) {
            // SAFETY: the cache has copies.
            unsafe { asm!("ic ivau, {}", in(reg) line, options(nostack, preserves_flags)) };
        }
        dsb(barrier::ISH);
        isb(barrier::SY);
    }
}

export_memory!(Mmu);

/// One core runs this: nobody is interrupted, so nobody else is in it.
struct Masked;

critical_section::set_impl!(Masked);

// SAFETY: with interrupts masked nothing else runs on the one core.
unsafe impl critical_section::Impl for Masked {
    unsafe fn acquire() -> critical_section::RawRestoreState {
        let before = DAIF.get();
        // SAFETY: masking is allowed at any time.
        unsafe { asm!("msr daifset, #2", options(nostack, preserves_flags)) };
        before
    }

    unsafe fn release(before: critical_section::RawRestoreState) {
        set_masks(before);
    }
}

/// Masks and unmasks interrupts. What was stored before is stored before: the crate's `DAIF.set` tells the compiler that it has
/// nothing to do with memory, and stores could move behind it.
pub(crate) fn set_masks(masks: u64) {
    // SAFETY: the vectors are ready for every interrupt from the start on.
    unsafe { asm!("msr daif, {}", in(reg) masks, options(nostack, preserves_flags)) };
}

/// Puts the final tables on: each part with its protection, and the library's address space.
pub(crate) fn set_up() {
    if let Err(why) = tables() {
        crash(format_args!("{why}"));
    }
}

fn tables() -> Result<(), &'static str> {
    let device = Flags::READ | Flags::WRITE | Flags::DEVICE;
    let devices = [
        (tasks::CONTROLLER, device),
        (console::REGISTERS..console::REGISTERS + PAGE, device),
        // The device tree.
        (RAM.start..image::whole().start, Flags::READ),
    ];
    // SAFETY: the RAM is as the device tree says; the first tables map it, and nobody uses what is behind the firmware.
    let memory = unsafe { minplat_paged::map::<Mmu>(ram_end()?, BOOT_INPUT, &devices) }?;
    dsb(barrier::ISHST);
    TTBR0_EL1.set(memory.root() as u64);
    isb(barrier::SY);
    // SAFETY: entries of the TLB are copies; both tables have the code and the stack at the same place.
    unsafe { asm!("tlbi vmalle1", options(nostack, preserves_flags)) };
    dsb(barrier::NSH);
    isb(barrier::SY);
    MEMORY.set(memory);
    Ok(())
}

/// Where the RAM ends, from the device tree at its start.
fn ram_end() -> Result<usize, &'static str> {
    let image = image::whole();
    // SAFETY: the RAM in front of the firmware, which nobody writes.
    let ram = unsafe { device_tree::memory(RAM.start, image.start - RAM.start) }?;
    if ram.start != RAM.start || ram.end < image.end {
        return Err("the RAM does not begin at 1 GiB, or ends within the firmware; give the machine more (-m 256M)");
    }
    Ok(ram.end.min(RAM.end) & !(PAGE - 1))
}
