//! The little of ELF that is needed to find where an image ends and where its sections lie: 64-bit, little-endian, as
//! Wasmtime writes it for every target (`wasmtime_environ::obj`).

use crate::error::FormatError;

/// `e_ident[EI_OSABI]` of Wasmtime's files (`wasmtime_environ::obj::ELFOSABI_WASMTIME`).
const OSABI_WASMTIME: u8 = 200;
const SHT_NOBITS: u32 = 8;
const HEADER: usize = 64;
const SECTION_HEADER: usize = 64;

/// A section of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Section<'a> {
    /// Its name, or nothing where the name is no UTF-8.
    pub name: &'a str,
    /// `sh_flags`.
    pub flags: u64,
    /// Where its bytes start in the file.
    pub offset: u64,
    /// How many bytes it has in the file; none for `SHT_NOBITS`.
    pub size: u64,
    /// `sh_addralign`.
    pub alignment: u64,
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at.checked_add(8)?)?.try_into().ok()?))
}

/// An ELF image of Wasmtime's kind; its section headers are known to lie in the file.
#[derive(Clone, Copy, Debug)]
pub struct Image<'a> {
    bytes: &'a [u8],
    table: usize,
    count: usize,
    names: usize,
}

impl<'a> Image<'a> {
    /// Reads the headers of an image; `bytes` may go on behind it.
    ///
    /// # Errors
    /// The bytes are something else, or headers point outside them.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, FormatError> {
        match bytes {
            [] => return Err(FormatError::Empty),
            [0, b'a', b's', b'm', _, _, 0, 0, ..] => return Err(FormatError::Wasm),
            [0, b'a', b's', b'm', ..] => return Err(FormatError::Component),
            _ if crate::is_packed(bytes) => return Err(FormatError::Packed),
            _ if !bytes.starts_with(b"\x7fELF") => return Err(FormatError::NotElf),
            _ if bytes.len() < HEADER => return Err(FormatError::Truncated),
            _ => {}
        }
        let is_64_little = bytes[4] == 2 && bytes[5] == 1;
        if !is_64_little || bytes[7] != OSABI_WASMTIME {
            return Err(FormatError::NotWasmtime);
        }
        let read = || {
            let table = usize::try_from(u64_at(bytes, 40)?).ok()?;
            let entry = usize::from(u16_at(bytes, 58)?);
            let count = usize::from(u16_at(bytes, 60)?);
            let names = usize::from(u16_at(bytes, 62)?);
            let end = table.checked_add(count.checked_mul(SECTION_HEADER)?)?;
            let fits = entry == SECTION_HEADER && table >= HEADER && count > 0 && names < count;
            (fits && end <= bytes.len()).then_some(Self { bytes, table, count, names })
        };
        read().ok_or(FormatError::BrokenElf)
    }

    fn header(&self, index: usize) -> Option<(u32, Section<'a>)> {
        let at = self.table + index * SECTION_HEADER;
        let kind = u32_at(self.bytes, at + 4)?;
        let size = if kind == SHT_NOBITS { 0 } else { u64_at(self.bytes, at + 32)? };
        let section = Section {
            name: "",
            flags: u64_at(self.bytes, at + 8)?,
            offset: u64_at(self.bytes, at + 24)?,
            size,
            alignment: u64_at(self.bytes, at + 48)?,
        };
        Some((u32_at(self.bytes, at)?, section))
    }

    /// The sections in header order, without the null section.
    pub fn sections(&self) -> impl Iterator<Item = Section<'a>> + '_ {
        self.named_sections().filter_map(|(name, section)| {
            let end = name.iter().position(|b| *b == 0)?;
            Some(Section { name: core::str::from_utf8(&name[..end]).unwrap_or(""), ..section })
        })
    }

    /// The section with this name.
    pub fn section<'n>(&self, name: &'n str) -> Option<Section<'n>>
    where
        'a: 'n,
    {
        let is_it = |bytes: &[u8]| bytes.strip_prefix(name.as_bytes()).is_some_and(|rest| rest.first() == Some(&0));
        self.named_sections().find_map(|(bytes, section)| is_it(bytes).then_some(Section { name, ..section }))
    }

    /// The sections, without their names, and the bytes that begin with each one's name and a zero.
    fn named_sections(&self) -> impl Iterator<Item = (&'a [u8], Section<'a>)> + '_ {
        let names = self.header(self.names).map(|(_, s)| s);
        (1..self.count).filter_map(move |i| {
            let (name_at, section) = self.header(i)?;
            let start = usize::try_from(names?.offset.checked_add(u64::from(name_at))?).ok()?;
            Some((self.bytes.get(start..)?, section))
        })
    }

    /// A section's bytes.
    pub fn data(&self, section: &Section<'_>) -> Option<&'a [u8]> {
        let start = usize::try_from(section.offset).ok()?;
        let end = start.checked_add(usize::try_from(section.size).ok()?)?;
        self.bytes.get(start..end)
    }

    /// The image's length in bytes: the end of whatever its headers place last.
    ///
    /// # Errors
    /// A section lies outside the file.
    pub fn length(&self) -> Result<usize, FormatError> {
        let mut end = (self.table + self.count * SECTION_HEADER) as u64;
        for i in 0..self.count {
            let (_, section) = self.header(i).ok_or(FormatError::BrokenElf)?;
            let section_end = section.offset.checked_add(section.size).ok_or(FormatError::BrokenElf)?;
            end = end.max(section_end);
        }
        match usize::try_from(end) {
            Ok(end) if end <= self.bytes.len() => Ok(end),
            _ => Err(FormatError::BrokenElf),
        }
    }
}

/// The length of the ELF image at the start of `bytes`, in bytes, as its headers state it.
///
/// # Errors
/// The bytes are no Wasmtime ELF, or its headers point outside them.
pub fn image_length(bytes: &[u8]) -> Result<usize, FormatError> {
    Image::parse(bytes)?.length()
}
