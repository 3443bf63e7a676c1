//! A UART that is a 16550.

use uart_16550::backend::Backend;
use uart_16550::{Config, Uart16550};

/// Sets it up. Where it cannot be, nobody could be told.
pub fn set_up<B: Backend>(mut uart: Uart16550<B>) -> Uart16550<B> {
    _ = uart.init(Config::default());
    uart
}

/// Writes all of it, and waits until it is on its way.
pub fn write<B: Backend>(uart: &mut Uart16550<B>, bytes: &[u8]) {
    uart.send_bytes_exact(bytes);
}
