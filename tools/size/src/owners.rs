//! From cells to rows: whose each cell is.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::cells::{self, Cell, Kind};
use crate::dwarf::Inlined;
use crate::layout::{Layout, Place, Symbol};
use crate::model::{Class, FOLDED, MODULES, OUTLINED, PADDING, Row, SCRIPT, SHARED, UNATTRIBUTED};
use crate::names::Name;

/// What the compiler calls code that it took out of several functions.
const OUTLINED_PREFIX: &str = "OUTLINED_FUNCTION_";

/// Bytes with an owner.
#[derive(Clone, Debug)]
struct Owned {
    owner: String,
    /// Equal for what is one row.
    key: String,
    item: String,
    bytes: u64,
    instance: u64,
    users: BTreeSet<String>,
}

/// What becomes one row.
#[derive(Default)]
struct Sum {
    items: Vec<String>,
    instances: BTreeSet<u64>,
    bytes: u64,
    users: BTreeSet<String>,
}

/// Attributes every byte of a layout. With `inlined`, code by the innermost function.
pub(crate) fn rows(layout: &Layout, inlined: Option<&Inlined>) -> Vec<Row> {
    let names = layout.symbols.iter().map(|symbol| Name::of(&symbol.name)).collect();
    let mut referred: Vec<_> = layout.references.iter().map(|(_, to)| *to).collect();
    referred.sort_unstable();
    referred.dedup();
    let modules = modules(layout);
    let mut owners = Owners { layout, inlined, names, modules, cells: Vec::new(), users: HashMap::new() };
    for place in &layout.places {
        // Code is cut by its symbols; a jump into the middle of it makes it no other's.
        let cuts = if place.class == Class::Code { &[][..] } else { &referred };
        owners.cells.extend(cells::of(layout, place, cuts).into_iter().map(|cell| (place, cell)));
    }
    owners.collect_users();
    owners.rows()
}

/// A compiled module that lies in a program, with what belongs to it: how long it is, and the rest of its last page.
struct Module {
    start: u64,
    end: u64,
    name: String,
}

/// The compiled modules of a layout: of what `minplat-compile --emit obj` makes, the whole part.
fn modules(layout: &Layout) -> Vec<Module> {
    let module = |symbol: &Symbol| {
        let own = (symbol.start, symbol.start + symbol.size);
        let part = layout.parts.iter().find(|part| part.start <= own.0 && own.1 <= part.start + part.size);
        let (start, end) = part.map_or(own, |part| (part.start, part.start + part.size));
        let name = Name::of(&symbol.name).generic;
        Module { start, end, name: name.strip_suffix("_start").unwrap_or(&name).to_string() }
    };
    layout.symbols.iter().filter(|symbol| symbol.module).map(module).collect()
}

struct Owners<'a> {
    layout: &'a Layout,
    inlined: Option<&'a Inlined>,
    names: Vec<Name>,
    modules: Vec<Module>,
    cells: Vec<(&'a Place, Cell)>,
    /// The places that refer to a cell.
    users: HashMap<usize, Vec<u64>>,
}

