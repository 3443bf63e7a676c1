//! The debug file of an artifact: what the device need not carry. It stays on the desk and turns addresses into
//! functions, wasm offsets and source lines (`minplat-inspect --symbolize`).
//!
//! It is an ELF for the platform's machine: a `.text` without bytes whose symbols are the functions, so that a native
//! debugger can load it too; Wasmtime's address map; the guest's DWARF, under names with `.wasm` before them because its
//! addresses are wasm's; and `.minplat.debug`, lines of `key=value` that tie it to one artifact by digest.

use anyhow::{Context, bail, ensure};
use object::write::{Object, StandardSegment, Symbol, SymbolSection};
use object::{BinaryFormat, Endianness, SectionKind, SymbolFlags, SymbolKind, SymbolScope};
use sha2::{Digest, Sha256};
use wasmtime_environ::obj::ELF_WASMTIME_ADDRMAP;
use wasmtime_environ::wasmparser::{Parser, Payload, WasmFeatures};

use crate::compile::{Compiled, Compiler};
use crate::emit::elf_target::ElfTarget;
use crate::functions::Kind;
use crate::image::Image;
use crate::input::Input;
use crate::refusal::Refusal;

/// The section that ties the file to its artifact.
pub(crate) const IDENTITY: &str = ".minplat.debug";
/// What stands before the names of the guest's own debug sections.
pub(crate) const GUEST: &str = ".wasm";

/// SHA-256 of an artifact's image, in hexadecimal: what a debug file belongs to.
pub(crate) fn digest(image: &[u8]) -> String {
    hex(&Sha256::digest(image))
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Makes the debug file of `compiled`, which was compiled from `input`. Where the platform gives its artifacts no
/// address map, the module is compiled once more with one.
///
/// # Errors
/// `input` is a component, the second compilation gave other code, or the artifact cannot be read back.
pub fn make(compiler: &Compiler, input: &Input, compiled: &Compiled) -> anyhow::Result<Vec<u8>> {
    let image = compiled.image()?;
    let contents = image.contents()?;
    let Some(code_section_offset) = contents.code_section_offset else {
        let refusal = Refusal::new(&input.name, "is a component, and debug files are made for core modules");
        bail!(
            refusal.remedy("compile it without --debug-file: backtraces on the device name functions and wasm offsets")
        );
    };
    let text = image.text().context("the artifact has no code section")?;
    let again;
    let map = match image.elf.section(ELF_WASMTIME_ADDRMAP) {
        Some(section) => section.data,
        None => {
            again = compiler.image_with_address_map(&input.name, &input.wasm)?;
            let with_map = Image::parse(&again)?;
            ensure!(
                with_map.text().map(|t| t.data) == Some(text.data),
                "{}: compiling again for the address map gave other code; set compile.address-map = true in the platform file",
                input.name
            );
            let Some(section) = with_map.elf.section(ELF_WASMTIME_ADDRMAP) else {
                bail!("{}: no address map was made", input.name)
            };
            section.data
        }
    };

    let target = ElfTarget::of(compiler.platform());
    let mut object = Object::new(BinaryFormat::Elf, target.architecture, Endianness::Little);
    object.flags = object::FileFlags::Elf { os_abi: 0, abi_version: 0, e_flags: target.flags };
    let identity = format!(
        "version=1\nimage={}\nwasm={}\nplatform={}\nname={}\ncode_section_offset={}\n",
        digest(image.bytes),
        hex(&Sha256::digest(&input.wasm)),
        compiler.platform().name(),
        input.name,
        code_section_offset,
    );
    let mut section = |name: &str, kind, data: &[u8]| {
        let segment = object.segment_name(StandardSegment::Debug).to_vec();
        let id = object.add_section(segment, name.as_bytes().to_vec(), kind);
        object.append_section_data(id, data, 1);
    };
    section(IDENTITY, SectionKind::Other, identity.as_bytes());
    section(ELF_WASMTIME_ADDRMAP, SectionKind::Other, map);
    for (name, data) in guest_dwarf(input)? {
        section(&format!("{GUEST}{name}"), SectionKind::Other, &data);
    }

    // No bytes, but a size and an address: what symbols need.
    let segment = object.segment_name(StandardSegment::Text).to_vec();
    let code = object.add_section(segment, b".text".to_vec(), SectionKind::UninitializedData);
    object.append_section_bss(code, text.size, text.align);
    for function in &contents.functions {
        object.add_symbol(Symbol {
            name: symbol(function.kind, function.index, function.name.as_deref()).into_bytes(),
            value: u64::from(function.start),
            size: u64::from(function.size),
            kind: SymbolKind::Text,
            scope: SymbolScope::Compilation,
            weak: false,
            section: SymbolSection::Section(code),
            flags: SymbolFlags::None,
        });
    }
    object.write().context("writing the debug file")
}

/// A function as a symbol; [`parse_symbol`] reads it back.
fn symbol(kind: Kind, index: Option<u32>, name: Option<&str>) -> String {
    let kind = match kind {
        Kind::Wasm => "wasm",
        Kind::FromHost => "from-host",
        Kind::ToHost => "to-host",
        Kind::ToRuntime => "to-runtime",
        Kind::Startup => "startup",
        Kind::Component => "component",
        Kind::Other => "other",
    };
    let index = index.map_or_else(String::new, |index| index.to_string());
    format!("{kind}[{index}]::{}", name.unwrap_or_default())
}

/// Kind, index and name of a function from its symbol.
pub(crate) fn parse_symbol(symbol: &str) -> Option<(Kind, Option<u32>, Option<String>)> {
    let (kind, rest) = symbol.split_once('[')?;
    let (index, name) = rest.split_once("]::")?;
    let kind = match kind {
        "wasm" => Kind::Wasm,
        "from-host" => Kind::FromHost,
        "to-host" => Kind::ToHost,
        "to-runtime" => Kind::ToRuntime,
        "startup" => Kind::Startup,
        "component" => Kind::Component,
        "other" => Kind::Other,
        _ => return None,
    };
    Some((kind, index.parse().ok(), Some(name.to_string()).filter(|name| !name.is_empty())))
}

/// The guest's DWARF: its own, or for text the lines of that text.
fn guest_dwarf(input: &Input) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let lines;
    let wasm = match &input.text {
        // The artifact was compiled from the module without these sections, which change no offset before them.
        Some(text) => {
            lines = wat::Parser::new()
                .generate_dwarf(wat::GenerateDwarf::Lines)
                .parse_str(Some(std::path::Path::new(&input.name)), text)
                .context("reading the text once more for its line numbers")?;
            &lines
        }
        None => &input.wasm,
    };
    let mut parser = Parser::new(0);
    parser.set_features(WasmFeatures::all());
    let mut found = Vec::new();
    for payload in parser.parse_all(wasm) {
        if let Payload::CustomSection(custom) = payload.context("reading the module's debug sections")?
            && custom.name().starts_with(".debug_")
        {
            found.push((custom.name().to_string(), custom.data().to_vec()));
        }
    }
    Ok(found)
}
