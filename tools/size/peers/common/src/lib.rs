//! What the probes of other runtimes share: the way in, which is that of `examples/size-probe.c`, printing, a heap, and what a panic
//! does. The module, a way to print and the heap's memory come from outside.
#![no_std]

use core::fmt::{self, Display, Write};

use spinning_top::RawSpinlock;
use talc::TalcLock;
use talc::source::Manual;

unsafe extern "C" {
    /// The module, `minplat_probe_size` bytes.
    static minplat_probe_start: u8;
    static minplat_probe_size: usize;
    /// The memory for the heap, `minplat_probe_heap_size` bytes that nothing else uses.
    static mut minplat_probe_heap_start: u8;
    static minplat_probe_heap_size: usize;
    /// Prints a text.
    fn minplat_probe_print(text: *const u8, len: usize);
}

#[global_allocator]
static HEAP: TalcLock<RawSpinlock, Manual> = TalcLock::new(Manual);

/// Calls "run" of the module with one number, by a runtime's `run`: it gives back a number, or traps. 0: done; 1: an error was printed.
///
/// # Safety
/// It is called once, and what comes from outside is there, as its descriptions say.
pub unsafe fn main<E: Display>(
    number: i32,
    answer: &mut i32,
    run: impl FnOnce(&'static [u8], i32) -> Result<i32, E>,
) -> i32 {
    // SAFETY: the caller sees to the module, to the memory, and that it is claimed once.
    let module = unsafe {
        HEAP.lock().claim(&raw mut minplat_probe_heap_start, minplat_probe_heap_size);
        core::slice::from_raw_parts(&raw const minplat_probe_start, minplat_probe_size)
    };
    match run(module, number) {
        Ok(number) => {
            *answer = number;
            0
        }
        Err(error) => {
            // Printing cannot fail.
            _ = writeln!(Printer, "{error:#}");
            1
        }
    }
}

struct Printer;

impl Write for Printer {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // SAFETY: it is a text of that length.
        unsafe { minplat_probe_print(text.as_ptr(), text.len()) };
        Ok(())
    }
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}