impl Owners<'_> {
    fn cell_at(&self, address: u64) -> Option<usize> {
        let nth = self.cells.partition_point(|(_, cell)| cell.end <= address);
        self.cells.get(nth).filter(|(_, cell)| cell.start <= address).map(|_| nth)
    }

    fn collect_users(&mut self) {
        let mut users: HashMap<usize, Vec<u64>> = HashMap::new();
        for (from, to) in &self.layout.references {
            if let Some(nth) = self.cell_at(*to) {
                users.entry(nth).or_default().push(*from);
            }
        }
        self.users = users;
    }

    fn rows(&self) -> Vec<Row> {
        let mut all: BTreeMap<(String, Class, String, String), Sum> = BTreeMap::new();
        for nth in 0..self.cells.len() {
            let (place, cell) = &self.cells[nth];
            let class = if cell.kind == Kind::Padding { Class::Padding } else { place.class };
            for owned in self.owned(nth) {
                let sum = all.entry((place.name.clone(), class, owned.owner, owned.key)).or_default();
                sum.items.push(owned.item);
                sum.instances.insert(owned.instance);
                sum.bytes += owned.bytes;
                sum.users.extend(owned.users);
            }
        }
        let row = |((section, class, owner, _), sum): (_, Sum)| Row {
            section,
            class,
            owner,
            item: Name::of_all(sum.items.iter().map(String::as_str)),
            count: sum.instances.len() as u64,
            bytes: sum.bytes,
            users: sum.users.into_iter().collect(),
        };
        let mut rows: Vec<_> = all.into_iter().map(row).collect();
        rows.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| (&a.owner, &a.item).cmp(&(&b.owner, &b.item))));
        rows
    }

    /// A cell, in the pieces that have different owners.
    fn owned(&self, nth: usize) -> Vec<Owned> {
        let (place, cell) = &self.cells[nth];
        let one = |owner: &str, key: String, item: String| Owned {
            owner: owner.into(),
            key,
            item,
            bytes: cell.end - cell.start,
            instance: cell.start,
            users: BTreeSet::new(),
        };
        // What the linker made is a section, or a part of one that a script puts together.
        let section = match &cell.kind {
            Kind::Part(part) => table(&place.name).or_else(|| table(&self.layout.parts[*part].section)),
            Kind::Padding => None,
            _ => table(&place.name),
        };
        if let Some((owner, item)) = section {
            return vec![one(owner, item.into(), item.into())];
        }
        if let Some(module) = self.modules.iter().find(|module| (module.start..module.end).contains(&cell.start)) {
            return vec![Owned { instance: module.start, ..one(MODULES, module.name.clone(), module.name.clone()) }];
        }
        match &cell.kind {
            Kind::Padding => vec![one(PADDING, String::new(), "between parts".into())],
            Kind::Unknown => vec![self.constant(nth, one(UNATTRIBUTED, String::new(), "no symbol covers it".into()))],
            Kind::Symbols(symbols) => self.symbols(place, cell, nth, symbols, one),
            Kind::Part(part) => {
                let part = &self.layout.parts[*part];
                match function_of_section(&part.section) {
                    Some((symbol, what)) => {
                        let name = Name::of(symbol);
                        let owner = self.krate(&name, &part.section, symbol);
                        vec![one(&owner, format!("{}{what}", name.key), format!("{}{what}", name.generic))]
                    }
                    None => {
                        let file = format!(
                            "{} of {}",
                            part.section,
                            if part.file.is_empty() { "the object" } else { &part.file }
                        );
                        // One that the compiler made up, `.rodata..Lanon…`, may be any crate's that was optimised with this one.
                        let krate = part.krate().filter(|_| !part.section.contains("..L"));
                        vec![self.constant(nth, one(krate.unwrap_or(UNATTRIBUTED), file.clone(), file))]
                    }
                }
            }
        }
    }

    fn symbols(
        &self,
        place: &Place,
        cell: &Cell,
        nth: usize,
        symbols: &[usize],
        one: impl Fn(&str, String, String) -> Owned,
    ) -> Vec<Owned> {
        let names: Vec<_> = symbols.iter().map(|symbol| &self.names[*symbol]).collect();
        let symbol = &self.layout.symbols[symbols[0]];
        if symbol.name.starts_with(OUTLINED_PREFIX) {
            let mut owned = one(OUTLINED, symbol.name.clone(), symbol.name.clone());
            owned.users = self.functions_that_use(nth);
            return vec![owned];
        }
        let different = names.iter().any(|name| name.key != names[0].key);
        if different && place.class == Class::Code && !self.one_function(symbols) {
            let mut owned = one(FOLDED, names[0].full.clone(), names[0].generic.clone());
            owned.users = names.iter().map(|name| name.full.clone()).collect();
            return vec![owned];
        }
        let name = names[0];
        let owner = if symbol.assigned { SCRIPT.to_string() } else { self.krate(name, "", &symbol.name) };
        let Some(inlined) = self.inlined.filter(|_| place.class == Class::Code) else {
            return vec![one(&owner, name.key.clone(), name.generic.clone())];
        };
        let mut all = Vec::new();
        let mut at = cell.start;
        let own =
            |start: u64, end: u64| Owned { bytes: end - start, ..one(&owner, name.key.clone(), name.generic.clone()) };
        for span in inlined.within(cell.start, cell.end) {
            if span.start > at {
                all.push(own(at, span.start));
            }
            let function = &inlined.functions[span.function];
            all.push(Owned {
                owner: function.owner.clone(),
                key: function.name.key.clone(),
                item: function.name.generic.clone(),
                bytes: span.end - span.start,
                // Far from the addresses of other instances.
                instance: u64::MAX - span.instance as u64,
                users: BTreeSet::new(),
            });
            at = span.end;
        }
        if at < cell.end {
            all.push(own(at, cell.end));
        }
        all
    }

    /// Whether symbols of one place are several names of one function: `memcpy` and what it is called inside.
    fn one_function(&self, symbols: &[usize]) -> bool {
        let plain = symbols.iter().filter(|symbol| self.names[**symbol].krate.is_none()).count();
        plain > 0 && symbols.len() - plain <= 1
    }

    /// A constant without a name belongs to who refers to it; `unknown` is what it is if nobody does.
    fn constant(&self, nth: usize, unknown: Owned) -> Owned {
        let (place, cell) = &self.cells[nth];
        let mut functions = BTreeSet::new();
        let mut owners = BTreeSet::new();
        // A piece that nothing refers to goes on with what is before it; or is the beginning of what is behind it.
        let same = |other: &usize| self.cells[*other].1.kind == cell.kind && self.cells[*other].0.index == place.index;
        let before = (0..=nth).rev().take_while(same);
        for near in before.chain((nth..self.cells.len()).take_while(same)) {
            self.follow(near, &mut BTreeSet::new(), &mut owners, &mut functions);
            if !owners.is_empty() {
                break;
            }
        }
        match (owners.len(), functions.len()) {
            (0, _) => unknown,
            (1, 1) => {
                let function = functions.pop_first().unwrap_or_default();
                let key = format!("constants of {function}");
                Owned { owner: owners.pop_first().unwrap_or_default(), item: key.clone(), key, ..unknown }
            }
            (1, _) => {
                let key = "constants of several functions".to_string();
                Owned { owner: owners.pop_first().unwrap_or_default(), item: key.clone(), key, ..unknown }
            }
            _ => {
                let key = format!("constants of {}", owners.iter().cloned().collect::<Vec<_>>().join(", "));
                Owned {
                    owner: SHARED.into(),
                    item: "constants of several crates".into(),
                    key,
                    users: owners,
                    ..unknown
                }
            }
        }
    }

    /// Collects the crates and functions that refer to a cell, through other constants too.
    fn follow(
        &self,
        nth: usize,
        seen: &mut BTreeSet<usize>,
        owners: &mut BTreeSet<String>,
        functions: &mut BTreeSet<String>,
    ) {
        if !seen.insert(nth) {
            return;
        }
        for from in self.users.get(&nth).into_iter().flatten() {
            let Some(user) = self.cell_at(*from) else { continue };
            let (place, cell) = &self.cells[user];
            let Kind::Symbols(symbols) = &cell.kind else {
                match &cell.kind {
                    Kind::Part(part) if function_of_section(&self.layout.parts[*part].section).is_some() => {
                        for owned in self.owned(user) {
                            owners.insert(owned.owner);
                            functions.insert(owned.item);
                        }
                    }
                    _ => self.follow(user, seen, owners, functions),
                }
                continue;
            };
            let symbol = &self.layout.symbols[symbols[0]];
            if symbol.name.starts_with(OUTLINED_PREFIX) {
                self.follow(user, seen, owners, functions);
                continue;
            }
            let inner = self.inlined.filter(|_| place.class == Class::Code);
            match inner.and_then(|inlined| {
                inlined.within(*from, *from + 1).next().map(|span| &inlined.functions[span.function])
            }) {
                Some(function) => {
                    owners.insert(function.owner.clone());
                    functions.insert(function.name.generic.clone());
                }
                None => {
                    let name = &self.names[symbols[0]];
                    owners.insert(self.krate(name, "", &symbol.name));
                    functions.insert(name.generic.clone());
                }
            }
        }
    }

    /// The functions that jump to a cell, those behind other shared code too.
    fn functions_that_use(&self, nth: usize) -> BTreeSet<String> {
        let mut all = BTreeSet::new();
        let mut seen = BTreeSet::from([nth]);
        let mut waiting = vec![nth];
        while let Some(nth) = waiting.pop() {
            for from in self.users.get(&nth).into_iter().flatten() {
                let Some(user) = self.cell_at(*from) else { continue };
                let Kind::Symbols(symbols) = &self.cells[user].1.kind else { continue };
                if self.layout.symbols[symbols[0]].name.starts_with(OUTLINED_PREFIX) {
                    if seen.insert(user) {
                        waiting.push(user);
                    }
                } else {
                    all.insert(self.names[symbols[0]].generic.clone());
                }
            }
        }
        all
    }

    /// The crate of a name; where it does not say, that of the part that it is in, or the file.
    fn krate(&self, name: &Name, section: &str, symbol: &str) -> String {
        if let Some(krate) = &name.krate {
            return krate.clone();
        }
        let origins = &self.layout.origins;
        let known = [section, symbol].into_iter().find_map(|key| origins.get(key));
        known.cloned().unwrap_or_else(|| "(not Rust)".into())
    }
}

