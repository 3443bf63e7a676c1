//! `--symbolize`: addresses, or a pasted backtrace, to functions, wasm offsets and source lines.

use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::Context;
use minplat_compiler::Refusal;
use minplat_compiler::image::Image;
use minplat_compiler::input;
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
    let (_, bytes) = input::file(debug)?;
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

/// The address in a line of a backtrace: a place in the code if it names one (`text offset 0x1f`), else one in the wasm file
/// (`wasm offset 0x1f`, and what Wasmtime itself prints), else the line's first hexadecimal number.
fn in_line(line: &str) -> Option<Address> {
    // minplat-host's hint repeats the addresses of the lines before it.
    if line.contains("--symbolize") {
        return None;
    }
    let is_separator = |c: char| c.is_whitespace() || "()[]{},;@<>".contains(c);
    let words: Vec<&str> = line.split(is_separator).filter(|word| !word.is_empty()).collect();
    let before = |i: usize, back: usize| i.checked_sub(back).map(|i| words[i].trim_end_matches([':', '=']));
    let hex = |i: usize| words[i].starts_with("0x").then(|| parse(words[i])).flatten();
    // From behind: what stands first may be the name of a function.
    let named = |space: &str| {
        (0..words.len()).rev().find_map(|i| {
            let after = match before(i, 1) {
                Some("offset") => before(i, 2) == Some(space),
                word => word == Some(space),
            };
            if after { hex(i) } else { parse(words[i]).filter(|_| words[i].starts_with(space)) }
        })
    };
    if let Some(address) = named("text") {
        return Some(address);
    }
    if let Some(Address::Wasm(n) | Address::Text(n)) = named("wasm") {
        return Some(Address::Wasm(n));
    }
    // `  0:   0x1f - module!function`
    if let [number, _, "-", ..] = words[..]
        && number.strip_suffix(':').is_some_and(|number| number.parse::<u32>().is_ok())
        && let Some(Address::Text(n)) = hex(1)
    {
        return Some(Address::Wasm(n));
    }
    // An address of the machine's, or of the guest's memory, is none of the code.
    (0..words.len()).filter(|i| before(*i, 1) != Some("address")).find_map(hex)
}

fn text(place: &Place) -> String {
    let mut parts = Vec::new();
    if let Some(function) = &place.function {
        let into = place.into_function.map_or_else(String::new, |into| format!(" + {into:#x}"));
        parts.push(format!("{function}{into}"));
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
    }

    /// The very lines of minplat-host; its transcripts hold the same.
    #[test]
    fn what_the_host_prints_is_read() {
        let read = |line| in_line(line);
        assert_eq!(read("error: divide: trap 7: integer divide by zero"), None);
        assert_eq!(read("wasm backtrace, innermost first:"), None);
        let line = "  0: function 3 quotient, wasm offset 0xa4, text offset 0x143";
        assert_eq!(read(line), Some(Address::Text(0x143)));
        let line = "  1: function 2 down of wrong, wasm offset 0x70, text offset 0x89 (and 18 more times)";
        assert_eq!(read(line), Some(Address::Text(0x89)));
        assert_eq!(read("  0: function 3 quotient, wasm offset 0xa4"), Some(Address::Wasm(0xa4)));
        assert_eq!(read("  0: function 3, text offset 0x143"), Some(Address::Text(0x143)));
        assert_eq!(read("  0: function 3 quotient"), None);
        // A guest may call its functions what it likes.
        let line = "  0: function 3 text offset 0x1, wasm offset 0xa4, text offset 0x143";
        assert_eq!(read(line), Some(Address::Text(0x143)));
        let hint = "to see it in the source: minplat-inspect FILE.cwasm --symbolize FILE.debug 0x143 0x209";
        assert_eq!(read(hint), None);
        assert_eq!(read("  at address 0x10, which is libminplat.so+0x1f"), None);
    }

    #[test]
    fn what_others_print_is_read() {
        // Wasmtime's `WasmBacktrace`: offsets in the wasm file.
        assert_eq!(in_line("    0:     0xa4 - <unknown>!quotient"), Some(Address::Wasm(0xa4)));
        assert_eq!(in_line("   12:   0x12ab - mine!divide"), Some(Address::Wasm(0x12ab)));
        // What --symbolize takes on the command line, and a log of one's own.
        assert_eq!(in_line("text:0x20 wasm:0x41"), Some(Address::Text(32)));
        assert_eq!(in_line("fib wasm=0x41"), Some(Address::Wasm(65)));
        assert_eq!(in_line("pc 0x20"), Some(Address::Text(32)));
    }
}
