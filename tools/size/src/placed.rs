//! What refers to what in an object, at the addresses that its sections got in a linked program: where the program itself keeps
//! no relocations, those of what it was linked from.

use std::collections::HashMap;

use anyhow::{Context, Result};
use object::{Object, ObjectSection, SectionIndex};

use crate::map::Part;
use crate::references;

/// The references of `object`, which the map of `program` calls `called`.
///
/// # Errors
/// The object cannot be read.
pub(crate) fn references(
    program: &object::File<'_>,
    parts: &[Part],
    object: &[u8],
    called: &str,
) -> Result<Vec<(u64, u64)>> {
    let object = object::File::parse(object).context("the library's object cannot be read")?;
    let mut placed: HashMap<&str, Vec<&Part>> = HashMap::new();
    for part in parts.iter().filter(|part| part.file == called) {
        placed.entry(&part.section).or_default().push(part);
    }
    let mut names: HashMap<&str, usize> = HashMap::new();
    for section in object.sections() {
        *names.entry(section.name().unwrap_or_default()).or_default() += 1;
    }
    let merged = Merged::new(program, parts);
    let at = |index: SectionIndex, offset: u64| -> Option<u64> {
        let section = object.section_by_index(index).ok()?;
        let name = section.name().ok()?;
        match placed.get(name).map(Vec::as_slice) {
            // Two of one name are told apart by nothing.
            Some([part]) if names[name] == 1 => Some(part.start + offset.min(part.size.saturating_sub(1))),
            Some(_) => None,
            None => merged.find(&section, offset),
        }
    };
    Ok(references::of(&object, at))
}

/// Sections of constants and texts of which the linker kept one of each.
struct Merged<'a> {
    /// By name: where they lie, and what is in them.
    sections: HashMap<&'a str, (u64, &'a [u8])>,
}

impl<'a> Merged<'a> {
    fn new(program: &object::File<'a>, parts: &'a [Part]) -> Self {
        let mut sections = HashMap::new();
        for part in parts.iter().filter(|part| part.file == "<internal>") {
            let data = program.sections().find_map(|section| section.data_range(part.start, part.size).ok()?);
            if let Some(data) = data {
                sections.insert(part.section.as_str(), (part.start, data));
            }
        }
        Self { sections }
    }

    /// The address of what lies at an offset of an object's section.
    fn find(&self, section: &object::Section<'_, '_>, offset: u64) -> Option<u64> {
        let (start, kept) = self.sections.get(section.name().ok()?)?;
        let wanted = section.data().ok()?.get(usize::try_from(offset).ok()?..)?;
        // `.str1.1` and `.cst16`: texts end with a zero, constants have a length.
        let name = section.name().ok()?;
        let wanted = match name.rsplit_once(".cst").and_then(|(_, size)| size.parse().ok()) {
            Some(size) => wanted.get(..size)?,
            None => &wanted[..=wanted.iter().position(|byte| *byte == 0)?],
        };
        let at = kept.windows(wanted.len()).position(|bytes| bytes == wanted)?;
        Some(start + at as u64)
    }
}
