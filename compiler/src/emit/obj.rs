//! An artifact as an object file, for firmware that links its modules in.

use anyhow::Context;
use minplat_platform::Platform;
use object::write::{Object, StandardSegment, Symbol, SymbolSection};
use object::{BinaryFormat, Endianness, FileFlags, SectionKind, SymbolFlags, SymbolKind, SymbolScope, elf};

use super::elf_target::ElfTarget;

/// The alignment, in bytes, of an artifact that the device copies.
pub const COPIED: u64 = 16;

/// Writes a relocatable ELF for the platform's target. It holds the artifact in `section`, at a multiple of
/// `align` bytes ([`Platform::in_place_alignment`], or [`COPIED`] where the device copies it) and filled up to one, and three
/// symbols:
///
/// | symbol | C |
/// | --- | --- |
/// | `<symbol>_start` | `extern const unsigned char <symbol>_start[];` |
/// | `<symbol>_end` | `extern const unsigned char <symbol>_end[];`, one past the last byte |
/// | `<symbol>_size` | `extern const size_t <symbol>_size;`, a variable behind the artifact, so that it survives any relocation model |
///
/// # Errors
/// The artifact does not fit the target's ELF class.
pub fn write(platform: &Platform, artifact: &[u8], section: &str, symbol: &str, align: u64) -> anyhow::Result<Vec<u8>> {
    let target = ElfTarget::of(platform);
    let mut object = Object::new(BinaryFormat::Elf, target.architecture, Endianness::Little);
    object.flags = FileFlags::Elf { os_abi: elf::ELFOSABI_NONE, abi_version: 0, e_flags: target.flags };

    let segment = object.segment_name(StandardSegment::Data).to_vec();
    let id = object.add_section(segment, section.as_bytes().to_vec(), SectionKind::ReadOnlyData);
    object.append_section_data(id, artifact, align);
    let len = artifact.len() as u64;
    let pointer = match target.architecture.address_size() {
        Some(size) => usize::from(size.bytes()),
        None => 8,
    };
    let size = &len.to_le_bytes()[..pointer];
    let size_at = object.append_section_data(id, size, pointer as u64);
    // The device makes the last page of code executable in whole, and so not writable: nothing else may lie there.
    let length = size_at + size.len() as u64;
    let rest = usize::try_from(length.next_multiple_of(align) - length).context("the alignment is too large")?;
    object.append_section_data(id, &vec![0; rest], 1);

    let mut add = |suffix: &str, value: u64, size: u64| {
        object.add_symbol(Symbol {
            name: format!("{symbol}{suffix}").into_bytes(),
            value,
            size,
            kind: SymbolKind::Data,
            scope: SymbolScope::Linkage,
            weak: false,
            section: SymbolSection::Section(id),
            flags: SymbolFlags::None,
        });
    };
    add("_start", 0, len);
    add("_end", len, 0);
    add("_size", size_at, pointer as u64);

    // Without it GNU ld would give the whole program an executable stack.
    object.add_section(Vec::new(), b".note.GNU-stack".to_vec(), SectionKind::Other);
    object.write().context("writing the object file")
}
