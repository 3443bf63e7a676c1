//! Which function each instruction was inlined from, by the debugging information of a linked program.

use std::borrow::Cow;
use std::collections::HashMap;

use anyhow::{Context, Result};
use gimli::{AttributeValue, DebugInfoOffset, Dwarf, EndianSlice, RunTimeEndian, Unit, UnitOffset};
use object::{Object, ObjectSection};

use crate::names::Name;

/// Instructions of one function: its own, or where it was inlined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// Where they begin.
    pub(crate) start: u64,
    /// The address behind them.
    pub(crate) end: u64,
    /// Which function, in [`Inlined::functions`].
    pub(crate) function: usize,
    /// A number for this instance or place.
    pub(crate) instance: usize,
}

/// A function of the debugging information.
#[derive(Clone, Debug)]
pub(crate) struct Function {
    /// The crate; for C the file.
    pub(crate) owner: String,
    /// Its name.
    pub(crate) name: Name,
}

/// What the debugging information tells.
#[derive(Clone, Debug, Default)]
pub(crate) struct Inlined {
    /// In the order of addresses; none overlap.
    pub(crate) spans: Vec<Span>,
    /// The functions of the spans.
    pub(crate) functions: Vec<Function>,
}

impl Inlined {
    /// The spans that lie in a range, cut to it.
    pub(crate) fn within(&self, start: u64, end: u64) -> impl Iterator<Item = Span> + '_ {
        let first = self.spans.partition_point(|span| span.end <= start);
        self.spans[first..].iter().take_while(move |span| span.start < end).map(move |span| Span {
            start: span.start.max(start),
            end: span.end.min(end),
            ..*span
        })
    }
}

type Slice<'a> = EndianSlice<'a, RunTimeEndian>;

/// A range of addresses, how deep it lies, and the entry that it belongs to.
struct Range {
    start: u64,
    end: u64,
    depth: isize,
    function: usize,
    instance: usize,
}

/// Reads the debugging information of a linked program; none where there is none.
///
/// # Errors
/// It is damaged.
pub(crate) fn read(file: &object::File<'_>) -> Result<Option<Inlined>> {
    if file.section_by_name(".debug_info").is_none_or(|section| section.size() == 0) {
        return Ok(None);
    }
    let load = |id: gimli::SectionId| -> Result<Cow<'_, [u8]>> {
        Ok(match file.section_by_name(id.name()) {
            Some(section) => section.uncompressed_data()?,
            None => Cow::Borrowed(&[]),
        })
    };
    let endian = if file.is_little_endian() { RunTimeEndian::Little } else { RunTimeEndian::Big };
    let sections = gimli::DwarfSections::load(load).context("its debugging information cannot be read")?;
    let dwarf = sections.borrow(|section| EndianSlice::new(section, endian));
    let mut reader =
        Reader { dwarf, units: Vec::new(), functions: Vec::new(), known: HashMap::new(), ranges: Vec::new() };
    reader.run().context("its debugging information is damaged")?;
    let spans = flatten(reader.ranges);
    Ok(Some(Inlined { spans, functions: reader.functions }))
}

struct Reader<'a> {
    dwarf: Dwarf<Slice<'a>>,
    units: Vec<(Unit<Slice<'a>>, String, bool)>,
    functions: Vec<Function>,
    known: HashMap<DebugInfoOffset, usize>,
    ranges: Vec<Range>,
}

