#![no_std]
#![no_main]
//! Firmware for a Cortex-M4 without an operating system: QEMU's `mps2-an386`, platform `pulley32-thumbv7em`. Modules are
//! bytecode, and the library's heap is what the RAM has left.
//!
//! | file | |
//! | --- | --- |
//! | `start` | from the reset to a stack of its own |
//! | `memory` | which memory is whose; the guard below the stack |
//! | `traps` | what a fault of the machine comes to |
//! | `stacks` | how large the stacks are |
//! | `count` | how many instructions were executed |
//! | `console`, `exit` | text out, and the end, by semihosting |
//! | `tasks` | several guests at once, for a platform with `offers.multi-thread` |

mod console;
mod count;
mod exit;
mod memory;
mod stacks;
mod start;
#[cfg(feature = "script")]
mod tasks;
mod traps;

include!(concat!(env!("OUT_DIR"), "/linked.rs"));

/// What [`start`] runs on the stack that is guarded.
extern "C" fn main() -> ! {
    minplat_port::run(&start::Machine::new(), &LINKED)
}
