//! What is known of an ELF file before anybody is said to own anything: sections, symbols, parts, and what refers to what.

use std::collections::HashMap;

use anyhow::{Context, Result, bail, ensure};
use minplat_compiler::sniff;
use object::{
    Object, ObjectSection, ObjectSegment, ObjectSymbol, SectionFlags, SectionIndex, SectionKind, SegmentFlags,
    SymbolKind, elf,
};

use crate::map::{Map, Output, Part};
use crate::model::Class;
use crate::references;

/// A section that is loaded.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// Its index in the file.
    pub(crate) index: SectionIndex,
    /// Its name; in an object, that of the section that a linker puts it into.
    pub(crate) name: String,
    /// What it is for.
    pub(crate) class: Class,
    /// Where it begins. Sections of an object have no addresses; there it is a place behind the section before.
    pub(crate) start: u64,
    /// Its bytes.
    pub(crate) size: u64,
    /// Whether it may be written to.
    pub(crate) writable: bool,
}

impl Place {
    /// The address behind it.
    pub(crate) fn end(&self) -> u64 {
        self.start + self.size
    }
}

/// A function or a variable.
#[derive(Clone, Debug)]
pub(crate) struct Symbol {
    /// The section.
    pub(crate) index: SectionIndex,
    /// Its address.
    pub(crate) start: u64,
    /// Its bytes; zero where nobody said.
    pub(crate) size: u64,
    /// Its name, mangled.
    pub(crate) name: String,
    /// Whether the linker's script defines it.
    pub(crate) assigned: bool,
    /// Whether what it names is a compiled module.
    pub(crate) module: bool,
}

/// What is known of a file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layout {
    /// Sections, as they lie.
    pub(crate) places: Vec<Place>,
    /// Functions and variables, as they lie.
    pub(crate) symbols: Vec<Symbol>,
    /// Parts, as they lie; empty where there is no map.
    pub(crate) parts: Vec<Part>,
    /// From where, to where.
    pub(crate) references: Vec<(u64, u64)>,
    /// Whose a part is, by the name of its section: what its own name does not say.
    pub(crate) origins: HashMap<String, String>,
}

impl Layout {
    /// That of a program, a shared object or an object.
    ///
    /// # Errors
    /// It is no ELF file, or is damaged.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self> {
        let file = object::File::parse(bytes).context("its headers cannot be read")?;
        let mut layout = Self { places: places(&file)?, ..Self::default() };
        if layout.places.is_empty() {
            bail!("it has no section that is loaded, so nothing of it takes room on a device");
        }
        layout.set_symbols(&file);
        if is_object(&file) {
            // Each section is a part, and its whole name tells more than that of the section it will be in.
            for place in &layout.places {
                let section = file.section_by_index(place.index)?.name().unwrap_or_default().to_string();
                let (file, output) = (String::new(), place.name.clone());
                layout.parts.push(Part { start: place.start, size: place.size, file, section, output });
            }
        }
        let at = |index, offset| Some(layout.places.iter().find(|place| place.index == index)?.start + offset);
        layout.references = references::of(&file, |index, offset| match is_object(&file) {
            true => at(index, offset),
            false => Some(offset),
        });
        layout.references.extend(references::of_loader(&file));
        Ok(layout)
    }

    /// Takes what a map tells; parts of what is not loaded have no place.
    pub(crate) fn set_map(&mut self, Map { mut parts, assigned, .. }: Map) {
        parts.retain(|part| part.size > 0 && self.places.iter().any(|place| place.name == part.output));
        parts.sort_by_key(|part| part.start);
        self.parts = parts;
        for symbol in &mut self.symbols {
            symbol.assigned = assigned.contains(&symbol.name);
        }
    }

    /// Whether a map is this program's.
    ///
    /// # Errors
    /// A section lies elsewhere, or is of another size.
    pub(crate) fn check_map(&self, map: &Map) -> Result<()> {
        for place in &self.places {
            let same = |output: &&Output| output.name == place.name && output.start == place.start;
            let found = map.outputs.iter().find(same).is_some_and(|output| output.size == place.size);
            ensure!(
                found,
                "it is the map of another program: this one has {} bytes of {} at {:#x}; give the map of the same link",
                place.size,
                place.name,
                place.start
            );
        }
        Ok(())
    }

    /// Takes the symbols of a file with the same sections: of itself, or of the one that has what was stripped.
    pub(crate) fn set_symbols(&mut self, file: &object::File<'_>) {
        let place = |section: &object::Section<'_, '_>| {
            self.places.iter().find(|place| match is_object(file) {
                true => place.index == section.index(),
                false => place.start == section.address() && section.name() == Ok(place.name.as_str()),
            })
        };
        let starts: HashMap<_, _> =
            file.sections().filter_map(|section| Some((section.index(), place(&section)?))).collect();
        let thumb = u64::from(file.architecture() == object::Architecture::Arm);
        let mut symbols: Vec<_> = file
            .symbols()
            .filter(|symbol| {
                matches!(symbol.kind(), SymbolKind::Text | SymbolKind::Data | SymbolKind::Unknown | SymbolKind::Label)
            })
            .filter_map(|symbol| {
                let place = starts.get(&symbol.section_index()?)?;
                let name = symbol.name().ok().filter(|name| !name.is_empty() && !name.starts_with(['$', '.']))?;
                let address = match symbol.kind() {
                    // Its lowest bit says that a function is Thumb code.
                    SymbolKind::Text => symbol.address() & !thumb,
                    _ => symbol.address(),
                };
                let start = if is_object(file) { place.start + address } else { address };
                let inside = start >= place.start && start < place.end();
                let size = symbol.size().min(place.end().saturating_sub(start));
                inside.then(|| Symbol {
                    index: place.index,
                    start,
                    size,
                    name: name.to_string(),
                    assigned: false,
                    module: is_module(file, &symbol),
                })
            })
            .collect();
        symbols.sort_by(|a, b| (a.start, b.size, &a.name).cmp(&(b.start, a.size, &b.name)));
        self.symbols = symbols;
    }
}

