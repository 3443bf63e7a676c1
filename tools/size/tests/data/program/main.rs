//! A program without an operating system, for what a report has to tell apart.
#![no_std]
#![no_main]

use core::sync::atomic::{AtomicU64, Ordering};

static COUNTER: AtomicU64 = AtomicU64::new(7);
static ZERO: [AtomicU64; 5] = [const { AtomicU64::new(0) }; 5];

/// Equal to [`second_name`]: a linker may keep one of them.
#[unsafe(no_mangle)]
pub extern "C" fn first_name(a: u64) -> u64 {
    helper::mix(a, 3) ^ 0x1234
}

/// See [`first_name`].
#[unsafe(no_mangle)]
pub extern "C" fn second_name(a: u64) -> u64 {
    helper::mix(a, 3) ^ 0x1234
}

#[unsafe(no_mangle)]
pub extern "C" fn entry(bytes: *const u8, len: usize) -> u64 {
    // SAFETY: nobody runs this program.
    let bytes = unsafe { core::slice::from_raw_parts(bytes, len) };
    // SAFETY: as above.
    let words = unsafe { core::slice::from_raw_parts(bytes.as_ptr().cast::<u32>(), len / 4) };
    let sum = helper::sum(bytes) ^ helper::sum(words) ^ first_name(bytes.len() as u64) ^ helper::plain_name(second_name(3));
    let before = ZERO[bytes.len() % 5].swap(sum, Ordering::Relaxed);
    COUNTER.fetch_add(helper::mix(sum, before), Ordering::Relaxed)
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}
