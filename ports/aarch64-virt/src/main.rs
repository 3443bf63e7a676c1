#![no_std]
#![no_main]
//! Firmware for AArch64 without an operating system: QEMU's `virt`, with page tables of four levels and pages of 4 KiB. Platforms
//! `aarch64-minplat`, `aarch64-minplat-traps` and `aarch64-minplat-threads`.
//!
//! | file | |
//! | --- | --- |
//! | `start` | from the reset to `main`: floats, first page tables, stacks |
//! | `memory` | which memory is whose; what the page tables of this architecture have of their own |
//! | `traps` | the vectors; faults that are a guest's, and those that are not |
//! | `console` | text out, by the UART |
//! | `exit` | the end, by semihosting |
//! | `stacks` | how large a task's stack is |
//! | `tasks` | several guests at once: tasks that a timer interrupts, and what the library keeps for each |

mod console;
mod exit;
mod memory;
mod stacks;
mod start;
mod tasks;
mod traps;

use minplat_paged::Machine;

include!(concat!(env!("OUT_DIR"), "/linked.rs"));

/// What [`start`] calls, on a stack of its own, with everything mapped, and what the clock was at the first instruction.
extern "C" fn main(reset: u64) -> ! {
    traps::take();
    memory::set_up();
    minplat_port::run(&Machine::<start::Virt>::new(start::nanoseconds(reset)), &LINKED)
}
