//! A compiled module: bytes of its file, by ELF section, by function, and the trailer.

use anyhow::{Context, Result};
use minplat_compiler::functions::{self, Function};
use minplat_compiler::image::Image;

use crate::model::{By, Class, FORMAT, PADDING, Report, Row, Section};

/// Where the headers of the ELF count.
const HEADERS: &str = "ELF headers";
/// Where the trailer counts.
const TRAILER: &str = "trailer";

/// Reports on the file of a compiled module.
///
/// # Errors
/// It is damaged, or of another Wasmtime.
pub(crate) fn report(name: &str, bytes: &[u8]) -> Result<Report> {
    let image = Image::parse(bytes).context("it cannot be read")?;
    let contents = image.contents()?;
    let mut rows = Vec::new();
    let mut sections = vec![section(HEADERS, Class::Constants, 0)];
    let mut row = |section: &str, class, owner: &str, item: String, bytes: u64| {
        if bytes > 0 {
            rows.push(Row {
                section: section.into(),
                class,
                owner: owner.into(),
                item,
                count: 1,
                bytes,
                users: Vec::new(),
            });
        }
    };
    let headers = image.elf.section_headers.clone();
    row(HEADERS, Class::Constants, "(headers)", "of the file".into(), image.elf.header_len);
    row(HEADERS, Class::Constants, "(headers)", "of the sections".into(), headers.end - headers.start);
    // What lies in the file, in its order: what is in nothing is padding before what follows.
    let mut laid: Vec<(u64, u64, usize)> = vec![(0, image.elf.header_len, 0), (headers.start, headers.end, 0)];
    sections[0].bytes = image.elf.header_len + (headers.end - headers.start);
    for part in &image.elf.sections {
        if part.data.is_empty() {
            continue;
        }
        let class = if part.name == ".text" { Class::Code } else { Class::Constants };
        sections.push(section(part.name, class, part.data.len() as u64));
        laid.push((part.offset, part.offset + part.data.len() as u64, sections.len() - 1));
        if class == Class::Code {
            code(&contents.functions, part.size, &mut row);
        } else {
            row(part.name, class, "(metadata)", purpose(part.name).into(), part.data.len() as u64);
        }
    }
    laid.sort_unstable();
    let mut at = 0;
    for (start, end, nth) in laid {
        let gap = start.saturating_sub(at);
        if gap > 0 {
            let before = if nth == 0 { "the headers of sections" } else { &sections[nth].name };
            row(&sections[nth].name, Class::Padding, PADDING, format!("before {before}"), gap);
            sections[nth].bytes += gap;
        }
        at = at.max(end);
    }
    let behind = bytes.len() as u64 - at;
    if behind > 0 {
        sections.push(section(TRAILER, Class::Constants, behind));
        let length = image.seal.as_ref().map_or(image.bytes.len(), |seal| seal.length) as u64;
        let trailer = length.saturating_sub(image.bytes.len() as u64);
        row(
            TRAILER,
            Class::Constants,
            "(metadata)",
            "platform, digests, room for a signature".into(),
            trailer.min(behind),
        );
        row(TRAILER, Class::Padding, PADDING, "behind the artifact".into(), behind - trailer.min(behind));
    }
    for section in &mut sections {
        section.flash = section.bytes;
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.bytes));
    let total = bytes.len() as u64;
    let of = image.seal.as_ref().map_or_else(|| "a bare Wasmtime".to_string(), |seal| seal.platform.clone());
    Ok(Report {
        format: FORMAT,
        name: name.into(),
        what: format!("compiled for {of}"),
        by: By::Symbol,
        owner: "part".into(),
        total,
        beside: Vec::new(),
        flash: total,
        ram: 0,
        sections,
        rows,
        method: vec![
            "Counted is every byte of the file; each is in one row, and rows add up to the file's length.".into(),
            "A function is what Wasmtime's table of functions says it is; what lies between two is padding, and what lies before a \
             section counts with it. Flash is the file in place; a module that is copied takes as much RAM again."
                .into(),
        ],
    })
}

fn section(name: &str, class: Class, bytes: u64) -> Section {
    Section { name: name.into(), class, bytes, flash: 0, ram: 0 }
}

fn code(functions: &[Function], size: u64, row: &mut impl FnMut(&str, Class, &str, String, u64)) {
    let mut at = 0;
    let mut padding = 0;
    for function in functions {
        let (start, end) = (u64::from(function.start), u64::from(function.start) + u64::from(function.size));
        let (start, end) = (start.clamp(at, size), end.clamp(at, size));
        padding += start - at;
        row(".text", Class::Code, owner(function.kind), function.label(), end - start);
        at = end;
    }
    row(".text", Class::Padding, PADDING, "between functions".into(), padding + size - at);
}

fn owner(kind: functions::Kind) -> &'static str {
    match kind {
        functions::Kind::Wasm => "functions of the module",
        functions::Kind::FromHost => "entries from the host",
        functions::Kind::ToHost => "calls of the host",
        functions::Kind::ToRuntime => "calls of the runtime",
        functions::Kind::Startup => "start-up of an instance",
        functions::Kind::Component => "glue of the component",
        functions::Kind::Other => "other functions",
    }
}

/// What a section is for.
fn purpose(name: &str) -> &'static str {
    match name {
        ".wasmtime.engine" => "settings that must agree",
        ".wasmtime.info" => "types, imports, exports, table of functions",
        ".wasmtime.addrmap" => "address map: machine code to wasm offsets",
        ".wasmtime.traps" => "which instruction traps, and why",
        ".wasmtime.exceptions" => "exception tables",
        ".rodata.wasm" => "data segments",
        ".name.wasm" => "names of functions",
        ".symtab" | ".strtab" => "symbols",
        ".shstrtab" => "names of sections",
        ".eh_frame" => "unwind information",
        _ => "what Wasmtime keeps there",
    }
}
