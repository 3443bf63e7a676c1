#![no_std]
#![no_main]
//! Firmware for a 32-bit RISC-V core without an operating system: QEMU's `virt`, platform `pulley32-riscv32imac`. Modules are
//! bytecode, and the library's heap is what the RAM has left.
//!
//! | file | |
//! | --- | --- |
//! | `start` | from the reset to the work |
//! | `memory` | which memory is whose; the guard below the stack |
//! | `traps` | what a fault of the machine comes to |
//! | `stacks` | how large the stack is |
//! | `console`, `exit` | text out, and the end, by semihosting |

mod console;
mod exit;
mod memory;
mod stacks;
mod start;
mod traps;

include!(concat!(env!("OUT_DIR"), "/linked.rs"));
