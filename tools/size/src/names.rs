//! From a linker symbol to a crate and a function: the crate that a function was written in, and one name for all instances of
//! a generic.

use rustc_demangle::try_demangle;

/// What a symbol says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    /// The crate that the function was written in; none for a symbol that is not Rust's.
    pub(crate) krate: Option<String>,
    /// The function, `_` for what it was instantiated with.
    pub(crate) generic: String,
    /// The function as it was instantiated.
    pub(crate) full: String,
    /// Equal for the instances of one generic.
    pub(crate) key: String,
}

impl Name {
    /// Of a mangled symbol; one that is not mangled is its own name.
    pub(crate) fn of(symbol: &str) -> Self {
        // What LLVM adds to tell copies apart; a symbol of Rust's has no dot otherwise.
        let base = if symbol.starts_with("_R") { symbol.split('.').next().unwrap_or(symbol) } else { symbol };
        let Ok(demangled) = try_demangle(base) else {
            let plain = symbol.to_string();
            return Self { krate: None, generic: plain.clone(), full: plain.clone(), key: plain };
        };
        let full = format!("{demangled:#}");
        let generic = fold(&full);
        let (krate, place) = match base.strip_prefix("_R").and_then(|path| Path::new(path).root(0)) {
            Some(root) => (Some(root.krate), root.place),
            None => (first_crate(&full), None),
        };
        // Instances of `impl<T> Trait for &T` have different texts, but one place.
        let key = match (&place, after_self(&generic)) {
            (Some(place), Some(rest)) => format!("{place} {rest}"),
            _ => generic.clone(),
        };
        Self { krate, generic, full, key }
    }

    /// The name of several instances: where they are methods of different types, none of those.
    pub(crate) fn of_all<'a>(mut names: impl Iterator<Item = &'a str>) -> String {
        let first = names.next().unwrap_or_default();
        if names.all(|name| name == first) {
            return first.to_string();
        }
        match after_self(first) {
            Some(rest) => format!("<_{rest}"),
            None => first.to_string(),
        }
    }
}

/// The text with each list of generic arguments as `<_>`.
fn fold(text: &str) -> String {
    let mut out = String::new();
    let mut depth = 0usize;
    let mut before = ' ';
    for c in text.chars() {
        let argument = before.is_alphanumeric() || before == '_' || before == ':' || before == '}';
        match c {
            '<' if depth > 0 => depth += 1,
            '<' if argument => {
                depth = 1;
                out.push_str("<_>");
            }
            // Of `->` and `=>`.
            '>' if depth > 0 && before != '-' && before != '=' => depth -= 1,
            _ if depth == 0 => out.push(c),
            _ => {}
        }
        before = c;
    }
    out
}

/// Of `<A as B>::c`, what follows `A`: ` as B>::c`. Of `<A>::c`, `>::c`.
fn after_self(text: &str) -> Option<&str> {
    let mut depth = 0usize;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        match c {
            '<' | '(' | '[' => depth += 1,
            '>' if before == '-' || before == '=' => {}
            '>' if depth == 1 => return Some(&text[at..]),
            ')' | ']' | '>' => depth = depth.checked_sub(1)?,
            ' ' if depth == 1 && text[at..].starts_with(" as ") => return Some(&text[at..]),
            _ if at == 0 => return None,
            _ => {}
        }
        before = c;
    }
    None
}

/// The first crate that a demangled text names: of `<&T as core::fmt::Display>::fmt`, the trait's.
fn first_crate(text: &str) -> Option<String> {
    let text = after_self(text).map_or(text, |rest| rest.strip_prefix(" as ").unwrap_or(text));
    let start = text.find(|c: char| c.is_alphanumeric() || c == '_')?;
    let word: String = text[start..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    text[start + word.len()..].starts_with("::").then_some(word)
}

/// Where a function was written.
struct Root {
    krate: String,
    /// For a method: which `impl` block.
    place: Option<String>,
}

/// The beginning of a path in Rust's mangling (RFC 2603, version 0), as far as the crate and the `impl` block: `rustc-demangle`
/// gives text alone, and the text of a method does not tell them.
struct Path<'a> {
    text: &'a str,
}

