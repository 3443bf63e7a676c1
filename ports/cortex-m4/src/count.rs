//! How many instructions were executed, where the emulator lets an instruction be a nanosecond: the core has no counter of them there,
//! so its timer is read.

use core::arch::global_asm;
use core::sync::atomic::{AtomicBool, Ordering::Relaxed};

use cortex_m::peripheral::{Peripherals, SYST};

/// The timer counts down from here.
const RELOAD: u32 = 0xff_ffff;

/// Where the timer's registers lie, as a number: those of every Armv7-M (manual, B3.3.2).
const SYSTICK: u32 = 0xe000_e010;

/// Nanoseconds of a tick: the core's clock has 25 MHz.
const TICK: u64 = 40;

// What cortex-m-rt calls before it fills `.data` and `.bss`, so no Rust may run yet: starts the timer, on the core's clock.
global_asm!(
    ".pushsection .text.__pre_init, \"ax\"",
    ".global __pre_init",
    ".type __pre_init, %function",
    ".thumb_func",
    "__pre_init:",
    "ldr r0, ={timer}",
    "ldr r1, ={reload}",
    "str r1, [r0, #4]",
    // Whatever is written, the count is zero, and begins from above.
    "str r1, [r0, #8]",
    "movs r1, #5",
    "str r1, [r0]",
    "bx lr",
    ".pool",
    ".popsection",
    timer = const SYSTICK,
    reload = const RELOAD,
);

/// Whether the timer has another use now.
static IS_OVER: AtomicBool = AtomicBool::new(false);

/// Counts no more: the timer has another use.
#[cfg(feature = "script")]
pub(crate) fn end() {
    IS_OVER.store(true, Relaxed);
}

/// Instructions since the reset; `None` if there were more than the timer can count, or it has another use.
pub(crate) fn instructions() -> Option<u64> {
    if IS_OVER.load(Relaxed) {
        return None;
    }
    // SAFETY: the only use of the timer.
    let mut timer = unsafe { Peripherals::steal() }.SYST;
    // Read before it is asked whether it has wrapped, which it tells once.
    let left = SYST::get_current();
    if timer.has_wrapped() {
        IS_OVER.store(true, Relaxed);
        return None;
    }
    Some(u64::from(RELOAD - left) * TICK)
}
