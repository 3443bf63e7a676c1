#![no_std]
#![no_main]
//! Firmware for 64-bit RISC-V without an operating system: QEMU's `virt`, with page tables of three levels (Sv39) and pages of
//! 4 KiB, and with the extension V. Platforms `riscv64-minplat` and `riscv64-minplat-traps`.
//!
//! | file | |
//! | --- | --- |
//! | `start` | from the reset in machine mode to `main` in supervisor mode: floats, vectors, stacks |
//! | `memory` | which memory is whose; what the page tables of this architecture have of their own |
//! | `traps` | the vector; faults that are a guest's, and those that are not |
//! | `console` | text out, by the UART |
//! | `exit` | the end, by semihosting |

mod console;
mod exit;
mod memory;
mod start;
mod traps;

use minplat_paged::Machine;

include!(concat!(env!("OUT_DIR"), "/linked.rs"));

/// What [`start`] calls, on a stack of its own, with the address of the device tree, and the count of instructions at the
/// firmware's first.
extern "C" fn main(device_tree: usize, reset: u64) -> ! {
    traps::take();
    memory::set_up(device_tree);
    minplat_port::run(&Machine::<start::Virt>::new(reset), &LINKED)
}
