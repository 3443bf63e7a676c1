//! The copying functions of the library, beside Rust's own: every length, place and overlap that takes another way.
#![cfg(target_arch = "x86_64")]

#[path = "../../src/copy.rs"]
mod copy;

/// Every length up to what a loop does several times, and some beyond.
fn lengths() -> impl Iterator<Item = usize> {
    (0..=300).chain([511, 512, 513, 4000, 4096])
}

fn numbers() -> Vec<u8> {
    (0..10_000u32).map(|n| (n * 31 + n / 256) as u8).collect()
}

#[test]
fn copies_overlap_in_either_direction() {
    for len in lengths() {
        for distance in [0, 1, 2, 7, 8, 15, 16, 17, 31, 33, 63, 64, 65, 100, 500, 4100] {
            for (from, to) in [(100, 100 + distance), (100 + distance, 100)] {
                let mut bytes = numbers();
                let mut expected = numbers();
                expected.copy_within(from..from + len, to);
                let start = bytes.as_mut_ptr();
                // SAFETY: both ranges lie within the vector.
                let answer = unsafe { copy::memmove(start.add(to), start.add(from), len) };
                assert_eq!(answer, start.wrapping_add(to));
                assert!(bytes == expected, "{len} bytes from {from} to {to}");
            }
        }
    }
}

#[test]
fn copies_and_fills_keep_to_their_range() {
    for len in lengths() {
        for at in 0..17 {
            let (source, mut bytes, mut expected) = (numbers(), vec![0xee; 5000], vec![0xee; 5000]);
            expected[at..at + len].copy_from_slice(&source[3..3 + len]);
            // SAFETY: both ranges lie within their vectors, which are two.
            unsafe { copy::memcpy(bytes.as_mut_ptr().add(at), source.as_ptr().add(3), len) };
            assert!(bytes == expected, "a copy of {len} bytes to {at}");
            expected[at..at + len].fill(0xa7);
            // SAFETY: the range lies within the vector.
            unsafe { copy::memset(bytes.as_mut_ptr().add(at), 0x1a7, len) };
            assert!(bytes == expected, "{len} bytes filled from {at}");
        }
    }
}
