//! The descriptors; faults that are a guest's, and those that are not.
//!
//! A fault saves everything on a stack of its own (but the upper halves of wide registers, which the firmware does not use). A
//! write to a page that is to be copied is made good, and the instruction is done again. For any other the exception ends: its
//! return goes to [`deliver`], on the stack and with the flags of what was interrupted, as if that had called it. So the library's
//! handler can leave for good, take a fault itself, and map memory.

use core::arch::{global_asm, naked_asm};
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicBool, Ordering::Relaxed};

use minplat_paged::{image, traps};
use x86_64::VirtAddr;
use x86_64::instructions::tables::load_tss;
use x86_64::registers::control::Cr2;
use x86_64::registers::segmentation::{CS, DS, ES, SS, Segment as _};
use x86_64::structures::gdt::{Descriptor, GlobalDescriptorTable};
use x86_64::structures::idt::{InterruptDescriptorTable, PageFaultErrorCode};
use x86_64::structures::tss::TaskStateSegment;

use crate::memory;
use crate::start::crash;

minplat_paged::export_traps!();

/// Whether a fault is being handled: the next one would be on the same stack.
static IS_BUSY: AtomicBool = AtomicBool::new(false);

/// Numbers of exceptions, as the manual has them.
mod vector {
    pub(super) const PAGE_FAULT: u64 = 14;
}

/// What was interrupted, as the entry saves and restores it.
#[repr(C)]
struct Frame {
    /// What `fxsave` stores.
    floats: [u128; 32],
    r15: u64,
    r14: u64,
    r13: u64,
    r12: u64,
    r11: u64,
    r10: u64,
    r9: u64,
    r8: u64,
    rbp: u64,
    rdi: u64,
    rsi: u64,
    rdx: u64,
    rcx: u64,
    rbx: u64,
    rax: u64,
    vector: u64,
    code: u64,
    rip: u64,
    cs: u64,
    flags: u64,
    rsp: u64,
    ss: u64,
}

/// # Safety
/// An entry of [`ENTRIES`] comes here, with its number and a code pushed.
#[unsafe(naked)]
unsafe extern "C" fn fault_entry() {
    naked_asm!(
        "push rax",
        "push rbx",
        "push rcx",
        "push rdx",
        "push rsi",
        "push rdi",
        "push rbp",
        "push r8",
        "push r9",
        "push r10",
        "push r11",
        "push r12",
        "push r13",
        "push r14",
        "push r15",
        "sub rsp, 512",
        "fxsave64 [rsp]",
        "cld",
        "mov rdi, rsp",
        "call {fault}",
        "fxrstor64 [rsp]",
        "add rsp, 512",
        "pop r15",
        "pop r14",
        "pop r13",
        "pop r12",
        "pop r11",
        "pop r10",
        "pop r9",
        "pop r8",
        "pop rbp",
        "pop rdi",
        "pop rsi",
        "pop rdx",
        "pop rcx",
        "pop rbx",
        "pop rax",
        "add rsp, 16",
        "iretq",
        fault = sym fault,
    )
}

// An entry for each of the 32 exceptions, 16 bytes apart. The processor pushes a code for some of them (8, 10 to 14, 17, 21, 29, 30);
// the others push 0 in its place.
global_asm!(
    ".section .text.entries, \"ax\"",
    ".balign 16",
    "entries:",
    ".set number, 0",
    ".rept 32",
    ".balign 16",
    ".if !(0x60227d00 >> number & 1)",
    "push 0",
    ".endif",
    "push number",
    "jmp {entry}",
    ".set number, number + 1",
    ".endr",
    entry = sym fault_entry,
);

unsafe extern "C" {
    static entries: [[u8; 16]; 32];
}

/// The descriptors, filled once.
struct Descriptors(UnsafeCell<(GlobalDescriptorTable, TaskStateSegment, InterruptDescriptorTable)>);

