//! What a machine has of its own.

use core::fmt::{self, Write as _};

use minplat_frames::export::Global;
use minplat_port::run::CRASHED;

/// A machine with page tables.
pub trait Port: Sized + 'static {
    /// Its page tables.
    type Mmu: minplat_frames::Machine;

    /// What writes to its console.
    type Console;

    /// As [`minplat_port::Board::is_emulated`].
    const IS_EMULATED: bool;

    /// Opens the console. A fault opens a second one, and the machine ends after it.
    fn open() -> Self::Console;

    /// Writes all of it, and waits until it is on its way.
    fn write(console: &mut Self::Console, bytes: &[u8]);

    /// Ends the machine, with this code.
    fn exit(code: u8) -> !;

    /// Its memory, what `export_memory!` makes.
    fn memory() -> &'static Global<Self::Mmu>;

    /// `wasmtime_mmap_remap`, what `export_memory!` makes.
    ///
    /// # Safety
    /// Nobody uses what is in the range.
    unsafe extern "C" fn remap(start: *mut u8, size: usize, protection: u32) -> i32;

    /// Instructions since the emulator's start, where it lets one be a nanosecond.
    fn instructions() -> u64;

    /// Tells what else it has, as names and numbers.
    fn tell(_tell: &mut dyn FnMut(&str, u64)) {}

    /// As [`minplat_port::Board::run_tasks`].
    fn run_tasks(_count: usize, _job: &(dyn Fn(usize) + Sync)) -> bool {
        false
    }
}

/// A console that text is written to.
struct Text<P: Port>(P::Console);

impl<P: Port> fmt::Write for Text<P> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        P::write(&mut self.0, text.as_bytes());
        Ok(())
    }
}

/// Tells of a fault, on whatever stack there is, and ends the machine.
pub fn crash<P: Port>(what: fmt::Arguments<'_>) -> ! {
    // Writing to the console cannot fail.
    _ = writeln!(Text::<P>(P::open()), "fault: {what}");
    P::exit(CRASHED)
}
