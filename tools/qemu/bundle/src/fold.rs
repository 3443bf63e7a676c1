//! A digest of what a host function was called with: a machine tells many calls in one number. FNV-1a of 64 bits; it finds
//! differences, not malice.

/// The digest of no call.
pub const FOLD: u64 = 0xcbf2_9ce4_8422_2325;

/// The digest with one more call.
pub fn fold(digest: u64, numbers: impl IntoIterator<Item = u32>) -> u64 {
    let bytes = numbers.into_iter().flat_map(u32::to_le_bytes);
    bytes.fold(digest, |digest, byte| (digest ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}
