//! Text out, by the UART: a 16550.

use core::fmt::Write as _;
use core::num::NonZeroUsize;

use uart_16550::backend::MmioBackend;
use uart_16550::{Config, Uart16550};

/// Where its registers are.
pub(crate) const REGISTERS: NonZeroUsize = NonZeroUsize::new(0x1000_0000).unwrap();

/// The UART.
pub(crate) type Console = Uart16550<MmioBackend>;

/// The console. A fault opens a second one, and the machine ends after it.
pub(crate) fn open() -> Console {
    // SAFETY: the UART's registers are there, a byte each, mapped at their own address.
    let Ok(mut uart) = (unsafe { Uart16550::new_mmio_from_address(REGISTERS, 1) }) else {
        crate::exit::exit(minplat_port::run::CRASHED)
    };
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