// SAFETY: `take` fills them before anything else runs; then the processor alone reads them.
unsafe impl Sync for Descriptors {}

static DESCRIPTORS: Descriptors = Descriptors(UnsafeCell::new((
    GlobalDescriptorTable::new(),
    TaskStateSegment::new(),
    InterruptDescriptorTable::new(),
)));

/// From now on exceptions come here.
pub(crate) fn take() {
    // SAFETY: called once, before anything else runs, so nobody else has them.
    let (segments, task, interrupts) = unsafe { &mut *DESCRIPTORS.0.get() };
    task.interrupt_stack_table[0] = VirtAddr::new_truncate(image::fault_stack().end as u64);
    let code = segments.append(Descriptor::kernel_code_segment());
    let data = segments.append(Descriptor::kernel_data_segment());
    // SAFETY: the segment lives for ever.
    let task = segments.append(unsafe { Descriptor::tss_segment_unchecked(task) });
    // SAFETY: the table lives for ever, and has what the registers are given.
    unsafe {
        segments.load_unsafe();
        CS::set_reg(code);
        SS::set_reg(data);
        DS::set_reg(data);
        ES::set_reg(data);
        load_tss(task);
    }
    // SAFETY: an address alone, of one of the 32.
    let at = |number: usize| VirtAddr::from_ptr(unsafe { &raw const entries[number] });
    macro_rules! set {
        ($($entry:ident = $number:literal;)*) => { $(
            // SAFETY: the entry saves everything and returns as an exception does, on the stack with this number.
            unsafe { interrupts.$entry.set_handler_addr(at($number)).set_stack_index(0) };
        )* };
    }
    set! {
        divide_error = 0;
        debug = 1;
        non_maskable_interrupt = 2;
        breakpoint = 3;
        overflow = 4;
        bound_range_exceeded = 5;
        invalid_opcode = 6;
        device_not_available = 7;
        double_fault = 8;
        invalid_tss = 10;
        segment_not_present = 11;
        stack_segment_fault = 12;
        general_protection_fault = 13;
        page_fault = 14;
        x87_floating_point = 16;
        alignment_check = 17;
        machine_check = 18;
        simd_floating_point = 19;
    }
    // SAFETY: the table lives for ever.
    unsafe { interrupts.load_unsafe() };
}

/// A fault, of a guest or of the firmware.
extern "C" fn fault(frame: &mut Frame) {
    let address = Cr2::read_raw();
    if IS_BUSY.swap(true, Relaxed) {
        crash(format_args!("in an exception: number {}, address {address:#x}, at {:#x}", frame.vector, frame.rip));
    }
    let is_access = frame.vector == vector::PAGE_FAULT;
    let forbidden = PageFaultErrorCode::PROTECTION_VIOLATION | PageFaultErrorCode::CAUSED_BY_WRITE;
    let is_forbidden_write = is_access && PageFaultErrorCode::from_bits_truncate(frame.code).contains(forbidden);
    if !(is_forbidden_write && memory::MEMORY.copy_on_write(address as usize)) {
        if is_access && image::is_guard(address as usize) {
            crash(format_args!("the stack ran over: {address:#x} was accessed at {:#x}", frame.rip));
        }
        (frame.rdi, frame.rsi, frame.rdx) = (frame.rip, frame.rbp, is_access.into());
        (frame.rcx, frame.r8, frame.r9) = (address, frame.vector, frame.code);
        // As a call leaves it: room for an address to return to.
        frame.rsp = (frame.rsp & !15) - 8;
        frame.rip = deliver as *const () as u64;
    }
    IS_BUSY.store(false, Relaxed);
}

/// What goes on in the place of code that faulted.
extern "C" fn deliver(ip: usize, fp: usize, has_address: bool, address: usize, number: usize, code: usize) -> ! {
    traps::handle(ip, fp, has_address, address);
    // It was nobody's.
    crash(format_args!("exception {number}, code {code:#x}, address {address:#x}, at {ip:#x}"))
}
