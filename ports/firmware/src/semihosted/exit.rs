//! The end: the emulator's exit code, or the debugger's.

/// Ends the machine.
pub fn exit(code: u8) -> ! {
    semihosting::process::exit(code.into())
}

/// Where a panic would come to; as the firmware is built, it is an invalid instruction, so a fault.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    exit(crate::run::CRASHED)
}
