//! From the reset to the work. riscv-rt has filled `.data` and `.bss`, and set the stack and the trap vector.

use core::cell::RefCell;
use core::ffi::c_void;

use minplat_port::Board;
use riscv::register::minstret;
use riscv_rt::entry;
use semihosting::io::Stdout;

use crate::{LINKED, console, exit, memory};

#[entry]
fn start() -> ! {
    // The emulator's count goes on while it starts.
    let reset = minstret::read64();
    memory::guard_stack();
    minplat_port::run(&Machine { console: RefCell::new(console::open()), reset }, &LINKED)
}

/// The machine.
struct Machine {
    console: RefCell<Option<Stdout>>,
    /// The instructions counted before the start.
    reset: u64,
}

impl Board for Machine {
    fn write(&self, bytes: &[u8]) {
        console::write(self.console.borrow_mut().as_mut(), bytes);
    }

    fn exit(&self, code: u8) -> ! {
        exit::exit(code)
    }

    fn boot_input(&self) -> Option<&'static [u8]> {
        Some(memory::boot_input())
    }

    fn pool(&self) -> Option<(*mut c_void, usize)> {
        Some(memory::pool())
    }

    fn stack(&self) -> (*mut c_void, usize) {
        memory::stack()
    }

    fn pages(&self, tell: &mut dyn FnMut(&str, u64)) {
        tell("instructions", minstret::read64() - self.reset);
    }
}
