//! Without a question: what the artifact is and what is in it.

use std::collections::BTreeMap;

use minplat_compiler::Refusal;
use minplat_compiler::component::{ComponentShape, Item};
use minplat_compiler::debug_file::hex;
use minplat_compiler::functions::{Function, Kind};
use minplat_compiler::image::{Contents, Image, Outside};
use minplat_compiler::shape::Shape;
use minplat_platform::features;
use serde_json::{Value, json};

use crate::args::Args;

/// How many functions are listed without `-v`.
const LARGEST: usize = 10;

/// The overview as text or JSON.
pub(crate) fn run(args: &Args, name: &str, bytes: &[u8], image: &Image<'_>) -> anyhow::Result<String> {
    let contents = image.contents().map_err(|e| Refusal::new(name, format!("{e:#}")))?;
    if args.json {
        return Ok(format!("{:#}\n", object(name, bytes, image, &contents)));
    }
    let mut out = head(name, bytes, image);
    out += &outside(&contents);
    out += &kept(image);
    out += &sections(image);
    out += &functions(&contents, image, args.verbose);
    if args.verbose {
        out += "\nsettings\n";
        for (setting, value) in minplat_compiler::check::recorded(&image.engine) {
            let key = minplat_compiler::check::key_of(&setting).map_or(String::new(), |key| format!("  ({key})"));
            out += &format!("  {setting} = {value}{key}\n");
        }
        for (setting, value) in &image.engine.free {
            out += &format!("  {setting} = {value}  (need not agree)\n");
        }
    }
    Ok(out)
}

fn head(name: &str, bytes: &[u8], image: &Image<'_>) -> String {
    let engine = &image.engine;
    let what = if image.is_component() { "component" } else { "module" };
    let mut out = format!("{name}: a {what} compiled to {}\n", code(engine.machine().0.as_str()));
    match &image.seal {
        Some(seal) => {
            out += &format!("  platform     {}\n  fingerprint  {}\n", seal.platform, hex(&seal.fingerprint));
            out += &format!("  digest       {} (verified)\n", hex(&seal.digest));
        }
        None => out += "  platform     none: a bare Wasmtime compiled it; devices load what minplat-compile wrote\n",
    }
    out += &format!("  wasmtime     {}\n  target       {}\n", engine.version, engine.target);
    let cpu = cpu(image);
    out += &format!("  cpu          {}\n", if cpu.is_empty() { "no features".into() } else { cpu.join(", ") });
    out += &format!("  may use      {}\n", may_use(image).join(", "));
    let trailer = image.seal.as_ref().map_or(0, |seal| seal.length - image.bytes.len());
    out += &format!("  bytes        {} (image {}, trailer {trailer}", bytes.len(), image.bytes.len());
    out += &if image.behind > 0 { format!(", {} behind it)\n", image.behind) } else { ")\n".into() };
    out
}

fn code(architecture: &str) -> String {
    match architecture {
        "pulley32" | "pulley64" => format!("bytecode ({architecture})"),
        other => format!("machine code ({other})"),
    }
}

fn cpu(image: &Image<'_>) -> Vec<String> {
    let name = |flag: &str| {
        let known = minplat_platform::cpu::CPU_FEATURES.iter().find(|f| f.flag == flag);
        known.map_or(flag, |f| f.name).to_string()
    };
    image.engine.cpu_flags().into_iter().map(name).collect()
}

fn may_use(image: &Image<'_>) -> Vec<String> {
    let names = image.engine.feature_names();
    names.iter().filter_map(|flag| features::by_flag(flag)).map(|feature| feature.key.to_string()).collect()
}

fn outside(contents: &Contents) -> String {
    match &contents.outside {
        Outside::Module(module) => module_outside(module),
        Outside::Component(component) => component_outside(component),
    }
}

fn component_outside(component: &ComponentShape) -> String {
    let mut out = String::new();
    for (title, items) in [("imports", &component.imports), ("exports", &component.exports)] {
        out += &format!("\n{title}: {}\n", items.len());
        items.iter().for_each(|item| list(item, 1, &mut out));
    }
    out += &format!("\ncore modules: {}\n", component.modules.len());
    for (index, module) in component.modules.iter().enumerate() {
        let name = module.name.as_ref().map_or_else(String::new, |name| format!(" {name}"));
        out += &format!(
            "  {index}{name}: {} imports, {} exports, {} memories\n",
            module.imports.len(),
            module.exports.len(),
            module.memories.len()
        );
    }
    out
}

