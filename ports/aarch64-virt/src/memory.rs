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
use core::ffi::c_void;
use core::ops::Range;
use core::slice;

use aarch64_cpu::asm::barrier::{self, dsb, isb};
use aarch64_cpu::registers::{DAIF, Readable as _, TTBR0_EL1, Writeable as _};
use minplat_frames::{Error, Flags, Frames, Memory, PAGE, device_tree, export_memory};
use minplat_port::run::CRASHED;
use page_table_entry::aarch64::A64PTE;

use crate::{console, exit, tasks};

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
        console::fault(format_args!("{why}"));
        exit::exit(CRASHED);
    }
}

fn tables() -> Result<(), &'static str> {
    let few = |_: Error| "the machine has too little memory for its page tables; give it more (-m 256M)";
    let ram_end = ram_end()?;
    let bundle = BOOT_INPUT.start..BOOT_INPUT.end.min(ram_end);
    let areas = [address!(image_end)..BOOT_INPUT.start.min(ram_end), BOOT_INPUT.end..ram_end];
    let mut frames = Frames::new();
    for area in &areas {
        // SAFETY: the RAM behind the firmware, and behind a bundle; the first tables map it, and nobody uses it.
        unsafe { frames.add(area.start, area.end) };
    }

    let constants = address!(constants_start)..address!(constants_end);
    let mut memory = Memory::<Mmu>::new(frames, [constants.clone(), bundle.clone()]).map_err(few)?;
    let data = Flags::READ | Flags::WRITE;
    let parts = [
        (tasks::CONTROLLER, data | Flags::DEVICE),
        (console::REGISTERS..console::REGISTERS + PAGE, data | Flags::DEVICE),
        (RAM.start..address!(image_start), Flags::READ),
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
    // SAFETY: the RAM in front of the firmware, which nobody writes.
    let ram = unsafe { device_tree::memory(RAM.start, address!(image_start) - RAM.start) }?;
    if ram.start != RAM.start || ram.end < address!(image_end) {
        return Err("the RAM does not begin at 1 GiB, or ends within the firmware; give the machine more (-m 256M)");
    }
    Ok(ram.end.min(RAM.end) & !(PAGE - 1))
}

/// The memory that a bundle may lie in.
pub(crate) fn boot_input() -> Option<&'static [u8]> {
    let len = ram_end().ok()?.min(BOOT_INPUT.end).checked_sub(BOOT_INPUT.start)?;
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
