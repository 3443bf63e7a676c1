//! Makes every symbol local that is not the API's: two libraries, or a firmware with its own `memcpy`, then link together.

use std::collections::HashSet;

use anyhow::{Context, Result};
use object::build::Id as _;
use object::build::elf::{Builder, SectionData};
use object::elf;

use crate::prelink::PREFIX;

/// Bitcode and its flags: for a linker that optimises again, with this very rustc. Nothing of it is loaded.
const DROPPED: &[&[u8]] = &[b".llvmbc", b".llvmcmd"];

/// Rewrites a relocatable object so that the symbols with our prefix are its only defined global ones.
///
/// # Errors
/// It is no ELF object, or one with a kind of section that cannot be rewritten.
pub fn localize(object: &[u8]) -> Result<Vec<u8>> {
    let mut elf = Builder::read(object).context("the pre-linked object cannot be read")?;
    drop_sections(&mut elf);
    let mut used = HashSet::new();
    for section in &mut elf.sections {
        // `#[used]` of Wasmtime keeps a table of its library calls even where nothing reads it. What is reached is reached
        // through relocations; a table that is not may go.
        if section.sh_flags & u64::from(elf::SHF_ALLOC) != 0 {
            section.sh_flags &= !u64::from(elf::SHF_GNU_RETAIN);
        }
        if let SectionData::Relocation(relocations) = &section.data {
            used.extend(relocations.iter().filter_map(|relocation| relocation.symbol).map(|id| id.index()));
        }
    }
    for symbol in &mut elf.symbols {
        let id = symbol.id().index();
        if symbol.section.is_none() && symbol.st_shndx == elf::SHN_UNDEF {
            symbol.delete = !used.contains(&id);
        } else if symbol.name.starts_with(PREFIX.as_bytes()) {
            symbol.st_other = elf::STV_DEFAULT;
        } else if symbol.st_bind() != elf::STB_LOCAL {
            let kind = symbol.st_type();
            symbol.set_st_info(elf::STB_LOCAL, kind);
            symbol.st_other = elf::STV_DEFAULT;
        }
    }
    let mut out = Vec::new();
    elf.write(&mut out).context("the pre-linked object cannot be rewritten")?;
    Ok(out)
}

fn drop_sections(elf: &mut Builder<'_>) {
    let gone: HashSet<usize> =
        elf.sections.iter().filter(|s| DROPPED.contains(&s.name.as_slice())).map(|s| s.id().index()).collect();
    for section in &mut elf.sections {
        let of_gone = section.sh_info_section.is_some_and(|target| gone.contains(&target.index()));
        section.delete = gone.contains(&section.id().index()) || of_gone;
    }
}
