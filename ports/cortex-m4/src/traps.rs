//! What a fault of the machine comes to: it is told, and the machine ends. The platform offers no traps, so none is a guest's.

use cortex_m::peripheral::SCB;
use cortex_m_rt::{ExceptionFrame, exception};
use minplat_port::run::CRASHED;

use crate::{console, exit};

#[exception]
unsafe fn HardFault(frame: &ExceptionFrame) -> ! {
    // SAFETY: reading the fault's status changes nothing.
    let status = unsafe { (*SCB::PTR).cfsr.read() };
    // Without access to the stack the frame could not be stored.
    let place = if status & (1 << 4 | 1 << 12) == 0 { frame.pc() } else { 0 };
    console::fault(status, place);
    exit::exit(CRASHED)
}
