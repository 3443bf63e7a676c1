//! The trailer: layout and reading. All numbers are little-endian.

use sha2::{Digest, Sha256};

use crate::elf::image_length;
use crate::error::FormatError;
use crate::sections::Sections;

/// How the trailer starts.
pub const MAGIC: [u8; 8] = *b"\x00minplat";
/// The layout that this crate reads and writes.
pub const VERSION: u16 = 1;
/// Artifact parts start at multiples of this many bytes.
pub const ALIGN: usize = 16;
/// Bytes of the fixed part.
pub const FIXED: usize = 80;
/// Bytes of the digest.
pub const DIGEST: usize = 32;
/// Bytes of the head of the signature room: kind and length, then nothing yet.
pub const SIGNATURE_HEAD: usize = 16;
/// The longest name of a platform, bytes.
pub const NAME_MAX: usize = 1024;

/// What the names of a module's functions take of a device: a load makes a list of them, and a trap copies those of its frames.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// How many functions have one.
    pub count: u32,
    /// Bytes of the longest; at most [`Names::LONGEST`].
    pub longest: u32,
}

impl Names {
    /// The longest name that an artifact can have, bytes.
    pub const LONGEST: u32 = (1 << 24) - 1;
}

/// What the trailer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trailer<'a> {
    /// The name of the platform it was compiled for; for people, never compared.
    pub platform: &'a str,
    /// The platform's fingerprint.
    pub fingerprint: [u8; 32],
    /// A digest of the platform's settings that a device must have alike: all that the fingerprint covers, but for features.
    pub base: [u8; 8],
    /// The features that the module may use, a bit each. Their meaning is the platform's; a device must have them all.
    pub features: u64,
    /// The major version of the Wasmtime that compiled it.
    pub wasmtime_major: u32,
    /// The image's length, bytes: 4 GiB or more is no artifact.
    pub image_length: u32,
    /// The names of the module's functions.
    pub names: Names,
    /// SHA-256 of every byte before the digest.
    pub digest: [u8; DIGEST],
}

/// An artifact that was checked.
#[derive(Clone, Copy, Debug)]
pub struct Artifact<'a> {
    /// Wasmtime's ELF.
    pub image: &'a [u8],
    /// The trailer.
    pub trailer: Trailer<'a>,
    /// The custom sections of the module that it carries.
    pub sections: Sections<'a>,
    /// Bytes of the whole artifact; what follows in a flash slot is not part of it.
    pub length: usize,
}

/// Where the parts lie.
pub(crate) struct Layout {
    trailer: usize,
    name: usize,
    name_length: usize,
    pub(crate) sections: usize,
    pub(crate) digest: usize,
    end: usize,
}

pub(crate) fn round_up(n: usize) -> Option<usize> {
    Some(n.checked_add(ALIGN - 1)? & !(ALIGN - 1))
}

pub(crate) fn layout(bytes: &[u8]) -> Result<(Layout, usize), FormatError> {
    let image = image_length(bytes)?;
    let trailer = round_up(image).ok_or(FormatError::Truncated)?;
    let magic = bytes.get(trailer..trailer + MAGIC.len());
    match magic {
        // A bare Wasmtime's file ends here; one that ends inside the magic was cut.
        None if bytes.len() <= trailer => return Err(FormatError::NoTrailer),
        None => return Err(FormatError::Truncated),
        Some(magic) if magic != MAGIC => return Err(FormatError::NoTrailer),
        Some(_) => {}
    }
    let fixed = bytes.get(trailer..trailer + FIXED).ok_or(FormatError::Truncated)?;
    let version = u16::from_le_bytes([fixed[8], fixed[9]]);
    if version != VERSION {
        return Err(FormatError::Version(version));
    }
    let name_length = usize::from(u16::from_le_bytes([fixed[10], fixed[11]]));
    if name_length > NAME_MAX {
        return Err(FormatError::BrokenTrailer);
    }
    let name = trailer + FIXED;
    let sections = round_up(name + name_length).ok_or(FormatError::Truncated)?;
    let length = u32_in(fixed, 28) as usize;
    if !length.is_multiple_of(ALIGN) {
        return Err(FormatError::BrokenTrailer);
    }
    let digest = sections.checked_add(length).filter(|digest| *digest <= bytes.len()).ok_or(FormatError::Truncated)?;
    let end = digest + DIGEST + SIGNATURE_HEAD;
    if end > bytes.len() {
        return Err(FormatError::Truncated);
    }
    Ok((Layout { trailer, name, name_length, sections, digest, end }, image))
}

