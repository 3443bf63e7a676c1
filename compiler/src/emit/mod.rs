//! The forms in which an artifact can be written besides a `.cwasm`: for linkers, and for Rust programs.

pub mod elf_target;
pub mod header;
pub mod obj;
pub mod rust;

/// A file's stem as a part of a C or Rust name: letters, digits and underscores, no digit first, and not underscores alone.
/// Letters of other alphabets are their code points, so that different stems stay different.
pub fn identifier(stem: &str) -> String {
    let mut name = String::new();
    for c in stem.chars() {
        match c {
            c if c.is_ascii_alphanumeric() => name.push(c),
            c if c.is_ascii() => name.push('_'),
            c => name.push_str(&format!("u{:04x}", u32::from(c))),
        }
    }
    if name.trim_matches('_').is_empty() {
        name.push_str("module");
    }
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        name.insert(0, '_');
    }
    name
}

#[cfg(test)]
mod tests {
    use super::identifier;

    #[test]
    fn every_stem_gives_a_name() {
        for (stem, name) in [("foo-2", "foo_2"), ("2d", "_2d"), ("é", "u00e9"), ("_", "_module"), ("", "module")] {
            assert_eq!(identifier(stem), name);
        }
    }
}
