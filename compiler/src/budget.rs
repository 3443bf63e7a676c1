//! What an artifact must not exceed, by its platform file; and what grew where it does.

use std::collections::BTreeMap;

use minplat_platform::Platform;

use crate::functions::Function;
use crate::image::Image;
use crate::refusal::Refusal;

/// How many functions are named.
const LARGEST: usize = 3;

/// Compares `stored` bytes, what is written of `artifact`, with `budget.module` of its platform. `before` is the file in whose
/// place it would come, packed or not. `name` is used in messages.
///
/// # Errors
/// It is larger: by how much, what takes most, and what grew.
pub fn check(
    platform: &Platform,
    name: &str,
    artifact: &[u8],
    stored: usize,
    before: Option<&[u8]>,
) -> Result<(), Refusal> {
    let Some(limit) = platform.budget("module").filter(|limit| stored as u64 > *limit) else { return Ok(()) };
    let parts = Parts::of(artifact);
    let mut problem = format!(
        "its artifact is too large: {stored} bytes, and budget.module is {limit}, {} less{}",
        stored as u64 - limit,
        parts.as_ref().map_or_else(String::new, Parts::largest),
    );
    let before = before.map(|bytes| match minplat_format::unpack_any(bytes) {
        Ok(expanded) => Parts::of(&expanded),
        Err(_) => Parts::of(bytes),
    });
    if let (Some(now), Some(Some(before))) = (&parts, before) {
        problem += &now.grown(&before);
    }
    Err(Refusal::new(name, problem).remedy(format!(
        "see what saves how much: minplat-size module {name} -p {}; or raise it, as in --set budget.module={}KiB",
        platform.name(),
        stored.div_ceil(1024)
    )))
}

/// What an artifact consists of: bytes by name.
struct Parts {
    sections: BTreeMap<String, u64>,
    functions: Vec<Function>,
}

impl Parts {
    /// None for what is no artifact of this Wasmtime.
    fn of(artifact: &[u8]) -> Option<Self> {
        let image = Image::parse(artifact).ok()?;
        let sections = image.elf.sections.iter().map(|section| (section.name.to_string(), section.size)).collect();
        Some(Self { sections, functions: image.contents().ok()?.functions })
    }

    fn largest(&self) -> String {
        let mut sections: Vec<_> = self.sections.iter().filter(|(_, size)| **size > 0).collect();
        sections.sort_by_key(|(_, size)| std::cmp::Reverse(**size));
        let mut functions: Vec<_> = self.functions.iter().collect();
        functions.sort_by_key(|function| std::cmp::Reverse(function.size));
        let sections = sections.iter().map(|(name, size)| format!("{name} {size}"));
        let functions =
            functions.iter().take(LARGEST).map(|function| format!("{} {}", function.label(), function.size));
        let [sections, functions] = [sections.collect::<Vec<_>>(), functions.collect()].map(|parts| parts.join(", "));
        format!("\n  its sections: {sections}\n  its largest functions: {functions}")
    }

    fn grown(&self, before: &Self) -> String {
        let more = |(name, size): (&String, &u64)| {
            let before = before.sections.get(name).copied().unwrap_or(0);
            (*size > before).then(|| format!("{name} by {}", size - before))
        };
        let more: Vec<_> = self.sections.iter().filter_map(more).collect();
        match more.is_empty() {
            true => "\n  the file in its place is no smaller".into(),
            false => format!("\n  since the file in its place, these grew: {}", more.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile::{Options, compile};

    /// A module with `count` functions that cannot be made one.
    fn artifact(platform: &Platform, count: usize) -> Vec<u8> {
        let function = |n| format!("(func (export \"f{n}\") (result i32) (i32.const {n}))");
        let text = format!("(module {})", (0..count).map(function).collect::<String>());
        compile(platform, &wat::parse_str(text).unwrap(), Options::default()).unwrap().artifact
    }

    #[test]
    fn what_is_larger_is_refused_with_what_grew() {
        let of = |limit: usize| Platform::load("x86_64-minplat", &[format!("budget.module={limit}")]).unwrap();
        let plain = Platform::load("x86_64-minplat", &[]).unwrap();
        let (small, large) = (artifact(&plain, 1), artifact(&plain, 9));
        let check = |limit, before| check(&of(limit), "m.wat", &large, large.len(), before);
        assert!(check(large.len(), None).is_ok());
        let said = check(large.len() - 5, None).unwrap_err().to_string();
        for part in ["m.wat: ", "5 less", "its sections: ", ".text ", "its largest functions: ", "minplat-size module"]
        {
            assert!(said.contains(part), "{part}: {said}");
        }
        assert!(!said.contains("in its place"), "{said}");
        let packed = crate::packing::pack(&plain, &small).unwrap();
        for before in [&small, &packed] {
            let said = check(large.len() - 5, Some(before)).unwrap_err().to_string();
            assert!(said.contains("these grew: ") && said.contains(".text by "), "{said}");
        }
        let said = check(large.len() - 5, Some(&large)).unwrap_err().to_string();
        assert!(said.contains("no smaller"), "{said}");
        assert!(check(large.len() - 5, Some(b"no artifact")).is_err());
    }
}
