//! The vector; faults that are a guest's, and those that are not.
//!
//! A fault saves everything on the stack of traps (but the vector registers, which the firmware does not use). A write to a page
//! that is to be copied is made good, and the instruction is done again. For any other the trap ends: its return goes to
//! [`deliver`], on the stack and with the interrupts of what was interrupted, as if that had called it. So the library's handler
//! can leave for good, take a fault itself, and map memory.

use core::arch::global_asm;

use minplat_paged::{image, traps};
use riscv::register::{scause, sepc, stval};

use crate::memory;
use crate::start::crash;

minplat_paged::export_traps!();

/// What was interrupted, as the vector saves and restores it.
#[repr(C)]
struct Frame {
    /// The program counter, in the place of the register that is always zero; then all others.
    pc: usize,
    x: [usize; 31],
    status: usize,
    float_status: usize,
    /// Keeps the frame, and so the stack, at a multiple of 16.
    _room: [usize; 2],
    f: [u64; 32],
}

const _: () = assert!(size_of::<Frame>() == 544);

/// Where the registers are that are looked at: x1 is the first.
mod register {
    pub(super) const RA: usize = 0;
    pub(super) const SP: usize = 1;
    pub(super) const S0: usize = 7;
    pub(super) const A0: usize = 9;
}

/// Exceptions that have the address of an access in `stval`, and the one of a write to a page, as the manual numbers them.
const ACCESSES: [usize; 8] = [1, 4, 5, 6, 7, 12, 13, STORE_PAGE_FAULT];
const STORE_PAGE_FAULT: usize = 15;

macro_rules! save {
    () => {
        concat!(
            "sd x1, 8(sp)\n",
            "sd x3, 24(sp)\n",
            "sd x4, 32(sp)\n",
            "sd x5, 40(sp)\n",
            "sd x6, 48(sp)\n",
            "sd x7, 56(sp)\n",
            "sd x8, 64(sp)\n",
            "sd x9, 72(sp)\n",
            "sd x10, 80(sp)\n",
            "sd x11, 88(sp)\n",
            "sd x12, 96(sp)\n",
            "sd x13, 104(sp)\n",
            "sd x14, 112(sp)\n",
            "sd x15, 120(sp)\n",
            "sd x16, 128(sp)\n",
            "sd x17, 136(sp)\n",
            "sd x18, 144(sp)\n",
            "sd x19, 152(sp)\n",
            "sd x20, 160(sp)\n",
            "sd x21, 168(sp)\n",
            "sd x22, 176(sp)\n",
            "sd x23, 184(sp)\n",
            "sd x24, 192(sp)\n",
            "sd x25, 200(sp)\n",
            "sd x26, 208(sp)\n",
            "sd x27, 216(sp)\n",
            "sd x28, 224(sp)\n",
            "sd x29, 232(sp)\n",
            "sd x30, 240(sp)\n",
            "sd x31, 248(sp)\n",
            "fsd f0, 288(sp)\n",
            "fsd f1, 296(sp)\n",
            "fsd f2, 304(sp)\n",
            "fsd f3, 312(sp)\n",
            "fsd f4, 320(sp)\n",
            "fsd f5, 328(sp)\n",
            "fsd f6, 336(sp)\n",
            "fsd f7, 344(sp)\n",
            "fsd f8, 352(sp)\n",
            "fsd f9, 360(sp)\n",
            "fsd f10, 368(sp)\n",
            "fsd f11, 376(sp)\n",
            "fsd f12, 384(sp)\n",
            "fsd f13, 392(sp)\n",
            "fsd f14, 400(sp)\n",
            "fsd f15, 408(sp)\n",
            "fsd f16, 416(sp)\n",
            "fsd f17, 424(sp)\n",
            "fsd f18, 432(sp)\n",
            "fsd f19, 440(sp)\n",
            "fsd f20, 448(sp)\n",
            "fsd f21, 456(sp)\n",
            "fsd f22, 464(sp)\n",
            "fsd f23, 472(sp)\n",
            "fsd f24, 480(sp)\n",
            "fsd f25, 488(sp)\n",
            "fsd f26, 496(sp)\n",
            "fsd f27, 504(sp)\n",
            "fsd f28, 512(sp)\n",
            "fsd f29, 520(sp)\n",
            "fsd f30, 528(sp)\n",
            "fsd f31, 536(sp)\n",
        )
    };
}

