#![no_std]
#![no_main]
//! Firmware for x86_64 without an operating system: an image that QEMU starts directly, with page tables of four levels. Platforms
//! `x86_64-minplat`, `x86_64-minplat-traps` and `x86_64-none`.
//!
//! | file | |
//! | --- | --- |
//! | `start` | from QEMU's direct boot, 32 bits wide, to `main`: first page tables, vector registers, stacks |
//! | `memory` | which memory is whose; what the page tables of this architecture have of their own |
//! | `traps` | the descriptors; faults that are a guest's, and those that are not |
//! | `console` | text out, by the UART |
//! | `exit` | the end, by a device of QEMU's |

mod console;
mod exit;
mod memory;
mod start;
mod traps;

use minplat_paged::Machine;

include!(concat!(env!("OUT_DIR"), "/linked.rs"));

/// What [`start`] calls, on a stack of its own, with the address of what QEMU says of the machine, and the count of
/// instructions at the firmware's first.
extern "C" fn main(start_info: u32, reset: u64) -> ! {
    traps::take();
    memory::set_up(start_info);
    minplat_port::run(&Machine::<start::Pc>::new(reset), &LINKED)
}
