//! What a fault of the machine comes to: it is told, and the machine ends. The platform offers no traps, so none is a guest's.

use core::arch::naked_asm;

use minplat_port::run::CRASHED;
use riscv::register::{mcause, mepc, mtval};

use crate::{console, exit, memory};

/// Bytes of the stack of traps.
const STACK: usize = 2 << 10;

#[repr(C, align(16))]
struct Stack([u8; STACK]);

static mut TRAP_STACK: Stack = Stack([0; STACK]);

/// Where riscv-rt points the trap vector to, instead of its own: the stack may be what the fault is about, and nothing returns
/// from here.
#[unsafe(naked)]
#[unsafe(no_mangle)]
#[unsafe(link_section = ".trap.start")]
unsafe extern "C" fn _start_trap() -> ! {
    naked_asm!(
        ".balign 4",
        "la sp, {stack} + {size}",
        "j {fault}",
        stack = sym TRAP_STACK,
        size = const STACK,
        fault = sym fault,
    )
}

extern "C" fn fault() -> ! {
    let (cause, place, address) = (mcause::read().code(), mepc::read(), mtval::read());
    if memory::is_guard(address) {
        console::fault(format_args!("the stack ran over: {address:#x} was accessed at {place:#x}"));
    } else {
        console::fault(format_args!("cause {cause} at {place:#x}, address {address:#x}"));
    }
    exit::exit(CRASHED)
}
