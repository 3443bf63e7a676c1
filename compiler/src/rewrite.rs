//! Wasmtime's image, rewritten smaller: what the device never reads goes, and what it would compare in vain (`engine_section`); the
//! metadata comes first, `.text` comes last, and padding is what the device's page asks for and no more.
//!
//! Wasmtime aligns code for the largest page that its target can have (64 KiB on aarch64), pads it to whole pages, and
//! writes sections for readers of other settings. Its loader finds sections by name, demands that each lies as its own
//! alignment says, and nothing in an image is a file offset: so sections may move, and those that nobody reads may go.

use anyhow::{Context, Result, bail, ensure};
use object::elf::{self, FileHeader64};
use object::read::elf::{FileHeader, SectionHeader};
use object::write::StringId;
use object::write::elf::{FileHeader as NewHeader, SectionHeader as NewSection, Writer};
use object::{Endianness, SectionIndex};

/// Wasmtime aligns nothing for more, bytes.
const LARGEST_PAGE: u64 = 64 << 10;

/// How an image is to be.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'a> {
    /// What native code, and data that is mapped, starts at a multiple of, bytes: the device's page.
    pub page: u64,
    /// What `.wasmtime.engine` is to hold.
    pub engine: &'a [u8],
    /// Bytes of `.text` that are code; what follows, as far as it is zeros, is padding.
    pub code: u64,
    /// The symbol table stays.
    pub symbols: bool,
    /// The unwind tables stay. They tell where they are from the code, so no byte between the two goes.
    pub unwind: bool,
    /// The table of instructions that may trap stays: the trap handler, and the interpreter, look them up.
    pub traps: bool,
}

/// The order of the parts: what starts on a page comes behind what does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Metadata,
    Data,
    Code,
    Unwind,
}

/// A section that stays.
struct Kept<'a> {
    name: &'a [u8],
    header: &'a elf::SectionHeader64<Endianness>,
    /// Its index in the old image.
    index: usize,
    part: Part,
    /// Alignment, bytes.
    align: u64,
    data: &'a [u8],
    id: Option<StringId>,
    offset: usize,
}

/// Rewrites an image that Wasmtime's compiler wrote.
///
/// # Errors
/// It is no such image: another kind of ELF, one with relocations, or headers that contradict each other.
pub fn rewrite(image: &[u8], plan: &Plan<'_>) -> Result<Vec<u8>> {
    ensure!(plan.page.is_power_of_two(), "pages of {} bytes are no power of two", plan.page);
    let header = FileHeader64::<Endianness>::parse(image).context("the image's ELF header is damaged")?;
    let endian = header.endian().context("the image's ELF header is damaged")?;
    ensure!(endian == Endianness::Little, "the image is not little-endian");
    ensure!(header.e_phoff(endian) == 0, "the image has segments, which Wasmtime's have not");
    let mut kept = sections(image, header, endian, plan)?;

    let mut out = Vec::new();
    let mut writer = Writer::new(endian, true, &mut out);
    writer.reserve_file_header();
    writer.reserve_null_section_index();
    // Old index to new.
    let mut indices = vec![0; kept.iter().map(|section| section.index + 1).max().unwrap_or(0)];
    for section in &mut kept {
        section.id = Some(writer.add_section_name(section.name));
        indices[section.index] = writer.reserve_section_index().0;
    }
    writer.reserve_shstrtab_section_index();
    writer.reserve_section_headers();
    let metadata = kept.partition_point(|section| section.part == Part::Metadata);
    let mut code = None;
    for at in 0..=kept.len() {
        if at == metadata {
            writer.reserve_shstrtab();
        }
        let Some(section) = kept.get_mut(at) else { break };
        let (length, mut align) = (section.data.len(), usize::try_from(section.align)?);
        // Nothing is aligned that has no bytes, and the tables keep their distance from the code.
        if length == 0 {
            align = 1;
        }
        if section.part == Part::Unwind {
            let (code_new, code_old) = code.context("the image has unwind tables and no code")?;
            let distance = section.header.sh_offset(endian).checked_sub(code_old);
            let begin = usize::try_from(distance.unwrap_or(0))?.checked_add(code_new);
            let begin = begin.filter(|begin| *begin >= writer.reserved_len());
            writer.reserve_until(begin.context("the image's unwind tables do not lie behind its code")?);
            align = 1;
        }
        section.offset = writer.reserve(length, align);
        if section.part == Part::Code {
            code = Some((section.offset, section.header.sh_offset(endian)));
        }
    }

    writer.write_file_header(&NewHeader {
        os_abi: header.e_ident().os_abi,
        abi_version: header.e_ident().abi_version,
        e_type: header.e_type(endian),
        e_machine: header.e_machine(endian),
        e_entry: header.e_entry(endian),
        e_flags: header.e_flags(endian),
    })?;
    writer.write_null_section_header();
    for section in &kept {
        let old = section.header;
        let link = indices.get(old.sh_link(endian) as usize).copied().unwrap_or(0);
        ensure!(
            (link == 0) == (old.sh_link(endian) == 0),
            "the section {} of the image belongs to one that is not there",
            String::from_utf8_lossy(section.name)
        );
        writer.write_section_header(&NewSection {
            name: section.id,
            sh_type: old.sh_type(endian),
            sh_flags: old.sh_flags(endian),
            sh_addr: old.sh_addr(endian),
            sh_offset: section.offset as u64,
            sh_size: section.data.len() as u64,
            sh_link: link,
            sh_info: old.sh_info(endian),
            sh_addralign: section.align,
            sh_entsize: old.sh_entsize(endian),
        });
    }
    writer.write_shstrtab_section_header();
    for at in 0..=kept.len() {
        if at == metadata {
            writer.write_shstrtab();
        }
        let Some(section) = kept.get(at) else { break };
        if !section.data.is_empty() {
            writer.pad_until(section.offset);
        }
        if section.header.sh_type(endian) == elf::SHT_SYMTAB {
            writer.write(&symbols(section.data, &indices)?);
        } else {
            writer.write(section.data);
        }
    }
    Ok(out)
}