/// Whether what a symbol names begins as a compiled module.
fn is_module(file: &object::File<'_>, symbol: &object::Symbol<'_, '_>) -> bool {
    let section = symbol.section_index().and_then(|index| file.section_by_index(index).ok());
    let data = section.and_then(|section| section.data_range(symbol.address(), symbol.size()).ok().flatten());
    data.is_some_and(|data| data.starts_with(b"\x7fELF") && sniff::kind(data) == sniff::Kind::Cwasm)
}

/// Whether it is yet to be linked.
pub(crate) fn is_object(file: &object::File<'_>) -> bool {
    file.kind() == object::ObjectKind::Relocatable
}

/// Whether nothing of it is loaded.
pub(crate) fn is_empty(file: &object::File<'_>) -> bool {
    places(file).is_ok_and(|places| places.is_empty())
}

fn places(file: &object::File<'_>) -> Result<Vec<Place>> {
    let mut places = Vec::new();
    let mut next = 0x1000;
    for section in file.sections() {
        let SectionFlags::Elf { sh_flags } = section.flags() else { bail!("it is no ELF file") };
        if sh_flags & u64::from(elf::SHF_ALLOC) == 0 || section.size() == 0 {
            continue;
        }
        // One with tables that the linker filled in is marked so too, and is loaded where nobody may write.
        let writable = sh_flags & u64::from(elf::SHF_WRITE) != 0 && segment_is_writable(file, section.address());
        let class = match section.kind() {
            kind if kind.is_bss() => Class::Zero,
            SectionKind::Text => Class::Code,
            _ if writable => Class::Data,
            _ => Class::Constants,
        };
        let full = section.name().context("a section's name cannot be read")?;
        let (name, start) = match is_object(file) {
            true => (output_section(full), next),
            false => (full, section.address()),
        };
        next = (start + section.size()).next_multiple_of(64);
        places.push(Place { index: section.index(), name: name.into(), class, start, size: section.size(), writable });
    }
    places.sort_by_key(|place| place.start);
    Ok(places)
}

/// Whether what a program has at an address may be written to when it is loaded; where no segment says so, it may.
fn segment_is_writable(file: &object::File<'_>, address: u64) -> bool {
    let mut segments = file.segments();
    let segment = segments.find(|segment| (segment.address()..segment.address() + segment.size()).contains(&address));
    !segment
        .is_some_and(|segment| matches!(segment.flags(), SegmentFlags::Elf { p_flags, .. } if p_flags & elf::PF_W == 0))
}

/// The section that a linker puts `.text.some_function` and its like into.
fn output_section(name: &str) -> &str {
    let outputs = [".text", ".rodata", ".data.rel.ro", ".data", ".bss", ".tdata", ".tbss", ".ARM.exidx", ".ARM.extab"];
    let small = [".srodata", ".sdata", ".sbss"];
    let of = |out: &&str| name.strip_prefix(*out).is_some_and(|rest| rest.starts_with('.'));
    outputs.into_iter().chain(small).find(of).unwrap_or(name)
}