macro_rules! restore {
    () => {
        concat!(
            "fld f0, 288(sp)\n",
            "fld f1, 296(sp)\n",
            "fld f2, 304(sp)\n",
            "fld f3, 312(sp)\n",
            "fld f4, 320(sp)\n",
            "fld f5, 328(sp)\n",
            "fld f6, 336(sp)\n",
            "fld f7, 344(sp)\n",
            "fld f8, 352(sp)\n",
            "fld f9, 360(sp)\n",
            "fld f10, 368(sp)\n",
            "fld f11, 376(sp)\n",
            "fld f12, 384(sp)\n",
            "fld f13, 392(sp)\n",
            "fld f14, 400(sp)\n",
            "fld f15, 408(sp)\n",
            "fld f16, 416(sp)\n",
            "fld f17, 424(sp)\n",
            "fld f18, 432(sp)\n",
            "fld f19, 440(sp)\n",
            "fld f20, 448(sp)\n",
            "fld f21, 456(sp)\n",
            "fld f22, 464(sp)\n",
            "fld f23, 472(sp)\n",
            "fld f24, 480(sp)\n",
            "fld f25, 488(sp)\n",
            "fld f26, 496(sp)\n",
            "fld f27, 504(sp)\n",
            "fld f28, 512(sp)\n",
            "fld f29, 520(sp)\n",
            "fld f30, 528(sp)\n",
            "fld f31, 536(sp)\n",
            "ld x1, 8(sp)\n",
            "ld x3, 24(sp)\n",
            "ld x4, 32(sp)\n",
            "ld x5, 40(sp)\n",
            "ld x6, 48(sp)\n",
            "ld x7, 56(sp)\n",
            "ld x8, 64(sp)\n",
            "ld x9, 72(sp)\n",
            "ld x10, 80(sp)\n",
            "ld x11, 88(sp)\n",
            "ld x12, 96(sp)\n",
            "ld x13, 104(sp)\n",
            "ld x14, 112(sp)\n",
            "ld x15, 120(sp)\n",
            "ld x16, 128(sp)\n",
            "ld x17, 136(sp)\n",
            "ld x18, 144(sp)\n",
            "ld x19, 152(sp)\n",
            "ld x20, 160(sp)\n",
            "ld x21, 168(sp)\n",
            "ld x22, 176(sp)\n",
            "ld x23, 184(sp)\n",
            "ld x24, 192(sp)\n",
            "ld x25, 200(sp)\n",
            "ld x26, 208(sp)\n",
            "ld x27, 216(sp)\n",
            "ld x28, 224(sp)\n",
            "ld x29, 232(sp)\n",
            "ld x30, 240(sp)\n",
            "ld x31, 248(sp)\n",
        )
    };
}

// While a trap is handled `sscratch` is 0, else it is the top of the traps' stack.
global_asm!(
    ".section .text.vector, \"ax\"",
    ".balign 4",
    "vector:",
    ".option push",
    ".option norelax",
    ".option arch, +d",
    "csrrw sp, sscratch, sp",
    "beqz sp, 2f",
    "addi sp, sp, -544",
    save!(),
    "csrrw t0, sscratch, zero",
    "sd t0, 16(sp)",
    "csrr t0, sepc",
    "sd t0, 0(sp)",
    "csrr t0, sstatus",
    "sd t0, 256(sp)",
    "csrr t0, fcsr",
    "sd t0, 264(sp)",
    "mv a0, sp",
    "call {fault}",
    "ld t0, 264(sp)",
    "csrw fcsr, t0",
    "ld t0, 256(sp)",
    "csrw sstatus, t0",
    "ld t0, 0(sp)",
    "csrw sepc, t0",
    restore!(),
    // Nothing comes in between: what is below the top is still there.
    "addi sp, sp, 544",
    "csrw sscratch, sp",
    "ld sp, 16 - 544(sp)",
    "sret",
    "2: la sp, trap_stack_top",
    "tail {stray}",
    ".option pop",
    fault = sym fault,
    stray = sym stray,
);

/// From now on exceptions come here.
pub(crate) fn take() {
    unsafe extern "C" {
        static trap_stack_top: u8;
        static vector: u8;
    }
    // SAFETY: the vector is aligned to 4 bytes, and the stack is the traps' alone.
    unsafe {
        core::arch::asm!(
            "csrw sscratch, {top}",
            "csrw stvec, {vector}",
            top = in(reg) &raw const trap_stack_top,
            vector = in(reg) &raw const vector,
            options(nostack, preserves_flags)
        );
    }
}

/// A fault, of a guest or of the firmware.
extern "C" fn fault(frame: &mut Frame) {
    let (cause, address) = (scause::read(), stval::read());
    if cause.is_interrupt() {
        // Nobody asked for one.
        stray();
    }
    let cause = cause.code();
    if cause == STORE_PAGE_FAULT && memory::MEMORY.copy_on_write(address) {
        return;
    }
    let has_address = ACCESSES.contains(&cause);
    if has_address && image::is_guard(address) {
        crash(format_args!("the stack ran over: {address:#x} was accessed at {:#x}", frame.pc));
    }
    let fp = frame.x[register::S0];
    frame.x[register::A0..][..5].copy_from_slice(&[frame.pc, fp, has_address.into(), address, cause]);
    frame.x[register::RA] = 0;
    frame.x[register::SP] &= !15;
    frame.pc = deliver as *const () as usize;
}

/// What goes on in the place of code that faulted.
extern "C" fn deliver(ip: usize, fp: usize, has_address: bool, address: usize, cause: usize) -> ! {
    traps::handle(ip, fp, has_address, address);
    // It was nobody's.
    crash(format_args!("cause {cause}, value {address:#x}, at {ip:#x}"))
}

/// What should not come: a fault inside the handling of another, an interrupt that nobody asked for.
extern "C" fn stray() -> ! {
    let (cause, value, place) = (scause::read().bits(), stval::read(), sepc::read());
    crash(format_args!("in a trap: cause {cause:#x}, value {value:#x}, at {place:#x}"))
}