/// The length of the artifact at the start of `bytes`, which may go on behind it. Reads headers alone, so damage goes
/// unnoticed: [`read`] is the check.
///
/// # Errors
/// The bytes do not start with an artifact.
pub fn artifact_length(bytes: &[u8]) -> Result<usize, FormatError> {
    Ok(layout(bytes)?.0.end)
}

fn u32_in(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn u64_in(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_in(bytes, at)) | u64::from(u32_in(bytes, at + 4)) << 32
}

/// Reads the artifact at the start of `bytes`, which may go on behind it, and checks all of it, the digest first.
///
/// # Errors
/// The bytes do not start with an artifact, or something in it is not as it was written.
pub fn read(bytes: &[u8]) -> Result<Artifact<'_>, FormatError> {
    let (layout, image) = layout(bytes)?;
    let digest: [u8; DIGEST] = Sha256::digest(&bytes[..layout.digest]).into();
    if digest != bytes[layout.digest..layout.digest + DIGEST] {
        return Err(FormatError::Digest);
    }
    // From here on only a wrong writer, or somebody who made a new digest, can be at fault.
    parse(bytes, &layout, image)
}

/// As [`read`], without looking at the digest: damage to the image, or to a number in the trailer, goes unnoticed. For bytes that
/// something else vouches for, as firmware's own checksum does for what is linked into it.
///
/// # Errors
/// The bytes do not start with an artifact.
pub fn read_unverified(bytes: &[u8]) -> Result<Artifact<'_>, FormatError> {
    let (layout, image) = layout(bytes)?;
    parse(bytes, &layout, image)
}

fn parse<'a>(bytes: &'a [u8], layout: &Layout, image: usize) -> Result<Artifact<'a>, FormatError> {
    let fixed = &bytes[layout.trailer..layout.name];
    let wasmtime_major = u32_in(fixed, 12);
    let image_length = u32_in(fixed, 16);
    let names = Names { count: u32_in(fixed, 20), longest: u32_in(fixed, 24) >> 8 };
    // A packed file is no artifact; within one nothing is.
    if fixed[24] != 0 {
        return Err(FormatError::Packing(fixed[24]));
    }
    let name = &bytes[layout.name..layout.name + layout.name_length];
    let zeros = |range: core::ops::Range<usize>| bytes[range].iter().all(|b| *b == 0);
    let padding_ok = zeros(image..layout.trailer)
        && zeros(layout.name + layout.name_length..layout.sections)
        && zeros(layout.digest + DIGEST..layout.end);
    let platform = core::str::from_utf8(name).map_err(|_| FormatError::BrokenTrailer)?;
    if !padding_ok || name.contains(&0) || image_length as usize != image {
        return Err(FormatError::BrokenTrailer);
    }
    let mut fingerprint = [0; 32];
    fingerprint.copy_from_slice(&fixed[48..80]);
    let mut base = [0; 8];
    base.copy_from_slice(&fixed[40..48]);
    let features = u64_in(fixed, 32);
    let mut digest = [0; DIGEST];
    digest.copy_from_slice(&bytes[layout.digest..layout.digest + DIGEST]);
    let trailer = Trailer { platform, fingerprint, base, features, wasmtime_major, image_length, names, digest };
    let sections = Sections::new(&bytes[layout.sections..layout.digest]);
    Ok(Artifact { image: &bytes[..image], trailer, sections, length: layout.end })
}
