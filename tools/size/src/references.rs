//! What refers to what, by relocations: those of an object, of a program that was linked with `--emit-relocs`, and those that a
//! loader reads.

use object::{
    Architecture, Object, ObjectKind, ObjectSection, ObjectSymbol, ObjectSymbolTable, Relocation, RelocationEncoding,
    RelocationFlags, RelocationKind, RelocationTarget, SectionIndex, elf,
};

/// Pairs of places: where an address is used, and the address. `at` gives the place of an offset in a section, or none for a
/// section that does not count.
pub(crate) fn of(file: &object::File<'_>, at: impl Fn(SectionIndex, u64) -> Option<u64>) -> Vec<(u64, u64)> {
    let mut all = Vec::new();
    for section in file.sections() {
        let data = section.data().unwrap_or_default();
        for (offset, relocation) in section.relocations() {
            // Of a program, offsets are addresses.
            let inside = offset.wrapping_sub(section.address());
            let Some((index, target)) = target(file, data, inside, &relocation) else { continue };
            if let (Some(from), Some(to)) = (at(section.index(), offset), at(index, target)) {
                all.push((from, to));
            }
        }
    }
    all
}

/// The same of the relocations for a loader: variables and tables that hold an address.
pub(crate) fn of_loader(file: &object::File<'_>) -> Vec<(u64, u64)> {
    let symbols = file.dynamic_symbol_table();
    let to = |relocation: &Relocation| {
        let base = match relocation.target() {
            RelocationTarget::Absolute => 0,
            RelocationTarget::Symbol(index) => {
                symbols.as_ref()?.symbol_by_index(index).ok().filter(|symbol| symbol.is_definition())?.address()
            }
            _ => return None,
        };
        Some(base.wrapping_add_signed(relocation.addend()))
    };
    let all = file.dynamic_relocations().into_iter().flatten();
    all.filter(|(_, relocation)| !relocation.has_implicit_addend())
        .filter_map(|(from, relocation)| Some((from, to(&relocation)?)))
        .collect()
}

/// The section and the offset in it that a relocation leads to; of a program, its address.
pub(crate) fn target(
    file: &object::File<'_>,
    data: &[u8],
    offset: u64,
    relocation: &Relocation,
) -> Option<(SectionIndex, u64)> {
    let (index, base) = match relocation.target() {
        RelocationTarget::Symbol(symbol) => {
            let symbol = file.symbol_by_index(symbol).ok()?;
            (symbol.section_index()?, symbol.address())
        }
        RelocationTarget::Section(index) => (index, 0),
        _ => return None,
    };
    let section = file.section_by_index(index).ok()?;
    let (low, size) = (section.address(), section.size().max(1));
    let mut addend = relocation.addend();
    if relocation.has_implicit_addend()
        && let Some((value, bits)) = implicit(file.architecture(), data, offset, relocation)
    {
        if file.kind() != ObjectKind::Relocatable {
            // What is linked has the address there, or its lower half.
            let inside = (value as u64).wrapping_sub(low) & ((1 << bits) - 1);
            return Some((index, low + inside.min(size - 1)));
        }
        addend += value;
    }
    // What x86 adds an offset to is the end of the instruction, most often four bytes on.
    let relative =
        relocation.kind() == RelocationKind::Relative || relocation.encoding() == RelocationEncoding::X86RipRelative;
    if matches!(file.architecture(), Architecture::X86_64 | Architecture::I386) && (relative || pc_relative(relocation))
    {
        addend += 4;
    }
    // An address just before or behind what it is about still is about it.
    let target = base.wrapping_add_signed(addend).clamp(low, low + size - 1);
    Some((index, target))
}

/// Ways of x86_64 to be relative that go through no plain address.
fn pc_relative(relocation: &Relocation) -> bool {
    let RelocationFlags::Elf { r_type } = relocation.flags() else { return false };
    [elf::R_X86_64_PLT32, elf::R_X86_64_GOTPCREL, elf::R_X86_64_GOTPCRELX, elf::R_X86_64_REX_GOTPCRELX]
        .contains(&r_type)
}

/// The addend that lies in what is to be relocated, and how many bits it has, where it is a word or half of one.
fn implicit(architecture: Architecture, data: &[u8], offset: u64, relocation: &Relocation) -> Option<(i64, u32)> {
    let RelocationFlags::Elf { r_type } = relocation.flags() else { return None };
    let bytes: [u8; 4] = data.get(usize::try_from(offset).ok()?..)?.get(..4)?.try_into().ok()?;
    match (architecture, r_type) {
        (Architecture::Arm, elf::R_ARM_ABS32 | elf::R_ARM_TARGET1) => Some((i32::from_le_bytes(bytes).into(), 32)),
        (Architecture::Arm, elf::R_ARM_THM_MOVW_ABS_NC) => {
            let (first, second) = (u16::from_le_bytes([bytes[0], bytes[1]]), u16::from_le_bytes([bytes[2], bytes[3]]));
            let value = (first & 0xf) << 12 | (first >> 10 & 1) << 11 | (second >> 12 & 7) << 8 | second & 0xff;
            Some(((value as i16).into(), 16))
        }
        _ => None,
    }
}
