//! Which memory is whose. The RAM, from below: `.data`, `.bss` and the stack of traps, the library's pool, the guard, the stack.

use core::ffi::c_void;
use core::slice;

use riscv::register::{Permission, Range, pmpaddr0, pmpcfg0};

use crate::stacks::{GUARD, STACK};

/// Where QEMU puts a bundle, `-device loader`: memory which nothing else is in.
const BOOT_INPUT: (usize, usize) = (0x8c00_0000, 64 << 20);

unsafe extern "C" {
    /// Behind `.bss`, from riscv-rt's linker script.
    static mut __sheap: u8;
    /// Behind the RAM.
    static mut _stack_start: u8;
}

fn stack_top() -> usize {
    (&raw const _stack_start) as usize
}

/// The stack: its lowest address and its bytes.
pub(crate) fn stack() -> (*mut c_void, usize) {
    ((stack_top() - STACK as usize) as *mut c_void, STACK as usize)
}

/// The library's memory: what is between `.bss` and the guard.
pub(crate) fn pool() -> (*mut c_void, usize) {
    let start = &raw mut __sheap;
    (start.cast(), guard() - start as usize)
}

/// The memory that a bundle may lie in.
pub(crate) fn boot_input() -> &'static [u8] {
    // SAFETY: the machine has this memory, and nothing writes there after the start.
    unsafe { slice::from_raw_parts(BOOT_INPUT.0 as *const u8, BOOT_INPUT.1) }
}

/// Where the guard below the stack begins.
fn guard() -> usize {
    stack_top() - (STACK + GUARD) as usize
}

/// Whether an address lies in the guard.
pub(crate) fn is_guard(at: usize) -> bool {
    (guard()..guard() + GUARD as usize).contains(&at)
}

/// Forbids the guard to everybody, machine mode too, so that a stack that runs over is a fault and no damage.
pub(crate) fn guard_stack() {
    // SAFETY: the only use of the memory protection, before anything else runs; the guard is in no other part.
    unsafe {
        // A range that is aligned to its size, a power of two: the ones below its address say how long it is.
        pmpaddr0::write(guard() >> 2 | (GUARD as usize / 8 - 1));
        pmpcfg0::set_pmp(0, Range::NAPOT, Permission::NONE, true);
    }
}
