//! From addresses in an artifact's code to functions, wasm offsets and source lines.

use anyhow::{Context, bail, ensure};
use gimli::{EndianSlice, LittleEndian};
use object::{Object, ObjectSection, ObjectSymbol};
use serde::Serialize;
use wasmtime_environ::iterate_address_map;
use wasmtime_environ::obj::ELF_WASMTIME_ADDRMAP;

use crate::debug_file::{self, GUEST, IDENTITY};
use crate::functions::{Function, demangle};
use crate::guard::guard;
use crate::image::Image;

type Reader<'a> = EndianSlice<'a, LittleEndian>;

/// An opened debug file.
pub struct Symbolizer<'a> {
    functions: Vec<Function>,
    /// Offset in `.text`, offset in the wasm file where one is known; each holds up to the next entry.
    address_map: Vec<(u32, Option<u32>)>,
    code_section_offset: u64,
    lines: Option<addr2line::Context<Reader<'a>>>,
}

/// What an address belongs to.
#[derive(Debug, Clone, Serialize)]
pub struct Place {
    /// The offset in `.text` that was asked for; none where a wasm offset was.
    pub text_offset: Option<u32>,
    /// The function, as [`Function::label`] has it.
    pub function: Option<String>,
    /// Bytes from the function's start; none where a wasm offset was asked for.
    pub into_function: Option<u32>,
    /// The offset in the wasm file.
    pub wasm_offset: Option<u32>,
    /// Source places, the innermost inlined call first.
    pub source: Vec<Source>,
}

/// A place in the guest's source.
#[derive(Debug, Clone, Serialize)]
pub struct Source {
    /// The function as its author wrote it.
    pub function: Option<String>,
    /// The file.
    pub file: Option<String>,
    /// The line, counted from 1.
    pub line: Option<u32>,
    /// The column, counted from 1.
    pub column: Option<u32>,
}

impl<'a> Symbolizer<'a> {
    /// Opens a debug file for an artifact.
    ///
    /// # Errors
    /// It is no debug file, is damaged, or belongs to another artifact.
    pub fn open(debug: &'a [u8], image: &Image<'_>) -> anyhow::Result<Self> {
        let file = object::File::parse(debug).context("it is no debug file of minplat-compile (no ELF)")?;
        let data = |name: &str| -> anyhow::Result<&'a [u8]> {
            match file.section_by_name(name) {
                Some(section) => section.data().with_context(|| format!("its section {name} is damaged")),
                None => Ok(&[]),
            }
        };
        let identity = std::str::from_utf8(data(IDENTITY)?).context("its identity is damaged")?;
        let value = |key: &str| identity.lines().find_map(|l| l.strip_prefix(key)?.strip_prefix('='));
        let Some(belongs_to) = value("image") else {
            bail!("it is no debug file of minplat-compile (no section {IDENTITY})")
        };
        let ours = debug_file::digest(image.bytes);
        ensure!(
            belongs_to == ours,
            "it belongs to another artifact (image {}…, this one is {}…): compile both together, with --debug-file",
            &belongs_to[..belongs_to.len().min(16)],
            &ours[..16]
        );
        let code_section_offset = value("code_section_offset").and_then(|n| n.parse().ok()).unwrap_or(0);
        let mut functions: Vec<_> = file
            .symbols()
            .filter_map(|symbol| {
                let (kind, index, name) = debug_file::parse_symbol(symbol.name().ok()?)?;
                let (start, size) = (symbol.address() as u32, symbol.size() as u32);
                Some(Function { module: None, index, name, kind, start, size, wasm_offset: None })
            })
            .collect();
        functions.sort_by_key(|f| f.start);
        let load = |id: gimli::SectionId| -> anyhow::Result<Reader<'a>> {
            Ok(EndianSlice::new(data(&format!("{GUEST}{}", id.name()))?, LittleEndian))
        };
        let lines = match file.section_by_name(&format!("{GUEST}.debug_info")) {
            None => None,
            // Damaged DWARF costs the source lines, not the rest.
            Some(_) => addr2line::Context::from_dwarf(gimli::Dwarf::load(load)?).ok(),
        };
        let map = data(ELF_WASMTIME_ADDRMAP)?;
        let mut address_map: Vec<_> = guard(|| {
            let entries = iterate_address_map(map)?;
            Some(entries.map(|(at, position)| (at, position.file_offset())).collect())
        })?
        .unwrap_or_default();
        address_map.sort_by_key(|(at, _)| *at);
        Ok(Self { functions, address_map, code_section_offset, lines })
    }

    /// What an offset in `.text` belongs to. For a return address ask for the byte before it: the call.
    pub fn text(&self, offset: u32) -> Place {
        let function = self.function(offset);
        let wasm_offset = function.and_then(|function| {
            let after = self.address_map.partition_point(|(at, _)| *at <= offset);
            let (at, position) = self.address_map[after.checked_sub(1)?];
            // An entry of the function before says nothing of this one's first instructions.
            position.filter(|_| at >= function.start)
        });
        Place {
            text_offset: Some(offset),
            function: function.map(Function::label),
            into_function: function.map(|f| offset - f.start),
            source: wasm_offset.map_or_else(Vec::new, |offset| self.source(offset)),
            wasm_offset,
        }
    }

    /// The function around an offset in `.text`.
    fn function(&self, offset: u32) -> Option<&Function> {
        let after = self.functions.partition_point(|f| f.start <= offset);
        after.checked_sub(1).map(|i| &self.functions[i]).filter(|f| offset - f.start < f.size)
    }

    /// What an offset in the wasm file belongs to. The function is known where the address map has that very offset, as it
    /// has those of a backtrace.
    pub fn wasm(&self, offset: u32) -> Place {
        let at = self.address_map.iter().find(|(_, wasm)| *wasm == Some(offset));
        Place {
            text_offset: None,
            function: at.and_then(|(at, _)| self.function(*at)).map(Function::label),
            into_function: None,
            wasm_offset: Some(offset),
            source: self.source(offset),
        }
    }

    /// Source places of a wasm offset; DWARF counts from the start of the code section.
    fn source(&self, wasm_offset: u32) -> Vec<Source> {
        let Some(lines) = &self.lines else { return Vec::new() };
        let Some(address) = u64::from(wasm_offset).checked_sub(self.code_section_offset) else { return Vec::new() };
        let mut places = Vec::new();
        let Ok(mut frames) = lines.find_frames(address).skip_all_loads() else { return places };
        while let Ok(Some(frame)) = frames.next() {
            let name = frame.function.and_then(|f| f.raw_name().ok().map(|name| demangle(&name)));
            let location = frame.location;
            places.push(Source {
                function: name,
                file: location.as_ref().and_then(|l| l.file).map(str::to_string),
                line: location.as_ref().and_then(|l| l.line),
                column: location.as_ref().and_then(|l| l.column).filter(|column| *column != 0),
            });
        }
        // A compilation unit without functions (text) has lines all the same.
        if (places.is_empty() || places.iter().all(|place| place.file.is_none()))
            && let Ok(Some(location)) = lines.find_location(address)
        {
            places = vec![Source {
                function: None,
                file: location.file.map(str::to_string),
                line: location.line,
                column: location.column.filter(|column| *column != 0),
            }];
        }
        places
    }
}
