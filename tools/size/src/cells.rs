//! Cuts each section into cells: what one symbol covers, one part without a symbol, or nothing that anybody knows. Every byte
//! is in exactly one cell.

use object::SectionIndex;

use crate::layout::{Layout, Place, Symbol};

/// A stretch of a section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cell {
    /// Where it begins.
    pub(crate) start: u64,
    /// The address behind it.
    pub(crate) end: u64,
    /// What it is.
    pub(crate) kind: Kind,
}

/// What a cell is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One or, where equal functions were folded, several symbols, as numbers.
    Symbols(Vec<usize>),
    /// A part that no symbol covers, as a number.
    Part(usize),
    /// Room between parts.
    Padding,
    /// Bytes that no symbol covers, of a file without a map.
    Unknown,
}

/// The cells of a section, as they lie.
pub(crate) fn of(layout: &Layout, place: &Place, referred: &[u64]) -> Vec<Cell> {
    let mut cells = Vec::new();
    let mut at = place.start;
    for range in symbols(&layout.symbols, place.index) {
        // A symbol inside of another's end: the later one has the rest.
        if range.start > at {
            between(layout, place, at, range.start, referred, &mut cells);
        }
        let start = range.start.max(at);
        if range.end > start {
            cells.push(Cell { start, ..range.clone() });
            at = range.end;
        }
    }
    if at < place.end() {
        between(layout, place, at, place.end(), referred, &mut cells);
    }
    cells
}

/// What symbols of a section cover: none overlap, those of one place are together.
fn symbols(all: &[Symbol], index: SectionIndex) -> Vec<Cell> {
    let mut cells: Vec<Cell> = Vec::new();
    for (nth, symbol) in all.iter().enumerate().filter(|(_, symbol)| symbol.index == index && symbol.size > 0) {
        let end = symbol.start + symbol.size;
        match cells.last_mut() {
            Some(Cell { start, end: last, kind: Kind::Symbols(known) }) if *start == symbol.start && *last == end => {
                known.push(nth);
                continue;
            }
            // Inside of a larger one, which had the place first.
            Some(last) if last.end >= end => continue,
            Some(last) if last.end > symbol.start => last.end = symbol.start,
            _ => {}
        }
        cells.push(Cell { start: symbol.start, end, kind: Kind::Symbols(vec![nth]) });
    }
    cells.retain(|cell| cell.end > cell.start);
    cells
}

/// What no symbol with a size covers.
fn between(layout: &Layout, place: &Place, start: u64, end: u64, referred: &[u64], cells: &mut Vec<Cell>) {
    if layout.parts.is_empty() {
        return unmapped(layout, place, start, end, referred, cells);
    }
    let mut at = start;
    let first = layout.parts.partition_point(|part| part.start + part.size <= start);
    for (nth, part) in layout.parts.iter().enumerate().skip(first) {
        if part.start >= end {
            break;
        }
        let (from, to) = (part.start.max(at), (part.start + part.size).min(end));
        if from >= to {
            continue;
        }
        // What a script defines, as the top of a stack, has what no part covers.
        bare(layout, place, (at, from), |symbol| symbol.assigned, &Kind::Padding, referred, cells);
        bare(layout, place, (from, to), |symbol| !symbol.assigned, &Kind::Part(nth), referred, cells);
        at = to;
    }
    bare(layout, place, (at, end), |symbol| symbol.assigned, &Kind::Padding, referred, cells);
}

/// Without a map: a few bytes before the next symbol are padding.
fn unmapped(layout: &Layout, place: &Place, start: u64, end: u64, referred: &[u64], cells: &mut Vec<Cell>) {
    let first = layout.symbols.iter().find(|symbol| symbol.index == place.index && symbol.start >= start);
    // Code is aligned to 16 bytes at most, so what is longer is something.
    let short = first.map_or(end, |symbol| symbol.start.min(end)) - start < 16 && start > place.start;
    bare(layout, place, (start, end), |_| true, if short { &Kind::Padding } else { &Kind::Unknown }, referred, cells);
}

