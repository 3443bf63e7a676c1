//! How many instructions were executed, where the emulator lets an instruction be a nanosecond: the core has no counter of them there,
//! so its timer is read.

use core::sync::atomic::{AtomicBool, Ordering::Relaxed};

use cortex_m::peripheral::syst::SystClkSource;
use cortex_m::peripheral::{Peripherals, SYST};

/// The timer counts down from here.
const RELOAD: u32 = 0xff_ffff;

/// Nanoseconds of a tick: the core's clock has 25 MHz.
const TICK: u64 = 40;

/// Starts the timer.
pub(crate) fn begin() {
    // SAFETY: the only use of the timer, before anything else runs.
    let mut timer = unsafe { Peripherals::steal() }.SYST;
    timer.set_clock_source(SystClkSource::Core);
    timer.set_reload(RELOAD);
    timer.clear_current();
    timer.enable_counter();
}

/// Whether the timer has another use now.
static IS_OVER: AtomicBool = AtomicBool::new(false);

/// Counts no more: the timer has another use.
#[cfg(feature = "script")]
pub(crate) fn end() {
    IS_OVER.store(true, Relaxed);
}

/// Instructions since then; `None` if there were more than the timer can count, or it has another use.
pub(crate) fn instructions() -> Option<u64> {
    if IS_OVER.load(Relaxed) {
        return None;
    }
    // SAFETY: as above; nobody else looks whether it has wrapped.
    let mut timer = unsafe { Peripherals::steal() }.SYST;
    (!timer.has_wrapped()).then(|| u64::from(RELOAD - SYST::get_current()) * TICK)
}
