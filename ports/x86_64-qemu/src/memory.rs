//! Which memory is whose, and what the page tables of this architecture have of their own.
//!
//! | addresses | |
//! | --- | --- |
//! | 0x20_0000 | the firmware: code, constants, data, stacks; then frames |
//! | 0x0800_0000, 64 MiB | where a bundle may be, read-only |
//! | 0x0c00_0000 | frames, to 3 GiB at most |
//! | from 64 GiB on | what the library maps |

use core::ffi::c_void;
use core::ops::Range;
use core::slice;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use minplat_frames::{Error, Flags, Frames, Memory, PAGE, export_memory};
use minplat_port::run::CRASHED;
use page_table_entry::x86_64::X64PTE;
use pvh::start_info::MemmapType;
use pvh::start_info::reader::StartInfoReader;
use x86_64::instructions::{interrupts, tlb};
use x86_64::registers::control::{Cr3, Cr3Flags};
use x86_64::structures::paging::PhysFrame;
use x86_64::{PhysAddr, VirtAddr};

use crate::{console, exit};

/// Where memory is looked for: what the first tables map.
const RAM: Range<usize> = 1 << 20..3 << 30;

/// Where QEMU puts a bundle, `-device loader`.
const BOOT_INPUT: Range<usize> = 0x800_0000..0xc00_0000;

/// Where the machine's RAM ends.
static RAM_END: AtomicUsize = AtomicUsize::new(0);

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
        console::fault(format_args!("{why}"));
        exit::exit(CRASHED);
    }
}

fn tables(start_info: u32) -> Result<(), &'static str> {
    let few = |_: Error| "the machine has too little memory for its page tables; give it more (-m 256M)";
    let ram_end = ram_end(start_info)?;
    RAM_END.store(ram_end, Relaxed);
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
    let image = address!(image_start) as u64..address!(image_end) as u64;
    let ram = info.memmap().iter().find(|entry| {
        entry.ty() == MemmapType::Ram && entry.addr <= image.start && image.end <= entry.addr.saturating_add(entry.size)
    });
    let ram = ram.ok_or("the RAM ends within the firmware; give the machine more (-m 256M)")?;
    Ok((ram.addr.saturating_add(ram.size) as usize).min(RAM.end) & !(PAGE - 1))
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

/// The top of the stack of faults.
pub(crate) fn trap_stack_end() -> u64 {
    address!(trap_stack_top) as u64
}

/// Whether an address lies in the page below a stack.
pub(crate) fn is_guard(at: usize) -> bool {
    [address!(stack_bottom), address!(trap_stack)].iter().any(|lowest| (lowest - PAGE..*lowest).contains(&at))
}
