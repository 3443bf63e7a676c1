//! What firmware takes before it runs.

use std::path::Path;

use object::{Object as _, ObjectSection as _, SectionFlags, SectionKind, elf::SHF_ALLOC};

/// Bytes of firmware.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sizes {
    /// Text, read-only data and initial data: what lies in flash.
    pub(crate) flash: u64,
    /// Data, initial and zero.
    pub(crate) ram: u64,
    /// Stacks, where the linker script has a section of them.
    pub(crate) stacks: u64,
}

impl Sizes {
    /// Of a file.
    pub(crate) fn of(firmware: &Path) -> Self {
        let elf = std::fs::read(firmware).unwrap();
        let file = object::File::parse(&*elf).unwrap();
        let mut sizes = Self::default();
        for section in file.sections() {
            let SectionFlags::Elf { sh_flags } = section.flags() else { continue };
            if sh_flags & u64::from(SHF_ALLOC) == 0 {
                continue;
            }
            let (name, size) = (section.name().unwrap(), section.size());
            match section.kind() {
                // Where a microcontroller's linker script says that the rest of the RAM begins: nothing.
                _ if name == ".heap" || name == ".stack" => {}
                _ if name == ".stacks" => sizes.stacks += size,
                // Linkers note that it may be written where it has addresses; it is not.
                _ if name == ".rodata" => sizes.flash += size,
                SectionKind::UninitializedData => sizes.ram += size,
                SectionKind::Data => {
                    sizes.flash += size;
                    sizes.ram += size;
                }
                _ => sizes.flash += size,
            }
        }
        sizes
    }
}