/// Whose a section is that compiler and linker make for all.
fn table(section: &str) -> Option<(&'static str, &'static str)> {
    let linking =
        [".dynsym", ".dynstr", ".dynamic", ".hash", ".got", ".plt", ".interp", ".rel.dyn", ".rela.dyn", ".rela.plt"];
    let unwinding = [".eh_frame", ".eh_frame_hdr", ".gcc_except_table", ".ARM.exidx", ".ARM.extab"];
    match section {
        _ if unwinding.contains(&section) => Some(("(unwind tables)", "what unwinds the stack")),
        _ if linking.contains(&section) || section.starts_with(".gnu.") || section.starts_with(".got.") => {
            Some(("(dynamic linking)", "what a loader reads"))
        }
        ".relro_padding" => Some((PADDING, "to the end of a page")),
        _ if section.starts_with(".note") => Some(("(notes)", "notes on the build")),
        _ => None,
    }
}

/// The function that a section without a symbol is of, and what of it: `.rodata._R…` is a table of jumps.
fn function_of_section(section: &str) -> Option<(&str, &'static str)> {
    if let Some(table) = section.strip_prefix(".rodata..Lswitch.table.") {
        // A number follows.
        let function = table.rsplit_once('.').filter(|(_, n)| n.bytes().all(|b| b.is_ascii_digit()));
        return Some((function.map_or(table, |(function, _)| function), " (table of a match)"));
    }
    let kinds = [
        (".text.unlikely.", ""),
        (".text.", ""),
        (".rodata.", " (table of jumps)"),
        (".data.rel.ro.", ""),
        (".data.", ""),
        (".bss.", ""),
    ];
    let (rest, what) = kinds.into_iter().find_map(|(prefix, what)| Some((section.strip_prefix(prefix)?, what)))?;
    let named = rest.starts_with("_R") || rest.starts_with("_ZN") || rest.starts_with("minplat_");
    named.then_some((rest, what))
}

