//! Names a file for what it is, by its first bytes, so that a mistaken input gets a better answer than a parser's.

use minplat_format::image_length;
use wasmtime_environ::obj;

/// What a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A WebAssembly module in binary form.
    Module,
    /// A WebAssembly component in binary form.
    Component,
    /// Text that begins as WebAssembly text does.
    Wat,
    /// A compiled module (or component): Wasmtime's ELF, with or without minplat's trailer.
    Cwasm,
    /// The same, packed for transport.
    Packed,
    /// No bytes at all.
    Empty,
    /// Anything else, in words that follow "is".
    Other(String),
}

/// Says what `bytes` are; never fails.
pub fn kind(bytes: &[u8]) -> Kind {
    match bytes {
        [] => Kind::Empty,
        [0, b'a', b's', b'm', 1, 0, 0, 0, ..] => Kind::Module,
        [0, b'a', b's', b'm', _, 0, 1, 0, ..] => Kind::Component,
        [0, b'a', b's', b'm', rest @ ..] => Kind::Other(match rest {
            [a, b, c, d, ..] => {
                format!("WebAssembly of the unknown binary version {}", u32::from_le_bytes([*a, *b, *c, *d]))
            }
            _ => "WebAssembly cut off after its first bytes".into(),
        }),
        [0x7f, b'E', b'L', b'F', ..] => elf(bytes),
        _ if minplat_format::is_packed(bytes) => Kind::Packed,
        _ => other(bytes),
    }
}

fn elf(bytes: &[u8]) -> Kind {
    if bytes.get(7) == Some(&obj::ELFOSABI_WASMTIME) {
        return Kind::Cwasm;
    }
    let what = match (bytes.get(5), bytes.get(16), bytes.get(17)) {
        (Some(1), Some(&low), _) | (Some(2), _, Some(&low)) => match low {
            1 => "an ELF object file",
            2 | 3 => "an ELF program or shared library",
            _ => "an ELF file",
        },
        _ => "the start of an ELF file",
    };
    let note = if image_length(bytes).is_err() { ", damaged or cut off" } else { "" };
    Kind::Other(format!("{what} for an operating system{note}"))
}

fn other(bytes: &[u8]) -> Kind {
    const MAGIC: &[(&[u8], &str)] = &[
        (b"\x1f\x8b", "compressed with gzip"),
        (b"\x28\xb5\x2f\xfd", "compressed with zstd"),
        (b"\xfd7zXZ\0", "compressed with xz"),
        (b"BZh", "compressed with bzip2"),
        (b"PK\x03\x04", "a zip archive"),
        (b"!<arch>\n", "a static library (ar archive)"),
        (b"\0aot", "an artifact of WAMR's compiler (.aot)"),
        (b"BC\xc0\xde", "LLVM bitcode"),
        (b"MZ", "a Windows program"),
        (b"\xcf\xfa\xed\xfe", "a Mach-O file"),
        (b"\x89PNG", "a PNG picture"),
        (b"%PDF", "a PDF document"),
        (b"\xff\xfe", "text in UTF-16"),
        (b"\xfe\xff", "text in UTF-16"),
    ];
    if let Some((_, what)) = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Kind::Other((*what).into());
    }
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => text_kind(text),
        Err(error) if looks_like_wat(&bytes[..error.valid_up_to()]) => Kind::Wat,
        _ => Kind::Other("binary data of an unknown kind".into()),
    }
}

fn looks_like_wat(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| skip_comments(text).starts_with('('))
}

fn text_kind(text: &str) -> Kind {
    let rest = skip_comments(text);
    if rest.starts_with('(') {
        return Kind::Wat;
    }
    // A file of comments alone is an empty module.
    if rest.is_empty() && !text.trim().is_empty() {
        return Kind::Wat;
    }
    Kind::Other(match rest.chars().next() {
        None => "blank".into(),
        Some('<') => "text, perhaps HTML or XML, not WebAssembly".into(),
        Some('{' | '[') => "text, perhaps JSON, not WebAssembly".into(),
        Some('#') if rest.starts_with("#!") => "a script".into(),
        Some(_) => {
            let line: String = rest.lines().next().unwrap_or_default().chars().take(40).collect();
            format!("text, but not WebAssembly text (it begins {line:?})")
        }
    })
}

/// The text without the white space and comments before its first token.
fn skip_comments(mut text: &str) -> &str {
    text = text.strip_prefix('\u{feff}').unwrap_or(text);
    loop {
        text = text.trim_start();
        if let Some(rest) = text.strip_prefix(";;") {
            text = rest.split_once('\n').map_or("", |(_, rest)| rest);
        } else if text.starts_with("(;") {
            let Some(end) = block_comment(text) else { return text };
            text = &text[end..];
        } else {
            return text;
        }
    }
}

/// Where the (nesting) block comment at the start of `text` ends.
fn block_comment(text: &str) -> Option<usize> {
    let (bytes, mut depth, mut i) = (text.as_bytes(), 0usize, 0);
    while i + 1 < bytes.len() {
        match &bytes[i..i + 2] {
            b"(;" => (depth, i) = (depth + 1, i + 2),
            b";)" => {
                (depth, i) = (depth - 1, i + 2);
                if depth == 0 {
                    return Some(i);
                }
            }
            _ => i += 1,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_for_what_they_are() {
        assert_eq!(kind(b""), Kind::Empty);
        assert_eq!(kind(b"\0asm\x01\0\0\0"), Kind::Module);
        assert_eq!(kind(b"\0asm\x0d\0\x01\0"), Kind::Component);
        assert_eq!(kind(b"  ;; hi\n(; a (; b ;) ;) (module)"), Kind::Wat);
        assert_eq!(kind(b";; nothing"), Kind::Wat);
        assert_eq!(kind(b"(module \xff)"), Kind::Wat);
        for (bytes, words) in [
            (&b"\0asm\x07\0\0\0"[..], "unknown binary version 7"),
            (b"\0as", "unknown kind"),
            (b"\0asm", "cut off"),
            (b"\x1f\x8b\x08", "gzip"),
            (b"\0aot\x01", "WAMR"),
            (b"\x7fELF", "start of an ELF"),
            (b"int main(void) {", "begins \"int main(void) {\""),
            (b" \n", "blank"),
            (b"#!/bin/sh", "script"),
            (b"<html>", "HTML"),
            (b"\xff\x00\x10", "unknown kind"),
        ] {
            let Kind::Other(said) = kind(bytes) else { panic!("{bytes:?} was taken for input") };
            assert!(said.contains(words), "{said}");
        }
    }
}
