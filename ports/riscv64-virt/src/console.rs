//! Text out, by the UART: a 16550.

use core::num::NonZeroUsize;

use minplat_paged::uart;
use uart_16550::Uart16550;
use uart_16550::backend::MmioBackend;

/// Where its registers are.
pub(crate) const REGISTERS: NonZeroUsize = NonZeroUsize::new(0x1000_0000).unwrap();

/// The UART.
pub(crate) type Console = Uart16550<MmioBackend>;

/// The console.
pub(crate) fn open() -> Console {
    // SAFETY: the UART's registers are there, a byte each, mapped at their own address.
    let Ok(console) = (unsafe { Uart16550::new_mmio_from_address(REGISTERS, 1) }) else {
        crate::exit::exit(minplat_port::run::CRASHED)
    };
    uart::set_up(console)
}
