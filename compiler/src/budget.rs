//! What an artifact must not exceed, by its platform file; and what grew where it does.

use std::collections::BTreeMap;

use minplat_platform::{Budget, Platform};

use crate::functions::Function;
use crate::image::Image;
use crate::refusal::Refusal;

/// How many functions are named.
const LARGEST: usize = 3;

/// Compares `stored` bytes, what is written of `artifact`, with `budget.module` of its platform. `before` gives the artifact in whose
/// place it would come, packed or not. `name` is used in messages.
///
/// # Errors
/// It is larger: by how much, what takes most, and what grew.
pub fn check(
    platform: &Platform,
    name: &str,
    (artifact, stored): (&[u8], usize),
    before: impl FnOnce() -> Option<Vec<u8>>,
) -> Result<(), Refusal> {
    let Some(limit) = platform.budget(Budget::Module).filter(|limit| stored as u64 > *limit) else { return Ok(()) };
    let mut problem = format!(
        "its artifact is too large: {stored} bytes{}, and budget.module is {limit}, {} less",
        if stored == artifact.len() { String::new() } else { format!(" of {} before packing", artifact.len()) },
        stored as u64 - limit,
    );
    if let Some(parts) = Parts::of(artifact) {
        problem += &parts.largest();
        if let Some(before) = before() {
            problem += &format!("\n  the file in its place has {} bytes", before.len());
            let expanded = minplat_format::unpack_any(&before).unwrap_or(before);
            problem += &Parts::of(&expanded).map_or_else(String::new, |before| parts.grown(&before));
        }
    }
    let remedy = "minplat-size module tells what saves how much; or raise budget.module in the platform file";
    Err(Refusal::new(name, problem).remedy(remedy))
}

/// What an artifact consists of, before packing: bytes by name.
struct Parts {
    /// Sections, and the trailer, where custom sections that are kept lie.
    parts: BTreeMap<String, u64>,
    functions: Vec<Function>,
}

impl Parts {
    /// None for what is no artifact of this Wasmtime.
    fn of(artifact: &[u8]) -> Option<Self> {
        let image = Image::parse(artifact).ok()?;
        let sections = image.elf.sections.iter().map(|section| (section.name.to_string(), section.size));
        let trailer = ("trailer".to_string(), (artifact.len() - image.bytes.len()) as u64);
        Some(Self { parts: sections.chain([trailer]).collect(), functions: image.contents().ok()?.functions })
    }

    fn largest(&self) -> String {
        let mut parts: Vec<_> = self.parts.iter().filter(|(_, size)| **size > 0).collect();
        parts.sort_by_key(|(_, size)| std::cmp::Reverse(**size));
        let mut functions: Vec<_> = self.functions.iter().collect();
        functions.sort_by_key(|function| std::cmp::Reverse(function.size));
        let parts: Vec<_> = parts.iter().map(|(name, size)| format!("{name} {size}")).collect();
        let functions =
            functions.iter().take(LARGEST).map(|function| format!("{} {}", function.label(), function.size));
        let functions: Vec<_> = functions.collect();
        format!("\n  its parts: {}\n  its largest functions: {}", parts.join(", "), functions.join(", "))
    }

    fn grown(&self, before: &Self) -> String {
        let more = |(name, size): (&String, &u64)| {
            let before = before.parts.get(name).copied().unwrap_or(0);
            (*size > before).then(|| format!("{name} by {}", size - before))
        };
        let more: Vec<_> = self.parts.iter().filter_map(more).collect();
        match more.is_empty() {
            true => "; none of its parts is smaller".into(),
            false => format!("; these grew since: {}", more.join(", ")),
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
        let plain = Platform::load("x86_64-minplat", &[]).unwrap();
        let (small, large) = (artifact(&plain, 1), artifact(&plain, 9));
        let refusal = |stored, limit, before: Option<&[u8]>| {
            let platform = Platform::load("x86_64-minplat", &[format!("budget.module={limit}")]).unwrap();
            let before = || before.map(<[u8]>::to_vec);
            check(&platform, "m.wat", (&large, stored), before).err().map(|error| error.to_string())
        };
        let over = |before| refusal(large.len(), large.len() - 5, before).expect("too large");
        assert_eq!(refusal(large.len(), large.len(), None), None);
        let said = over(None);
        for part in ["m.wat: ", "5 less", "its parts: ", ".text ", "trailer ", "largest functions: ", "minplat-size"] {
            assert!(said.contains(part), "{part}: {said}");
        }
        assert!(!said.contains("in its place") && !said.contains("packing"), "{said}");
        let packed = crate::packing::pack(&plain, &small).unwrap();
        for before in [&small, &packed] {
            let said = over(Some(before));
            let bytes = format!("the file in its place has {} bytes", before.len());
            assert!(
                said.contains("these grew since: ") && said.contains(".text by ") && said.contains(&bytes),
                "{said}"
            );
        }
        assert!(over(Some(&large)).contains("none of its parts is smaller"));
        assert!(over(Some(b"no artifact")).contains("has 11 bytes"));
        let said = refusal(700, 600, None).expect("too large");
        assert!(said.contains(&format!("700 bytes of {} before packing", large.len())), "{said}");
    }
}
