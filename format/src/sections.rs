//! Custom sections that an artifact carries: each a head of 16 bytes (length of the name, length of the data, nothing yet), the
//! name and the data, each padded with zeros to 16. So data starts at a multiple of 16 in the file, and in memory where the
//! artifact does.

use crate::error::FormatError;
use crate::trailer::{layout, round_up};

/// Bytes of a section's head.
pub const SECTION_HEAD: usize = 16;

/// A custom section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CustomSection<'a> {
    /// Its name, as the module has it: WebAssembly demands UTF-8.
    pub name: &'a str,
    /// Its bytes, without the name.
    pub data: &'a [u8],
}

/// The custom sections of an artifact, in the order in which they were given. Ends early where the bytes were not written by
/// [`crate::write()`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Sections<'a> {
    rest: &'a [u8],
}

impl<'a> Sections<'a> {
    /// Reads what [`Sections::bytes`] gave.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// All of them as bytes.
    pub fn bytes(&self) -> &'a [u8] {
        self.rest
    }
}

impl<'a> Iterator for Sections<'a> {
    type Item = CustomSection<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let (head, rest) = self.rest.split_first_chunk::<SECTION_HEAD>()?;
        let length = |at: usize| usize::try_from(u32::from_le_bytes(head[at..at + 4].try_into().ok()?)).ok();
        let (name, rest) = take(rest, length(0)?)?;
        let (data, rest) = take(rest, length(4)?)?;
        self.rest = rest;
        Some(CustomSection { name: core::str::from_utf8(name).ok()?, data })
    }
}

/// So many bytes, and what is behind their padding.
fn take(bytes: &[u8], length: usize) -> Option<(&[u8], &[u8])> {
    let (padded, rest) = bytes.split_at_checked(round_up(length)?)?;
    Some((&padded[..length], rest))
}

/// The custom sections of the artifact at the start of `bytes`. Reads headers alone, so damage goes unnoticed:
/// [`crate::read`] is the check.
///
/// # Errors
/// The bytes do not start with an artifact.
pub fn custom_sections(bytes: &[u8]) -> Result<Sections<'_>, FormatError> {
    let layout = layout(bytes)?.0;
    Ok(Sections::new(&bytes[layout.sections..layout.digest]))
}

#[cfg(feature = "std")]
pub(crate) fn append(out: &mut std::vec::Vec<u8>, sections: &[CustomSection<'_>]) -> Result<(), FormatError> {
    for section in sections {
        for length in [section.name.len(), section.data.len()] {
            let length = u32::try_from(length).map_err(|_| FormatError::BrokenTrailer)?;
            out.extend(length.to_le_bytes());
        }
        out.extend([0; SECTION_HEAD - 8]);
        for bytes in [section.name.as_bytes(), section.data] {
            out.extend(bytes);
            out.resize(out.len().next_multiple_of(crate::trailer::ALIGN), 0);
        }
    }
    Ok(())
}