/// An item, and what is in it, each deeper.
fn list(item: &Item, depth: usize, out: &mut String) {
    *out += &format!("{:1$}{2}  {3}\n", "", depth * 2, item.name, item.r#type);
    item.items.iter().for_each(|below| list(below, depth + 1, out));
}

fn module_outside(module: &Shape) -> String {
    let mut out = String::new();
    if let Some(name) = &module.name {
        out += &format!("\nmodule {name}\n");
    }
    for (title, count) in [("imports", module.imports.len()), ("exports", module.exports.len())] {
        out += &format!("\n{title}: {count}\n");
        if title == "imports" {
            for import in &module.imports {
                out += &format!("  {}.{}  {}\n", import.module, import.name, import.r#type);
            }
        } else {
            for export in &module.exports {
                out += &format!("  {}  {}\n", export.name, export.r#type);
            }
        }
    }
    out += &format!("\nmemories: {}\n", module.memories.len());
    for memory in &module.memories {
        let size = |bytes: Option<u64>| bytes.map_or("no limit".into(), |bytes| format!("{bytes} bytes"));
        out += &format!(
            "  {}{}: {} at first, {} at most{}{}\n",
            memory.index,
            if memory.imported { " (imported)" } else { "" },
            size(memory.minimum_bytes),
            size(memory.maximum_bytes),
            if memory.is_64 { ", 64-bit addresses" } else { "" },
            if memory.shared { ", shared" } else { "" },
        );
    }
    if module.startup {
        out += "  instantiation runs code\n";
    }
    out
}

/// The custom sections that were kept; nothing where there are none, as in most artifacts.
fn kept(image: &Image<'_>) -> String {
    if image.kept.bytes().is_empty() {
        return String::new();
    }
    let mut out = "\ncustom sections kept            size\n".to_string();
    for section in image.kept {
        out += &format!("  {:<26} {:>8}\n", section.name, section.data.len());
    }
    out
}

/// Sections with the padding before each; every byte of the file is in one row.
fn sections(image: &Image<'_>) -> String {
    let mut out = "\nbytes by section                 size  padding before\n".to_string();
    for (name, size, padding) in rows(image) {
        out += &format!("  {name:<26} {size:>8} {padding:>8}\n");
    }
    out
}

/// Name, bytes, and padding before it, of everything in the artifact, in file order.
fn rows(image: &Image<'_>) -> Vec<(String, u64, u64)> {
    let headers = image.elf.section_headers.clone();
    let mut parts = vec![("ELF header".to_string(), 0, image.elf.header_len)];
    parts.extend(image.elf.sections.iter().map(|s| (s.name.to_string(), s.offset, s.data.len() as u64)));
    parts.push(("section headers".into(), headers.start, headers.end - headers.start));
    let image_len = image.bytes.len() as u64;
    if let Some(seal) = &image.seal {
        let trailer = image_len.next_multiple_of(minplat_format::trailer::ALIGN as u64);
        parts.push(("trailer".into(), trailer, (seal.length as u64).saturating_sub(trailer)));
    }
    parts.sort_by_key(|(_, offset, size)| (*offset, *size));
    let mut end = 0u64;
    let rows = parts.into_iter().map(|(name, offset, size)| {
        let padding = if size == 0 { 0 } else { offset.saturating_sub(end) };
        if size > 0 {
            end = offset + size;
        }
        (name, size, padding)
    });
    rows.collect()
}

fn functions(contents: &Contents, image: &Image<'_>, all: bool) -> String {
    let mut by_kind: BTreeMap<&str, (usize, u64)> = BTreeMap::new();
    for function in &contents.functions {
        let entry = by_kind.entry(kind(function.kind)).or_default();
        *entry = (entry.0 + 1, entry.1 + u64::from(function.size));
    }
    let code: u64 = by_kind.values().map(|(_, bytes)| bytes).sum();
    let text = image.text().map_or(0, |t| t.data.len() as u64);
    let mut out = "\nbytes of code                   count     bytes\n".to_string();
    for (kind, (count, bytes)) in &by_kind {
        out += &format!("  {kind:<28} {count:>6} {bytes:>9}\n");
    }
    out += &format!("  {:<28} {:>6} {:>9}\n", "padding and constants", "", text.saturating_sub(code));

    let mut sorted: Vec<&Function> = contents.functions.iter().collect();
    sorted.sort_by_key(|f| (std::cmp::Reverse(f.size), f.start));
    let shown = if all { sorted.len() } else { sorted.len().min(LARGEST) };
    let which = if shown < sorted.len() {
        format!(", the largest {shown} of {} (-v: all)", sorted.len())
    } else {
        String::new()
    };
    out += &format!("\nfunctions{which}\n");
    for function in &sorted[..shown] {
        out += &format!("  {:>8} at {:#08x}  {}\n", function.size, function.start, function.label());
    }
    out
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Wasm => "functions of the module",
        Kind::FromHost => "entries from the host",
        Kind::ToHost => "calls of the host",
        Kind::ToRuntime => "calls of the runtime",
        Kind::Startup => "start-up of an instance",
        Kind::Component => "glue of the component",
        Kind::Other => "other",
    }
}

fn object(name: &str, bytes: &[u8], image: &Image<'_>, contents: &Contents) -> Value {
    let sections: Vec<_> = rows(image)
        .into_iter()
        .map(|(name, size, padding)| json!({ "name": name, "bytes": size, "padding_before": padding }))
        .collect();
    let kept: Vec<_> = image.kept.map(|section| json!({ "name": section.name, "bytes": section.data.len() })).collect();
    let mut object = json!({
        "file": name,
        "platform": image.seal.as_ref().map(|seal| &seal.platform),
        "fingerprint": image.seal.as_ref().map(|seal| hex(&seal.fingerprint)),
        "digest": image.seal.as_ref().map(|seal| hex(&seal.digest)),
        "wasmtime": image.engine.version,
        "target": image.engine.target,
        "cpu": cpu(image),
        "may_use": may_use(image),
        "bytes": bytes.len(),
        "image_bytes": image.bytes.len(),
        "behind_bytes": image.behind,
        "kept_sections": kept,
        "sections": sections,
        "functions": contents.functions,
        "settings": minplat_compiler::check::recorded(&image.engine),
    });
    match &contents.outside {
        Outside::Module(shape) => object["module"] = json!(shape),
        Outside::Component(shape) => object["component"] = json!(shape),
    }
    object
}
