//! An artifact's ELF, opened for reading.

use anyhow::Context;
use object::elf::FileHeader64;
use object::read::elf::{FileHeader, SectionHeader};
use object::{Endianness, elf};

/// One section.
#[derive(Debug, Clone, Copy)]
pub struct Section<'a> {
    /// Its name.
    pub name: &'a str,
    /// Where its bytes start in the file.
    pub offset: u64,
    /// Its size in bytes.
    pub size: u64,
    /// Its alignment in bytes, at least 1.
    pub align: u64,
    /// Its bytes; empty for a section without any in the file.
    pub data: &'a [u8],
}

/// The parts of an ELF that a `.cwasm` has: no segments, so sections are all there is.
#[derive(Debug)]
pub struct Elf<'a> {
    /// `e_machine`.
    pub machine: u16,
    /// `e_flags`: module or component, Pulley or not.
    pub flags: u32,
    /// The sections that have a name, in the order of their offsets.
    pub sections: Vec<Section<'a>>,
    /// Bytes of the ELF header.
    pub header_len: u64,
    /// Where the table of section headers lies in the file, and its bytes.
    pub section_headers: std::ops::Range<u64>,
}

impl<'a> Elf<'a> {
    /// Reads the headers.
    ///
    /// # Errors
    /// It is no 64-bit ELF, or a header points outside of the file.
    pub fn parse(bytes: &'a [u8]) -> anyhow::Result<Self> {
        let header = FileHeader64::<Endianness>::parse(bytes).context("its ELF header is damaged")?;
        let endian = header.endian().context("its ELF header is damaged")?;
        let table = header.sections(endian, bytes).context("its table of sections is damaged")?;
        let mut sections = Vec::new();
        for section in table.iter().filter(|s| s.sh_type(endian) != elf::SHT_NULL) {
            let name = table.section_name(endian, section).context("a section's name is damaged")?;
            let name = std::str::from_utf8(name).context("a section's name is no text")?;
            let data = section.data(endian, bytes).with_context(|| format!("the section {name} is cut off"))?;
            sections.push(Section {
                name,
                offset: section.sh_offset(endian),
                size: section.sh_size(endian),
                align: section.sh_addralign(endian).max(1),
                data,
            });
        }
        sections.sort_by_key(|s| (s.offset, s.size));
        let headers = header.e_shoff(endian);
        let headers_len = u64::from(header.e_shnum(endian)) * u64::from(header.e_shentsize(endian));
        Ok(Self {
            machine: header.e_machine(endian),
            flags: header.e_flags(endian),
            sections,
            header_len: u64::from(header.e_ehsize(endian)),
            section_headers: headers..headers.saturating_add(headers_len),
        })
    }

    /// The section of this name.
    pub fn section(&self, name: &str) -> Option<Section<'a>> {
        self.sections.iter().find(|s| s.name == name).copied()
    }

    /// The bytes of the section of this name; none where there is no such section.
    pub fn data(&self, name: &str) -> &'a [u8] {
        self.section(name).map_or(&[], |s| s.data)
    }
}