impl Reader<'_> {
    fn run(&mut self) -> gimli::Result<()> {
        let mut headers = self.dwarf.units();
        while let Some(header) = headers.next()? {
            let unit = self.dwarf.unit(header)?;
            let mut entries = unit.entries();
            let Some(root) = entries.next_dfs()? else { continue };
            let rust =
                matches!(root.attr_value(gimli::DW_AT_language), Some(AttributeValue::Language(gimli::DW_LANG_Rust)));
            let name = unit.name.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            self.units.push((unit, name, rust));
        }
        for nth in 0..self.units.len() {
            self.unit(nth)?;
        }
        Ok(())
    }

    fn unit(&mut self, nth: usize) -> gimli::Result<()> {
        let mut found = Vec::new();
        let unit = &self.units[nth].0;
        let mut entries = unit.entries();
        while let Some(entry) = entries.next_dfs()? {
            if !matches!(entry.tag(), gimli::DW_TAG_subprogram | gimli::DW_TAG_inlined_subroutine) {
                continue;
            }
            let mut ranges = self.dwarf.die_ranges(unit, entry)?;
            let mut pieces = Vec::new();
            while let Some(range) = ranges.next()? {
                // What the linker dropped begins at zero, or at one in lists of ranges.
                if range.begin > 1 && range.begin < range.end {
                    pieces.push((range.begin, range.end));
                }
            }
            if !pieces.is_empty() {
                found.push((entry.offset(), entry.depth(), pieces));
            }
        }
        for (offset, depth, pieces) in found {
            let function = self.function(nth, offset, 0)?;
            let instance = self.ranges.len();
            for (start, end) in pieces {
                self.ranges.push(Range { start, end, depth, function, instance });
            }
        }
        Ok(())
    }

    /// The function of an entry: itself, or the one that it is an instance of.
    fn function(&mut self, nth: usize, offset: UnitOffset, depth: u32) -> gimli::Result<usize> {
        let (unit, unit_name, rust) = &self.units[nth];
        let entry = unit.entry(offset)?;
        let global = offset.to_debug_info_offset(&unit.header);
        let text = |value| self.dwarf.attr_string(unit, value).map(|text| text.to_string_lossy().into_owned());
        let mut linkage = None;
        for at in [gimli::DW_AT_linkage_name, gimli::DW_AT_MIPS_linkage_name] {
            if let Some(value) = entry.attr_value(at) {
                linkage = Some(text(value)?);
            }
        }
        if linkage.is_none() {
            for at in [gimli::DW_AT_abstract_origin, gimli::DW_AT_specification] {
                let origin = match entry.attr_value(at) {
                    Some(AttributeValue::UnitRef(offset)) => Some((nth, offset)),
                    Some(AttributeValue::DebugInfoRef(offset)) => self.unit_of(offset),
                    _ => None,
                };
                if let Some((nth, offset)) = origin.filter(|_| depth < 8) {
                    return self.function(nth, offset, depth + 1);
                }
            }
        }
        if let Some(known) = global.and_then(|at| self.known.get(&at)) {
            return Ok(*known);
        }
        let plain = entry.attr_value(gimli::DW_AT_name).map(text).transpose()?;
        let mut name = Name::of(linkage.as_deref().or(plain.as_deref()).unwrap_or("(a function without a name)"));
        // A symbol that keeps its name, `no_mangle`, is in the crate of its unit.
        if name.krate.is_none() && *rust {
            name.krate = crate_of_unit(unit_name);
        }
        let owner = name.krate.clone().unwrap_or_else(|| format!("C: {}", file_name(unit_name)));
        let function = self.functions.len();
        self.functions.push(Function { owner, name });
        if let Some(at) = global {
            self.known.insert(at, function);
        }
        Ok(function)
    }

    fn unit_of(&self, offset: DebugInfoOffset) -> Option<(usize, UnitOffset)> {
        self.units.iter().enumerate().find_map(|(nth, (unit, ..))| Some((nth, offset.to_unit_offset(&unit.header)?)))
    }
}

/// `src/lib.rs/@/core.1234-cgu.0`, as rustc names a unit, to `core`.
pub(crate) fn crate_of_unit(name: &str) -> Option<String> {
    let (_, unit) = name.split_once("/@/")?;
    Some(unit.split('.').next()?.to_string())
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Makes ranges that lie in each other ranges that do not: the deepest wins.
fn flatten(mut ranges: Vec<Range>) -> Vec<Span> {
    ranges.sort_by_key(|range| (range.start, range.depth, std::cmp::Reverse(range.end)));
    let mut spans: Vec<Span> = Vec::new();
    let mut open: Vec<Range> = Vec::new();
    let mut at = 0;
    fn close(open: &mut Vec<Range>, spans: &mut Vec<Span>, at: &mut u64, until: u64) {
        while *at < until {
            // What has ended may lie below what has not, where one function was folded into another.
            open.retain(|range| range.end > *at);
            let Some(top) = open.last() else { break };
            let end = open.iter().map(|range| range.end).min().unwrap_or(top.end).min(until);
            match spans.last_mut().filter(|last| last.end == *at && last.instance == top.instance) {
                Some(last) => last.end = end,
                None => spans.push(Span { start: *at, end, function: top.function, instance: top.instance }),
            }
            *at = end;
        }
    }
    for range in ranges {
        close(&mut open, &mut spans, &mut at, range.start);
        at = at.max(range.start);
        let place = open.partition_point(|other| other.depth <= range.depth);
        open.insert(place, range);
    }
    close(&mut open, &mut spans, &mut at, u64::MAX);
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(start: u64, end: u64, depth: isize) -> Range {
        Range { start, end, depth, function: depth as usize, instance: depth as usize }
    }

    #[test]
    fn the_innermost_function_owns_an_instruction() {
        let spans = flatten(vec![range(10, 30, 1), range(14, 20, 2), range(16, 18, 3), range(40, 50, 4)]);
        let seen: Vec<_> = spans.iter().map(|span| (span.start, span.end, span.function)).collect();
        assert_eq!(seen, [(10, 14, 1), (14, 16, 2), (16, 18, 3), (18, 20, 2), (20, 30, 1), (40, 50, 4)]);
    }

    #[test]
    fn a_unit_tells_its_crate() {
        assert_eq!(crate_of_unit("x/src/lib.rs/@/minplat_capi.ac4f-cgu.0").as_deref(), Some("minplat_capi"));
        assert_eq!(crate_of_unit("main.c"), None);
    }
}
