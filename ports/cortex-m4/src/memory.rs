//! Which memory is whose. The RAM, from below: `.data` and `.bss`, the library's pool, the guard, the process stack, the main
//! stack.

use core::ffi::c_void;
use core::slice;

use cortex_m::peripheral::Peripherals;

use crate::stacks::{GUARD, MAIN, PROCESS};

/// Where QEMU puts a bundle, `-device loader`: the first half of the board's third memory, which nothing else is in.
const BOOT_INPUT: (usize, usize) = (0x2100_0000, 8 << 20);

/// The second half: for guests that the RAM is too small for.
const SLOW: (usize, usize) = (0x2180_0000, 8 << 20);

unsafe extern "C" {
    /// Behind `.bss`, from cortex-m-rt's linker script.
    static mut __sheap: u8;
    /// Behind the RAM.
    static mut _stack_start: u8;
}

fn ram_end() -> usize {
    (&raw const _stack_start) as usize
}

/// Where the process stack begins.
pub(crate) fn stack_top() -> usize {
    ram_end() - MAIN as usize
}

/// The process stack: its lowest address and its bytes.
pub(crate) fn stack() -> (*mut c_void, usize) {
    ((stack_top() - PROCESS as usize) as *mut c_void, PROCESS as usize)
}

/// The library's memory: what is between `.bss` and the guard.
pub(crate) fn pool() -> (*mut c_void, usize) {
    let start = &raw mut __sheap;
    (start.cast(), guard_below() - start as usize)
}

/// More of it: on a board, RAM outside of the chip.
pub(crate) fn slow_pool() -> (*mut c_void, usize) {
    (SLOW.0 as *mut c_void, SLOW.1)
}

/// The memory that a bundle may lie in.
pub(crate) fn boot_input() -> &'static [u8] {
    // SAFETY: the board has this memory, and nothing writes there after the start.
    unsafe { slice::from_raw_parts(BOOT_INPUT.0 as *const u8, BOOT_INPUT.1) }
}

/// Where the guard of the process stack begins.
fn guard_below() -> usize {
    stack_top() - (PROCESS + GUARD) as usize
}

/// Whether an address lies in a guard: that one, or one of a task's stack.
pub(crate) fn is_guard(at: usize) -> bool {
    let mut guards = core::iter::once(guard_below()).chain(task_guards());
    guards.any(|lowest| (lowest..lowest + GUARD as usize).contains(&at))
}

/// Where the guards of tasks begin.
fn task_guards() -> impl Iterator<Item = usize> {
    #[cfg(feature = "script")]
    return crate::tasks::guards();
    #[cfg(not(feature = "script"))]
    core::iter::empty()
}

/// Forbids the guard of the process stack to everybody, so that a stack that runs over is a fault and no damage.
pub(crate) fn guard_stack() {
    guard(0, guard_below());
}

/// Makes a guard of the bytes from `lowest` on, which are nobody's; `number` counts the guards from 0.
pub(crate) fn guard(number: usize, lowest: usize) {
    // SAFETY: the only use of the memory protection unit; the guard is in no other part.
    unsafe {
        let mpu = Peripherals::steal().MPU;
        mpu.rnr.write(number as u32);
        mpu.rbar.write(lowest as u32);
        // No access, never executed, so many bytes, on.
        mpu.rasr.write(1 << 28 | (GUARD.trailing_zeros() - 1) << 1 | 1);
        // On, and everything else as ever.
        mpu.ctrl.write(0b101);
    }
    cortex_m::asm::dsb();
    cortex_m::asm::isb();
}
