//! From QEMU's direct boot to [`crate::main`], and the machine as the firmware sees it.
//!
//! QEMU starts the image as Xen starts guests (PVH): in 32 bits, without paging. A few instructions put on first page tables,
//! the first 4 GiB at their own addresses in blocks of 2 MiB, and go on in 64 bits. [`crate::memory::set_up`] makes the final ones.

use core::arch::naked_asm;
use core::arch::x86_64::_rdtsc;
use core::cell::UnsafeCell;

use minplat_frames::export::Global;
use minplat_paged::{Port, uart};
use x86_64::registers::control::{Cr0Flags, Cr4Flags, EferFlags};

use crate::console::{self, Console};
use crate::{exit, memory};

/// Tables that the start fills: one of the fourth level, one of the third, four of the second.
#[repr(C, align(4096))]
struct Tables(UnsafeCell<[[u64; 512]; 6]>);

// SAFETY: written by the start alone, before anything else runs.
unsafe impl Sync for Tables {}

/// In `.data`: `.bss` is cleared when they are on.
#[unsafe(link_section = ".data.tables")]
static TABLES: Tables = Tables(UnsafeCell::new([[0; 512]; 6]));

/// The segments of 64 bits: nothing, code, data.
#[unsafe(link_section = ".data.tables")]
static SEGMENTS: [u64; 3] = [0, 0x00af_9b00_0000_ffff, 0x00cf_9300_0000_ffff];

/// The operand of `lgdt` in 32 bits.
#[repr(C, packed)]
struct Pointer {
    limit: u16,
    address: u32,
}

/// Filled by the start.
#[unsafe(link_section = ".data.tables")]
static mut POINTER: Pointer = Pointer { limit: size_of::<[u64; 3]>() as u16 - 1, address: 0 };

/// The count of instructions at the first one here: QEMU's firmware runs before. Filled by the start.
#[unsafe(link_section = ".data.tables")]
static mut RESET: u64 = 0;

/// Paging, what the kernel may not write it cannot write, floats without the exceptions of old.
const CR0: u64 = Cr0Flags::PAGING.bits()
    | Cr0Flags::WRITE_PROTECT.bits()
    | Cr0Flags::NUMERIC_ERROR.bits()
    | Cr0Flags::EXTENSION_TYPE.bits()
    | Cr0Flags::MONITOR_COPROCESSOR.bits()
    | Cr0Flags::PROTECTED_MODE_ENABLE.bits();

/// SSE, and the instruction that switches wider registers on.
const CR4: u64 = Cr4Flags::PHYSICAL_ADDRESS_EXTENSION.bits()
    | Cr4Flags::OSFXSR.bits()
    | Cr4Flags::OSXMMEXCPT_ENABLE.bits()
    | Cr4Flags::OSXSAVE.bits();

/// 64 bits, and pages that cannot be executed.
const EFER: u64 = EferFlags::LONG_MODE_ENABLE.bits() | EferFlags::NO_EXECUTE_ENABLE.bits();

/// x87, SSE and AVX: fused multiplication and addition is encoded as AVX is.
const XCR0: u64 = 0b111;

pvh::xen_elfnote_phys32_entry!(start);

/// The first instruction; the address of what QEMU says is in ebx.
///
/// # Safety
/// QEMU comes here, once.
#[unsafe(no_mangle)]
#[unsafe(naked)]
#[unsafe(link_section = ".text.start")]
unsafe extern "C" fn start() -> ! {
    naked_asm!(
        ".code32",
        "cli",
        "cld",
        "rdtsc",
        "mov [{reset}], eax",
        "mov [{reset} + 4], edx",
        // Blocks of 2 MiB: present, writable, large.
        "mov edi, offset {tables} + 2 * 4096",
        "mov eax, 0x83",
        "xor edx, edx",
        "mov ecx, 4 * 512",
        "2: mov [edi], eax",
        "mov [edi + 4], edx",
        "add eax, 0x200000",
        "add edi, 8",
        "dec ecx",
        "jnz 2b",
        "mov eax, offset {tables} + 4096 + 3",
        "mov [{tables}], eax",
        "add eax, 4096",
        "mov edi, offset {tables} + 4096",
        "mov ecx, 4",
        "3: mov [edi], eax",
        "add eax, 4096",
        "add edi, 8",
        "dec ecx",
        "jnz 3b",
        "mov eax, {cr4}",
        "mov cr4, eax",
        "mov eax, offset {tables}",
        "mov cr3, eax",
        "mov ecx, {efer_number}",
        "rdmsr",
        "or eax, {efer}",
        "wrmsr",
        "mov eax, {cr0}",
        "mov cr0, eax",
        "mov eax, offset {segments}",
        "mov [{pointer} + 2], eax",
        "lgdt [{pointer}]",
        // A far jump by a far return.
        "mov esp, offset stack_top",
        "push 8",
        "mov eax, offset {wide}",
        "push eax",
        "retf",
        ".code64",
        tables = sym TABLES,
        segments = sym SEGMENTS,
        pointer = sym POINTER,
        reset = sym RESET,
        cr0 = const CR0,
        cr4 = const CR4,
        efer = const EFER,
        efer_number = const 0xc000_0080_u32,
        wide = sym wide,
    )
}

/// The first instruction of 64 bits.
///
/// # Safety
/// [`start`] comes here.
#[unsafe(naked)]
unsafe extern "C" fn wide() -> ! {
    naked_asm!(
        "mov eax, 16",
        "mov ds, eax",
        "mov es, eax",
        "mov ss, eax",
        "xor eax, eax",
        "mov fs, eax",
        "mov gs, eax",
        "lea rsp, [rip + stack_top]",
        "xor ecx, ecx",
        "xor edx, edx",
        "mov eax, {xcr0}",
        "xsetbv",
        "fninit",
        "lea rdi, [rip + bss_start]",
        "lea rcx, [rip + bss_end]",
        "sub rcx, rdi",
        "xor eax, eax",
        "rep stosb",
        "mov edi, ebx",
        "mov rsi, [rip + {reset}]",
        "xor ebp, ebp",
        "call {main}",
        "ud2",
        xcr0 = const XCR0,
        reset = sym RESET,
        main = sym crate::main,
    )
}

/// The machine.
pub(crate) struct Pc;

/// Tells of a fault, and ends the machine.
pub(crate) fn crash(what: core::fmt::Arguments<'_>) -> ! {
    minplat_paged::crash::<Pc>(what)
}

impl Port for Pc {
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
        // SAFETY: reading the counter changes nothing; QEMU's counts instructions where it counts them at all.
        unsafe { _rdtsc() }
    }
}
