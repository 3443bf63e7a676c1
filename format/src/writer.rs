//! Writing an artifact.

use std::vec::Vec;

use sha2::{Digest, Sha256};

use crate::elf::image_length;
use crate::error::FormatError;
use crate::sections::{CustomSection, append};
use crate::trailer::{DIGEST, FIXED, MAGIC, NAME_MAX, Names, SIGNATURE_HEAD, VERSION, round_up};

/// For which devices an artifact is.
#[derive(Clone, Copy, Debug)]
pub struct Stamp<'a> {
    /// The platform's name.
    pub platform: &'a str,
    /// Its fingerprint.
    pub fingerprint: [u8; 32],
    /// The digest of what a device must have alike.
    pub base: [u8; 8],
    /// The features that a device must have, a bit each.
    pub features: u64,
    /// The major version of the Wasmtime that compiled the image.
    pub wasmtime_major: u32,
    /// The names of functions that the image has.
    pub names: Names,
}

/// Puts the trailer behind an image that Wasmtime's compiler wrote, and in it the module's custom sections that the artifact
/// shall carry.
///
/// # Errors
/// The bytes are no Wasmtime ELF, more bytes follow it, the platform's name has more than [`NAME_MAX`] bytes or a function's
/// more than [`Names::LONGEST`], or the image or the sections have 4 GiB or more.
pub fn write(image: Vec<u8>, stamp: &Stamp<'_>, sections: &[CustomSection<'_>]) -> Result<Vec<u8>, FormatError> {
    let Stamp { platform, fingerprint, base, features, wasmtime_major, names } = *stamp;
    let length = image_length(&image)?;
    if length != image.len() || platform.len() > NAME_MAX || names.longest > Names::LONGEST {
        return Err(FormatError::BrokenTrailer);
    }
    let image_length = u32::try_from(length).map_err(|_| FormatError::BrokenTrailer)?;
    let mut carried = Vec::new();
    append(&mut carried, sections)?;
    let carried_length = u32::try_from(carried.len()).map_err(|_| FormatError::BrokenTrailer)?;
    let pad = |bytes: &mut Vec<u8>| {
        let to = round_up(bytes.len()).expect("an artifact fits in memory");
        bytes.resize(to, 0);
    };
    let mut out = image;
    out.reserve(FIXED + platform.len() + DIGEST + SIGNATURE_HEAD + 32 + carried.len());
    pad(&mut out);
    out.extend(MAGIC);
    out.extend(VERSION.to_le_bytes());
    out.extend((platform.len() as u16).to_le_bytes());
    out.extend(wasmtime_major.to_le_bytes());
    out.extend(image_length.to_le_bytes());
    out.extend(names.count.to_le_bytes());
    out.extend((names.longest << 8).to_le_bytes()); // the lowest byte: not packed
    out.extend(carried_length.to_le_bytes());
    out.extend(features.to_le_bytes());
    out.extend(base);
    out.extend(fingerprint);
    out.extend(platform.as_bytes());
    pad(&mut out);
    out.extend(carried);
    let digest = Sha256::digest(&out);
    out.extend(digest);
    out.extend([0; SIGNATURE_HEAD]); // no signature
    Ok(out)
}
