//! `memcpy`, `memmove` and `memset` with vectors, for x86_64. Those that the compiler brings are short: they copy by `rep movsb`, which takes some
//! thirty cycles to begin, and backwards goes a byte at a time; and most of what guests copy is short. A guest's `memory.copy` and
//! `memory.fill` come here, and Wasmtime's own copies.
//!
//! Every function reads what it needs before it writes over it, so that one does for both directions of an overlap.

use core::arch::asm;
use core::arch::x86_64::{__m128i, _mm_loadu_si128, _mm_set1_epi8, _mm_storeu_si128};

/// What a loop moves at once.
type Block = [__m128i; 4];
const STEP: usize = size_of::<Block>();

/// Keeps the compiler from seeing that a loop copies: it would call the function that the loop is in.
#[inline(always)]
fn is_no_known_loop() {
    // SAFETY: there is no instruction.
    unsafe { asm!("", options(nostack, preserves_flags)) };
}

/// # Safety
/// There are so many bytes.
#[inline(always)]
unsafe fn vector(from: *const u8) -> __m128i {
    // SAFETY: the caller's contract is the function's own; it needs no alignment.
    unsafe { _mm_loadu_si128(from.cast()) }
}

/// # Safety
/// There is room for so many bytes.
#[inline(always)]
unsafe fn put_vector(to: *mut u8, vector: __m128i) {
    // SAFETY: the caller's contract is the function's own; it needs no alignment.
    unsafe { _mm_storeu_si128(to.cast(), vector) };
}

/// # Safety
/// There are so many bytes.
#[inline(always)]
unsafe fn block(from: *const u8) -> Block {
    // SAFETY: the caller's contract is the function's own.
    unsafe { [vector(from), vector(from.add(16)), vector(from.add(32)), vector(from.add(48))] }
}

/// # Safety
/// There is room for so many bytes.
#[inline(always)]
unsafe fn put_block(to: *mut u8, block: Block) {
    let [a, b, c, d] = block;
    // SAFETY: the caller's contract is the function's own.
    unsafe {
        put_vector(to, a);
        put_vector(to.add(16), b);
        put_vector(to.add(32), c);
        put_vector(to.add(48), d);
    }
}

/// Copies as many bytes as one to two of `T`, which overlap: both are read before one is written.
///
/// # Safety
/// As [`memmove`]; `len` is at least a `T`, and at most two.
#[inline(always)]
unsafe fn both_ends<T: Copy>(to: *mut u8, from: *const u8, len: usize) {
    let last = len - size_of::<T>();
    // SAFETY: both lie within what is copied.
    unsafe {
        let (a, b) = (from.cast::<T>().read_unaligned(), from.add(last).cast::<T>().read_unaligned());
        to.cast::<T>().write_unaligned(a);
        to.add(last).cast::<T>().write_unaligned(b);
    }
}

/// Copies; the ranges may overlap. See C's `memmove`.
///
/// # Safety
/// There are so many bytes in both places.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub(crate) unsafe extern "C" fn memmove(to: *mut u8, from: *const u8, len: usize) -> *mut u8 {
    // SAFETY: every access lies within the ranges, by the lengths that the branches are for.
    unsafe {
        match len {
            0 => {}
            1 => to.write(from.read()),
            2..4 => both_ends::<u16>(to, from, len),
            4..8 => both_ends::<u32>(to, from, len),
            8..16 => both_ends::<u64>(to, from, len),
            16..=32 => both_ends::<__m128i>(to, from, len),
            33..=STEP => both_ends::<(__m128i, __m128i)>(to, from, len),
            // The end lies in what is yet to be read: from there.
            _ if to.addr().wrapping_sub(from.addr()) < len => {
                let first = block(from);
                let mut rest = len;
                while rest > STEP {
                    rest -= STEP;
                    put_block(to.add(rest), block(from.add(rest)));
                    is_no_known_loop();
                }
                put_block(to, first);
            }
            _ => {
                let end = len - STEP;
                let last = block(from.add(end));
                let mut at = 0;
                while at < end {
                    put_block(to.add(at), block(from.add(at)));
                    is_no_known_loop();
                    at += STEP;
                }
                put_block(to.add(end), last);
            }
        }
    }
    to
}

/// Copies; see C's `memcpy`.
///
/// # Safety
/// As [`memmove`].
#[cfg_attr(not(test), unsafe(no_mangle))]
pub(crate) unsafe extern "C" fn memcpy(to: *mut u8, from: *const u8, len: usize) -> *mut u8 {
    // SAFETY: the caller's contract is the function's own.
    unsafe { memmove(to, from, len) }
}

/// Writes as many bytes as one to two of `T`.
///
/// # Safety
/// As [`memset`]; `len` is at least a `T`, and at most two.
#[inline(always)]
unsafe fn fill_ends<T: Copy>(to: *mut u8, value: T, len: usize) {
    // SAFETY: both lie within the range.
    unsafe {
        to.cast::<T>().write_unaligned(value);
        to.add(len - size_of::<T>()).cast::<T>().write_unaligned(value);
    }
}

/// Fills with a byte; see C's `memset`.
///
/// # Safety
/// There is room for so many bytes.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub(crate) unsafe extern "C" fn memset(to: *mut u8, byte: i32, len: usize) -> *mut u8 {
    let eight = u64::from(byte as u8) * 0x0101_0101_0101_0101;
    // SAFETY: every access lies within the range, by the lengths that the branches are for.
    unsafe {
        let vector = _mm_set1_epi8(byte as i8);
        match len {
            0 => {}
            1 => to.write(byte as u8),
            2..4 => fill_ends(to, eight as u16, len),
            4..8 => fill_ends(to, eight as u32, len),
            8..16 => fill_ends(to, eight, len),
            16..=32 => fill_ends(to, vector, len),
            33..=STEP => fill_ends(to, (vector, vector), len),
            _ => {
                let end = len - STEP;
                let mut at = 0;
                while at < end {
                    put_block(to.add(at), [vector; 4]);
                    is_no_known_loop();
                    at += STEP;
                }
                put_block(to.add(end), [vector; 4]);
            }
        }
    }
    to
}
