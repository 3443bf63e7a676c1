//! Text out, by the UART: a 16550.

use core::fmt::Write as _;

use uart_16550::backend::PioBackend;
use uart_16550::{Config, Uart16550};

/// Where its registers are: the first serial port of a PC.
const PORT: u16 = 0x3f8;

/// The UART.
pub(crate) type Console = Uart16550<PioBackend>;

/// The console. A fault opens a second one, and the machine ends after it.
pub(crate) fn open() -> Console {
    // SAFETY: the UART's registers are at these ports.
    let Ok(mut uart) = (unsafe { Uart16550::new_port(PORT) }) else { crate::exit::exit(minplat_port::run::CRASHED) };
    // Where it cannot be set up, nobody could be told.
    _ = uart.init(Config::default());
    uart
}

/// Writes all of it, and waits until it is on its way.
pub(crate) fn write(uart: &mut Console, bytes: &[u8]) {
    uart.send_bytes_exact(bytes);
}

/// Tells of a fault, on whatever stack there is.
pub(crate) fn fault(what: core::fmt::Arguments<'_>) {
    struct Raw(Console);
    impl core::fmt::Write for Raw {
        fn write_str(&mut self, text: &str) -> core::fmt::Result {
            self.0.send_bytes_exact(text.as_bytes());
            Ok(())
        }
    }
    _ = writeln!(Raw(open()), "fault: {what}");
}
