//! How many instructions were executed, where the emulator lets an instruction be a nanosecond: the core has no counter of them there,
//! so its timer is read.

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

/// Instructions since then; `None` if there were more than the timer can count.
pub(crate) fn instructions() -> Option<u64> {
    // SAFETY: as above; nobody else looks whether it has wrapped.
    let mut timer = unsafe { Peripherals::steal() }.SYST;
    (!timer.has_wrapped()).then(|| u64::from(RELOAD - SYST::get_current()) * TICK)
}
