//! From the reset to [`crate::main`]. cortex-m-rt has filled `.data` and `.bss`, and calls on the main stack; the work is done on
//! the process stack, as tasks of an operating system do it, so that a fault of the work finds the main stack whole.

use core::arch::asm;
use core::cell::RefCell;
use core::ffi::c_void;

use cortex_m_rt::entry;
use minplat_port::Board;
use semihosting::io::Stdout;

use crate::{console, count, exit, memory};

#[entry]
fn start() -> ! {
    memory::guard_stack();
    // SAFETY: the process stack is nobody else's, and what is on the main stack is not needed again.
    unsafe {
        asm!(
            "msr psp, {top}",
            "msr control, {process}",
            "isb",
            "bl {main}",
            top = in(reg) memory::stack_top(),
            process = in(reg) 2,
            main = sym crate::main,
            options(noreturn),
        )
    }
}

/// The machine.
pub(crate) struct Machine {
    console: RefCell<Option<Stdout>>,
}

impl Machine {
    pub(crate) fn new() -> Self {
        Self { console: RefCell::new(console::open()) }
    }
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

    fn slow_pool(&self) -> Option<(*mut c_void, usize)> {
        Some(memory::slow_pool())
    }

    fn stack(&self) -> (*mut c_void, usize) {
        memory::stack()
    }

    /// QEMU's. On a board: false.
    fn is_emulated(&self) -> bool {
        true
    }

    fn tell_more(&self, tell: &mut dyn FnMut(&str, u64)) {
        if let Some(instructions) = count::instructions() {
            tell("instructions", instructions);
        }
        #[cfg(feature = "script")]
        tell("turns", crate::tasks::turns().into());
    }

    #[cfg(feature = "script")]
    fn run_tasks(&self, count: usize, job: &(dyn Fn(usize) + Sync)) -> bool {
        crate::tasks::run(count, job)
    }
}
