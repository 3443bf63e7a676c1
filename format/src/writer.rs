//! Writing an artifact.

use std::vec::Vec;

use sha2::{Digest, Sha256};

use crate::elf::image_length;
use crate::error::FormatError;
use crate::trailer::{DIGEST, FIXED, MAGIC, NAME_MAX, SIGNATURE_HEAD, VERSION, round_up};

/// Puts the trailer behind an image that Wasmtime's compiler wrote.
///
/// # Errors
/// The bytes are no Wasmtime ELF, more bytes follow it, or the name has more than [`NAME_MAX`] bytes.
pub fn write(
    image: Vec<u8>,
    platform: &str,
    fingerprint: &[u8; 32],
    wasmtime_major: u32,
) -> Result<Vec<u8>, FormatError> {
    let length = image_length(&image)?;
    if length != image.len() || platform.len() > NAME_MAX {
        return Err(FormatError::BrokenTrailer);
    }
    let pad = |bytes: &mut Vec<u8>| {
        let to = round_up(bytes.len()).expect("an artifact fits in memory");
        bytes.resize(to, 0);
    };
    let mut out = image;
    out.reserve(FIXED + platform.len() + DIGEST + SIGNATURE_HEAD + 32);
    pad(&mut out);
    out.extend(MAGIC);
    out.extend(VERSION.to_le_bytes());
    out.extend((platform.len() as u16).to_le_bytes());
    out.extend(wasmtime_major.to_le_bytes());
    out.extend((length as u64).to_le_bytes());
    out.extend([0; 24]); // not packed; reserved
    out.extend(fingerprint);
    out.extend(platform.as_bytes());
    pad(&mut out);
    let digest = Sha256::digest(&out);
    out.extend(digest);
    out.extend([0; SIGNATURE_HEAD]); // no signature
    Ok(out)
}
