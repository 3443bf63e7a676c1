//! What a fault of the machine comes to: it is told, and the machine ends. The platform offers no traps, so none is a guest's.

use cortex_m::peripheral::SCB;
use cortex_m_rt::{ExceptionFrame, exception};
use minplat_port::run::CRASHED;

use crate::{console, exit, memory};

#[exception]
unsafe fn HardFault(frame: &ExceptionFrame) -> ! {
    // SAFETY: reading the fault's status changes nothing.
    let status = unsafe { (*SCB::PTR).cfsr.read() };
    // Without access to the stack the frame could not be stored.
    let place = if status & (1 << 4 | 1 << 12) == 0 { frame.pc() } else { 0 };
    // The address is known for some accesses alone; a frame that had no room left the stack pointer in the guard.
    // SAFETY: as above.
    let address = (status & 1 << 7 != 0).then(|| unsafe { (*SCB::PTR).mmfar.read() });
    let stack = cortex_m::register::psp::read();
    if let Some(at) = address.into_iter().chain([stack]).find(|at| memory::is_guard(*at as usize)) {
        console::fault(format_args!("the stack ran over: to {at:#x}, status {status:#x} at {place:#x}"));
    } else {
        console::fault(format_args!("status {status:#x} at {place:#x}"));
    }
    exit::exit(CRASHED)
}