/// The sections that stay, in their new order.
fn sections<'a>(
    image: &'a [u8],
    header: &FileHeader64<Endianness>,
    endian: Endianness,
    plan: &Plan<'a>,
) -> Result<Vec<Kept<'a>>> {
    let table = header.sections(endian, image).context("the image's table of sections is damaged")?;
    let names = header.shstrndx(endian, image).context("the image's table of sections is damaged")? as usize;
    let mut kept = Vec::new();
    for (SectionIndex(index), header) in table.enumerate() {
        let kind = header.sh_type(endian);
        if kind == elf::SHT_NULL || index == names {
            continue;
        }
        let name = table.section_name(endian, header).context("a section's name in the image is damaged")?;
        let shown = || String::from_utf8_lossy(name).into_owned();
        if matches!(kind, elf::SHT_REL | elf::SHT_RELA | elf::SHT_CREL | elf::SHT_NOBITS) {
            bail!("the image has a section {} of a kind that it should not have ({kind})", shown());
        }
        let data = header.data(endian, image).with_context(|| format!("the image's section {} is cut off", shown()))?;
        let is_code = name == b".text";
        let stays = match name {
            b".symtab" | b".strtab" => plan.symbols,
            b".eh_frame" => plan.unwind && !data.is_empty(),
            b".wasmtime.traps" => plan.traps,
            // Code that is not there tells something too.
            _ => is_code || !data.is_empty(),
        };
        if !stays {
            continue;
        }
        let align = header.sh_addralign(endian).max(1);
        ensure!(
            align.is_power_of_two() && align <= LARGEST_PAGE,
            "the image's section {} has the alignment {align}",
            shown()
        );
        let on_a_page = is_code || name == b".rodata.wasm";
        let part = match name {
            b".text" => Part::Code,
            b".eh_frame" => Part::Unwind,
            _ if on_a_page && align > 1 => Part::Data,
            _ => Part::Metadata,
        };
        // Wasmtime aligns so what is to start on a page, for the largest page of its target.
        let align = if on_a_page && align > 1 { plan.page } else { align };
        let data = match name {
            b".text" if !plan.unwind => without_padding(data, plan.code),
            b".wasmtime.engine" => plan.engine,
            _ => data,
        };
        kept.push(Kept { name, header, index, part, align, data, id: None, offset: 0 });
    }
    // Stable: otherwise as they were.
    kept.sort_by_key(|section| section.part);
    Ok(kept)
}

/// The code, and whatever else is not zeros.
fn without_padding(text: &[u8], code: u64) -> &[u8] {
    let last = text.iter().rposition(|byte| *byte != 0).map_or(0, |at| at + 1);
    let end = usize::try_from(code).map_or(text.len(), |code| code.max(last));
    &text[..end.min(text.len())]
}

/// A symbol table that names sections by their new indices.
fn symbols(table: &[u8], indices: &[u32]) -> Result<Vec<u8>> {
    const SYMBOL: usize = size_of::<elf::Sym64<Endianness>>();
    const SECTION: std::ops::Range<usize> = 6..8;
    let mut table = table.to_vec();
    for symbol in table.chunks_exact_mut(SYMBOL) {
        let old = u16::from_le_bytes([symbol[SECTION.start], symbol[SECTION.start + 1]]);
        if old == elf::SHN_UNDEF || old >= elf::SHN_LORESERVE {
            continue;
        }
        let new = indices.get(usize::from(old)).copied().unwrap_or(0);
        ensure!(new != 0, "a symbol of the image lies in a section that is not there");
        symbol[SECTION].copy_from_slice(&u16::try_from(new)?.to_le_bytes());
    }
    Ok(table)
}
