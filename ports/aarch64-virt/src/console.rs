//! Text out, by the UART: a PL011.

use core::ptr::NonNull;

use arm_pl011_uart::{DataBits, LineConfig, PL011Registers, Parity, StopBits, Uart, UniqueMmioPointer};

/// Where its registers are.
pub(crate) const REGISTERS: usize = 0x900_0000;

/// What QEMU's board feeds it with; nobody listens to a rate there.
const CLOCK: u32 = 24_000_000;

/// The console. A fault opens a second one, and the machine ends after it.
pub(crate) fn open() -> Uart<'static> {
    let registers = NonNull::new(core::ptr::with_exposed_provenance_mut::<PL011Registers>(REGISTERS));
    // SAFETY: the UART's registers are there, mapped as a device's. The first owner does not come back when there is a second.
    let registers = registers.map(|at| unsafe { UniqueMmioPointer::new(at) });
    let Some(registers) = registers else { crate::exit::exit(minplat_port::run::CRASHED) };
    let mut uart = Uart::new(registers);
    let config = LineConfig { data_bits: DataBits::Bits8, parity: Parity::None, stop_bits: StopBits::One };
    // A rate that cannot be had is no reason to say nothing.
    _ = uart.enable(config, 115_200, CLOCK);
    uart
}

/// Writes all of it, and waits until it is on its way.
pub(crate) fn write(uart: &mut Uart<'_>, bytes: &[u8]) {
    for byte in bytes {
        while uart.is_tx_fifo_full() {}
        uart.write_word(*byte);
    }
}