impl<'a> Path<'a> {
    fn new(text: &'a str) -> Self {
        Self { text }
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    /// Follows the path at `at` to its crate. None for a method that a trait has itself (`Y`): its text says whose it is.
    fn root(&self, mut at: usize) -> Option<Root> {
        let mut place = None;
        for _ in 0..64 {
            match self.byte(at)? {
                b'C' => {
                    let (_, name_at) = self.disambiguator(at + 1)?;
                    let krate = self.ident(name_at)?.to_string();
                    return Some(Root { place: place.map(|at| format!("{at} of {krate}")), krate });
                }
                b'N' => at += 2,
                b'I' => at += 1,
                kind @ (b'M' | b'X') => {
                    let (number, path) = self.disambiguator(at + 1)?;
                    // Of a block inside of a function, the text has to do.
                    place = self.module(path).map(|module| format!("{}{number} in {module}", char::from(kind)));
                    at = path;
                }
                b'B' => at = self.number(at + 1)?.0,
                _ => return None,
            }
        }
        None
    }

    /// The text of a path of modules: it has no generic arguments, so its end is found by its names.
    fn module(&self, at: usize) -> Option<String> {
        match self.byte(at)? {
            b'C' => {
                let (_, name) = self.disambiguator(at + 1)?;
                Some(self.ident(name)?.to_string())
            }
            b'B' => self.module(self.number(at + 1)?.0.min(at.checked_sub(1)?)),
            b'N' => {
                let inner = self.module(at + 2)?;
                let (_, name) = self.disambiguator(self.end(at + 2)?)?;
                Some(format!("{inner}::{}", self.ident(name)?))
            }
            _ => None,
        }
    }

    /// The place behind a path of modules.
    fn end(&self, at: usize) -> Option<usize> {
        match self.byte(at)? {
            b'B' => Some(self.number(at + 1)?.1),
            b'C' => self.ident_end(self.disambiguator(at + 1)?.1),
            b'N' => self.ident_end(self.disambiguator(self.end(at + 2)?)?.1),
            _ => None,
        }
    }

    /// `s` and a number, or nothing; and the place behind it.
    fn disambiguator(&self, at: usize) -> Option<(usize, usize)> {
        if self.byte(at)? != b's' {
            return Some((0, at));
        }
        self.number(at + 1).map(|(number, end)| (number + 1, end))
    }

    /// A number to the base 62, and the place behind it.
    fn number(&self, at: usize) -> Option<(usize, usize)> {
        let mut value = 0usize;
        let mut end = at;
        loop {
            let digit = match self.byte(end)? {
                b'_' => return Some((if end == at { 0 } else { value.checked_add(1)? }, end + 1)),
                c @ b'0'..=b'9' => c - b'0',
                c @ b'a'..=b'z' => c - b'a' + 10,
                c @ b'A'..=b'Z' => c - b'A' + 36,
                _ => return None,
            };
            value = value.checked_mul(62)?.checked_add(usize::from(digit))?;
            end += 1;
        }
    }

    fn ident(&self, at: usize) -> Option<&'a str> {
        let (start, end) = self.ident_range(at)?;
        self.text.get(start..end)
    }

    fn ident_end(&self, at: usize) -> Option<usize> {
        self.ident_range(at).map(|(_, end)| end)
    }

    fn ident_range(&self, at: usize) -> Option<(usize, usize)> {
        let at = if self.byte(at)? == b'u' { at + 1 } else { at };
        let digits = self.text.get(at..)?.bytes().take_while(u8::is_ascii_digit).count();
        let length: usize = self.text.get(at..at + digits)?.parse().ok()?;
        let start = at + digits;
        let start = if self.byte(start) == Some(b'_') { start + 1 } else { start };
        (start + length <= self.text.len()).then_some((start, start + length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(symbol: &str) -> (String, String) {
        let name = Name::of(symbol);
        (name.krate.unwrap_or_default(), name.generic)
    }

    #[test]
    fn a_function_belongs_to_the_crate_that_it_was_written_in() {
        let instance = "_RINvCs1Tx6zy4F7H0_17cranelift_bforest12slice_insertNtB2_4NodeECseNc4PDijhzE_12minplat_capi";
        assert_eq!(of(instance), ("cranelift_bforest".into(), "cranelift_bforest::slice_insert::<_>".into()));
        // LLVM's copy of it.
        assert_eq!(of(&format!("{instance}.1047")), of(instance));
        // A method belongs to the crate of its `impl`, not of its type or trait.
        let method = "_RNvXs6_NtCseNc4PDijhzE_12minplat_capi5errorNtB5_8ReturnedNtNtCs1e3HXDw1xuL_4core3fmt5Debug3fmt";
        assert_eq!(
            of(method),
            ("minplat_capi".into(), "<minplat_capi::error::Returned as core::fmt::Debug>::fmt".into())
        );
        // What a trait has itself is its crate's.
        let given = "_RNvYNtNtCs5Gff1pAUEPB_8wasmtime7runtime1TNtNtCs1e3HXDw1xuL_4core3fmt5Write9write_fmt";
        assert_eq!(of(given).0, "core");
        assert_eq!(of("memcpy"), (String::new(), "memcpy".into()));
        assert_eq!(of("_ZN4core3fmt5write17h0123456789abcdefE").0, "core");
    }

    #[test]
    fn instances_of_one_generic_have_one_key() {
        let one = "_RNvXs1i_NtCs1e3HXDw1xuL_4core3fmtRNtNtNtCs5Gff1pAUEPB_8wasmtime7runtime5types8HeapTypeNtB6_7Display3fmtCseNc4PDijhzE_12minplat_capi";
        let other = one.replace("8HeapType", "9ValueType");
        let (one, other) = (Name::of(one), Name::of(&other));
        assert_ne!(one.generic, other.generic);
        assert_eq!(one.key, other.key);
        assert_eq!(one.krate.as_deref(), Some("core"));
        assert_eq!(Name::of_all([one.generic.as_str(), &other.generic].into_iter()), "<_ as core::fmt::Display>::fmt");
    }

    #[test]
    fn generic_arguments_are_folded_and_types_are_not() {
        assert_eq!(fold("<alloc::vec::Vec<u8>>::push"), "<alloc::vec::Vec<_>>::push");
        assert_eq!(fold("a::b::<fn(u8) -> u8>::{closure#0}"), "a::b::<_>::{closure#0}");
        assert_eq!(fold("<&A<B<C>> as D<E>>::f"), "<&A<_> as D<_>>::f");
        assert_eq!(after_self("<&A<_> as D<_>>::f"), Some(" as D<_>>::f"));
        assert_eq!(after_self("a::b"), None);
    }
}
