//! Text out, by the UART: a 16550.

use minplat_paged::uart;
use uart_16550::Uart16550;
use uart_16550::backend::PioBackend;

/// Where its registers are: the first serial port of a PC.
const PORT: u16 = 0x3f8;

/// The UART.
pub(crate) type Console = Uart16550<PioBackend>;

/// The console.
pub(crate) fn open() -> Console {
    // SAFETY: the UART's registers are at these ports.
    let Ok(console) = (unsafe { Uart16550::new_port(PORT) }) else { crate::exit::exit(minplat_port::run::CRASHED) };
    uart::set_up(console)
}
