//! A crate whose functions are inlined into another.
#![no_std]

/// Some instructions that nothing can fold.
#[inline(always)]
pub fn mix(a: u64, b: u64) -> u64 {
    let mut x = a ^ b.rotate_left(17);
    x = x.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (x >> 29);
    x.wrapping_mul(0xbf58_476d_1ce4_e5b9) ^ (x >> 32)
}

/// Instances of it are functions of their own.
#[inline(never)]
pub fn sum<T: Copy + Into<u64>>(all: &[T]) -> u64 {
    all.iter().fold(1, |sum, one| mix(sum, (*one).into()))
}

/// Of no use to the program: in the library alone.
#[inline(never)]
pub fn unused(a: u64) -> u64 {
    mix(a, a)
}

/// A function whose symbol does not tell its crate.
#[inline(never)]
#[unsafe(no_mangle)]
pub extern "C" fn plain_name(a: u64) -> u64 {
    mix(a, 11)
}