#[cfg(test)]
mod tests {
    use object::SectionIndex;

    use super::*;
    use crate::map::Part;

    fn layout(symbols: &[(u64, u64, &str)], references: &[(u64, u64)]) -> Layout {
        let index = SectionIndex(1);
        let place =
            Place { index, name: ".text".into(), class: Class::Code, start: 0x100, size: 0x40, writable: false };
        let symbol = |(start, size, name): &(u64, u64, &str)| Symbol {
            index,
            start: *start,
            size: *size,
            name: (*name).into(),
            assigned: false,
            module: name.ends_with("_start"),
        };
        Layout {
            places: vec![place],
            symbols: symbols.iter().map(symbol).collect(),
            references: references.to_vec(),
            ..Layout::default()
        }
    }

    #[test]
    fn what_is_shared_names_its_users() {
        let (one, other, third) = ("_RNvCs1_1a3one", "_RNvCs1_1b5other", "_RNvCs1_1c5third");
        let symbols =
            [(0x100, 0x10, one), (0x100, 0x10, other), (0x110, 0x20, third), (0x130, 0x10, "OUTLINED_FUNCTION_7")];
        let rows = rows(&layout(&symbols, &[(0x118, 0x130), (0x104, 0x130)]), None);
        let row =
            |owner: &str| rows.iter().find(|row| row.owner == owner).unwrap_or_else(|| panic!("{owner}: {rows:?}"));
        assert_eq!(
            (row(FOLDED).bytes, row(FOLDED).users.as_slice()),
            (0x10, &["a::one".to_string(), "b::other".into()][..])
        );
        // Both functions that jump there, the folded one by its first name.
        assert_eq!(row(OUTLINED).users, ["a::one", "c::third"]);
        assert_eq!(row("c").bytes, 0x20);
        assert_eq!(rows.iter().map(|row| row.bytes).sum::<u64>(), 0x40);
    }

    #[test]
    fn a_module_is_one_row_with_its_size_and_the_rest_of_its_page() {
        let symbols = [(0x100, 0x20, "add_start"), (0x120, 0, "add_end"), (0x120, 8, "add_size")];
        let mut layout = layout(&symbols, &[]);
        let (file, section, output) = ("0.o".into(), ".rodata.add".into(), ".text".into());
        layout.parts = vec![Part { start: 0x100, size: 0x40, file, section, output }];
        let rows = rows(&layout, None);
        assert_eq!((rows.len(), rows[0].owner.as_str(), rows[0].item.as_str()), (1, MODULES, "add"), "{rows:?}");
        assert_eq!((rows[0].bytes, rows[0].count), (0x40, 1));
    }

    #[test]
    fn several_names_of_one_c_function_are_one() {
        let rows = rows(&layout(&[(0x100, 0x40, "__aeabi_memcpy"), (0x100, 0x40, "memcpy")], &[]), None);
        assert_eq!((rows.len(), rows[0].owner.as_str(), rows[0].bytes), (1, "(not Rust)", 0x40));
    }
}