/// Symbols without a size have what follows them; what is before the first is of another kind.
fn bare(
    layout: &Layout,
    place: &Place,
    (start, end): (u64, u64),
    counts: impl Fn(&Symbol) -> bool,
    before: &Kind,
    referred: &[u64],
    cells: &mut Vec<Cell>,
) {
    let first = layout.symbols.partition_point(|symbol| symbol.start < start);
    let inside = layout.symbols.iter().enumerate().skip(first).take_while(|(_, symbol)| symbol.start < end);
    let bare: Vec<_> =
        inside.filter(|(_, symbol)| symbol.index == place.index && symbol.size == 0 && counts(symbol)).collect();
    let known = bare.first().map_or(end, |(_, symbol)| symbol.start);
    if known > start {
        split(start, known, before, referred, cells);
    }
    for (i, (nth, symbol)) in bare.iter().enumerate() {
        let next = bare.get(i + 1).map_or(end, |(_, next)| next.start);
        match cells.last_mut() {
            Some(Cell { start, kind: Kind::Symbols(known), .. }) if *start == symbol.start => known.push(*nth),
            _ if next > symbol.start => {}
            _ => continue,
        }
        match cells.last_mut().filter(|last| last.start == symbol.start) {
            Some(last) => last.end = last.end.max(next),
            None => cells.push(Cell { start: symbol.start, end: next, kind: Kind::Symbols(vec![*nth]) }),
        }
    }
}

/// Cuts a stretch where something refers to: each piece is a constant of its own.
fn split(start: u64, end: u64, kind: &Kind, referred: &[u64], cells: &mut Vec<Cell>) {
    let first = referred.partition_point(|to| *to <= start);
    let inside = referred[first..].iter().copied().take_while(|to| *to < end);
    // Padding is nobody's, whatever points into it.
    let cuts = inside.filter(|_| *kind != Kind::Padding).chain([end]);
    let mut at = start;
    for cut in cuts {
        cells.push(Cell { start: at, end: cut, kind: kind.clone() });
        at = cut;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::map::Part;
    use crate::model::Class;

    fn layout(symbols: &[(u64, u64)], parts: &[(u64, u64)]) -> (Layout, Place) {
        let index = SectionIndex(1);
        let place = Place { index, name: ".text".into(), class: Class::Code, start: 100, size: 100, writable: false };
        let symbol = |(start, size): &(u64, u64)| Symbol {
            index,
            start: *start,
            size: *size,
            name: "f".into(),
            assigned: start % 2 == 1,
            module: false,
        };
        let part = |(start, size): &(u64, u64)| Part {
            start: *start,
            size: *size,
            file: String::new(),
            section: String::new(),
            output: String::new(),
        };
        let layout = Layout {
            places: vec![place.clone()],
            symbols: symbols.iter().map(symbol).collect(),
            parts: parts.iter().map(part).collect(),
            ..Layout::default()
        };
        (layout, place)
    }

    /// Symbols at odd addresses are a script's.
    fn seen(symbols: &[(u64, u64)], parts: &[(u64, u64)], referred: &[u64]) -> Vec<(u64, u64, Kind)> {
        let (layout, place) = layout(symbols, parts);
        let cells = of(&layout, &place, referred);
        assert_eq!(cells.iter().map(|cell| cell.end - cell.start).sum::<u64>(), 100);
        assert!(cells.windows(2).all(|pair| pair[0].end == pair[1].start));
        cells.into_iter().map(|cell| (cell.start, cell.end, cell.kind)).collect()
    }

    #[test]
    fn with_a_map_what_is_in_no_part_is_padding() {
        let cells = seen(&[(100, 30)], &[(100, 30), (140, 60)], &[150]);
        let wanted = [
            (100, 130, Kind::Symbols(vec![0])),
            (130, 140, Kind::Padding),
            (140, 150, Kind::Part(1)),
            (150, 200, Kind::Part(1)),
        ];
        assert_eq!(cells, wanted);
    }

    #[test]
    fn with_a_map_symbols_without_a_size_have_the_rest_of_their_part_and_those_of_a_script_what_is_in_none() {
        let cells = seen(&[(100, 0), (101, 0), (112, 0), (141, 0)], &[(100, 20), (150, 50)], &[]);
        let wanted = [
            (100, 112, Kind::Symbols(vec![0])),
            (112, 120, Kind::Symbols(vec![2])),
            (120, 141, Kind::Padding),
            (141, 150, Kind::Symbols(vec![3])),
            (150, 200, Kind::Part(1)),
        ];
        assert_eq!(cells, wanted);
    }

    #[test]
    fn without_one_it_is_padding_where_it_is_short() {
        let cells = seen(&[(100, 30), (136, 0), (150, 20), (150, 20)], &[], &[]);
        let wanted = [
            (100, 130, Kind::Symbols(vec![0])),
            (130, 136, Kind::Padding),
            (136, 150, Kind::Symbols(vec![1])),
            (150, 170, Kind::Symbols(vec![2, 3])),
            (170, 200, Kind::Unknown),
        ];
        assert_eq!(cells, wanted);
    }

    #[test]
    fn symbols_that_overlap_do_not_count_twice() {
        let cells = seen(&[(100, 60), (120, 10), (150, 50)], &[], &[]);
        assert_eq!(cells, [(100, 150, Kind::Symbols(vec![0])), (150, 200, Kind::Symbols(vec![2]))]);
    }
}
