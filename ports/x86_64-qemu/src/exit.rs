//! The end, by QEMU's device isa-debug-exit: QEMU ends with twice the code and one.

use core::panic::PanicInfo;

use minplat_port::run::CRASHED;
use x86_64::instructions::{hlt, port::PortWriteOnly};

/// Where the device is.
const DEVICE: u16 = 0xf4;

/// Ends the machine.
pub(crate) fn exit(code: u8) -> ! {
    // SAFETY: the device ends QEMU; where there is none nothing happens.
    unsafe { PortWriteOnly::<u32>::new(DEVICE).write(code.into()) };
    loop {
        hlt();
    }
}

/// Where a panic would come to; as the firmware is built, it is an invalid instruction, so a fault.
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    exit(CRASHED)
}
