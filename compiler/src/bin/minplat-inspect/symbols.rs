//! `--symbolize`: addresses, or a pasted backtrace, to functions, wasm offsets and source lines.

use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::Context;
use minplat_compiler::Refusal;
use minplat_compiler::image::Image;
use minplat_compiler::symbolize::{Place, Source, Symbolizer};

use crate::args::Args;

/// An address as it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Address {
    /// An offset in `.text`.
    Text(u32),
    /// An offset in the wasm file.
    Wasm(u32),
}

/// The places as text or JSON.
pub(crate) fn run(args: &Args, image: &Image<'_>, debug: &Path, addresses: &[PathBuf]) -> anyhow::Result<String> {
    let bytes = crate::read(debug)?;
    let symbolizer = Symbolizer::open(&bytes, image)
        .map_err(|error| Refusal::new(debug.display().to_string(), format!("{error:#}")))?;
    let mut given = Vec::new();
    if addresses.is_empty() || addresses.iter().any(|a| a.as_os_str() == "-") {
        let mut text = String::new();
        std::io::stdin().lock().read_to_string(&mut text).context("cannot read standard input")?;
        given.extend(text.lines().map(|line| (line.to_string(), in_line(line))));
    }
    for address in addresses.iter().filter(|a| a.as_os_str() != "-") {
        let text = address.display().to_string();
        let parsed = parse(&text).with_context(|| {
            format!("{text}: no address: give an offset in the code as 0x1f, or in the wasm file as wasm:0x1f")
        })?;
        given.push((text, Some(parsed)));
    }
    let lookup = |address| match address {
        Address::Text(offset) => symbolizer.text(offset),
        Address::Wasm(offset) => symbolizer.wasm(offset),
    };
    if args.json {
        let places: Vec<_> = given
            .into_iter()
            .filter_map(|(line, address)| {
                let place = lookup(address?);
                Some(serde_json::json!({ "given": line.trim(), "place": place }))
            })
            .collect();
        return Ok(format!("{:#}\n", serde_json::Value::from(places)));
    }
    let mut out = String::new();
    for (line, address) in given {
        out += &line;
        out.push('\n');
        if let Some(address) = address {
            out += &text(&lookup(address));
        }
    }
    Ok(out)
}

/// `0x1f`, `31`, `text:0x1f`, `wasm:0x1f`.
fn parse(text: &str) -> Option<Address> {
    let (number, wasm) = match text.split_once([':', '+', '=']) {
        Some(("wasm", number)) => (number, true),
        Some(("text", number)) => (number, false),
        Some(_) => return None,
        None => (text, false),
    };
    let value = match number.strip_prefix("0x") {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => number.parse().ok()?,
    };
    Some(if wasm { Address::Wasm(value) } else { Address::Text(value) })
}

/// The address in a line of a backtrace: a place in the code if it names one, else one in the wasm file, else the
/// line's first hexadecimal number.
fn in_line(line: &str) -> Option<Address> {
    let is_separator = |c: char| c.is_whitespace() || "()[]{},;@<>".contains(c);
    let words: Vec<&str> = line.split(is_separator).filter(|word| !word.is_empty()).collect();
    let mut found = Vec::new();
    for (i, word) in words.iter().enumerate() {
        let before = i.checked_sub(1).map(|i| words[i].trim_end_matches([':', '=']));
        match (parse(word), before) {
            (Some(address), _) if word.starts_with("text") || word.starts_with("wasm") => found.push(address),
            (Some(Address::Text(n)), Some("wasm")) if word.starts_with("0x") => found.push(Address::Wasm(n)),
            (Some(address), _) if word.starts_with("0x") => found.push(address),
            _ => {}
        }
    }
    let text = found.iter().find(|address| matches!(address, Address::Text(_)));
    text.or(found.first()).copied()
}

fn text(place: &Place) -> String {
    let mut parts = Vec::new();
    if let Some(function) = &place.function {
        parts.push(format!("{function} + {:#x}", place.into_function.unwrap_or(0)));
    } else if place.text_offset.is_some() {
        parts.push("in no function".into());
    }
    if let Some(offset) = place.wasm_offset {
        parts.push(format!("wasm {offset:#x}"));
    }
    let mut out = format!("    {}\n", parts.join(", "));
    for source in &place.source {
        out += &format!("      {}\n", source_text(source));
    }
    out
}

fn source_text(source: &Source) -> String {
    let mut text = source.file.clone().unwrap_or_else(|| "unknown file".into());
    for number in [source.line, source.column].into_iter().flatten() {
        text += &format!(":{number}");
    }
    match &source.function {
        Some(function) => format!("{text} in {function}"),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_in_what_people_paste() {
        assert_eq!(parse("0x1f"), Some(Address::Text(31)));
        assert_eq!(parse("31"), Some(Address::Text(31)));
        assert_eq!(parse("wasm:0x10"), Some(Address::Wasm(16)));
        assert_eq!(parse("file:3"), None);
        assert_eq!(in_line("    1: 0x2a - <unknown>!fib"), Some(Address::Text(42)));
        assert_eq!(in_line("  0: fib (text+0x20, wasm 0x41)"), Some(Address::Text(32)));
        assert_eq!(in_line("  0: fib at wasm 0x41"), Some(Address::Wasm(65)));
        assert_eq!(in_line("  0: fib [wasm=0x41]"), Some(Address::Wasm(65)));
        assert_eq!(in_line("error: trap: unreachable"), None);
        assert_eq!(in_line("  3: function 12"), None);
    }
}
