//! From the reset to the work. riscv-rt has filled `.data` and `.bss`, and set the stack and the trap vector.

use core::arch::global_asm;
use core::cell::RefCell;
use core::ffi::c_void;

use minplat_port::Board;
use riscv::register::{minstret, mscratch};
use riscv_rt::entry;
use semihosting::io::Stdout;

use crate::{LINKED, console, exit, memory};

// What riscv-rt calls before it fills `.data` and `.bss`, so no Rust may run yet: keeps the count of instructions, which the emulator
// does not begin at zero, where nobody else looks.
global_asm!(
    ".pushsection .init.pre_init, \"ax\"",
    ".global __pre_init",
    "__pre_init:",
    "csrr t0, minstret",
    "csrw mscratch, t0",
    "ret",
    ".popsection",
);

#[entry]
fn start() -> ! {
    let reset = mscratch::read() as u64;
    memory::guard_stack();
    minplat_port::run(&Machine { console: RefCell::new(console::open()), reset }, &LINKED)
}

/// The machine.
struct Machine {
    console: RefCell<Option<Stdout>>,
    /// The instructions counted before the reset was over.
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

    /// QEMU's. On a board: false.
    fn is_emulated(&self) -> bool {
        true
    }

    fn tell_more(&self, tell: &mut dyn FnMut(&str, u64)) {
        tell("instructions", minstret::read64() - self.reset);
    }
}
