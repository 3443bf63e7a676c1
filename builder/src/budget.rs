//! What a library must not exceed, by its platform file; and what grew where it does.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Result, bail};
use minplat_platform::{Budget, Platform};
use serde_json::Value;

use crate::sizes::Sizes;

/// A budget of a library.
struct Kind {
    budget: Budget,
    /// What it is of.
    what: &'static str,
    /// How many bytes of the size probe count.
    measure: fn(&Sizes) -> u64,
    /// Whether those of a section do.
    counts: fn(&str) -> bool,
}

const KINDS: [Kind; 3] = [
    Kind { budget: Budget::Library, what: "the library", measure: |sizes| sizes.total, counts: |_| true },
    Kind {
        budget: Budget::Flash,
        what: "what the library takes in flash",
        measure: Sizes::flash,
        counts: |section| !is_zeros(section),
    },
    Kind {
        budget: Budget::Ram,
        what: "what the library takes in RAM before it runs",
        measure: Sizes::ram,
        counts: |section| {
            is_zeros(section) || [".data", ".sdata", ".tdata"].iter().any(|name| section.starts_with(name))
        },
    },
];

fn is_zeros(section: &str) -> bool {
    [".bss", ".sbss", ".tbss"].iter().any(|name| section.starts_with(name))
}

/// All that a platform bounds, by key.
pub(crate) fn limits(platform: &Platform) -> BTreeMap<&'static str, u64> {
    let all = [Budget::Library, Budget::Flash, Budget::Ram, Budget::Module, Budget::Stack];
    all.into_iter().filter_map(|budget| Some((budget.key(), platform.budget(budget)?))).collect()
}

/// A library of before: where it is known from, and the bytes of its size probe's sections.
#[derive(Clone, Debug)]
pub(crate) struct Before {
    whence: &'static str,
    sections: Value,
}

impl Before {
    /// The library that is in place, by its manifest; or the shipped one of this name, by the figures that a checkout keeps.
    pub(crate) fn find(manifest: Option<&Value>, platform: &Platform, checkout: &Path) -> Option<Self> {
        if let Some(sections) = manifest.and_then(|manifest| manifest.pointer("/budgets/library/sizes/sections")) {
            return Some(Self { whence: "the library in its place", sections: sections.clone() });
        }
        let kept: Value = serde_json::from_str(&fs::read_to_string(checkout.join(FIGURES)).ok()?).ok()?;
        let sections = kept.get(platform.name())?.get("sections")?.clone();
        Some(Self { whence: FIGURES, sections })
    }
}

/// What `minplat-size shipped --write` keeps of the shipped libraries, in a checkout.
const FIGURES: &str = "docs/sizes.json";

/// Compares what was measured with the platform's budgets.
///
/// # Errors
/// Some are exceeded: by how much, and which sections grew.
pub(crate) fn check(platform: &Platform, sizes: &Sizes, before: Option<&Before>) -> Result<()> {
    let mut wrong = Vec::new();
    for Kind { budget, what, measure, counts } in KINDS {
        let (key, size) = (budget.key(), measure(sizes));
        if let Some(limit) = platform.budget(budget).filter(|limit| size > *limit) {
            let more = size - limit;
            wrong.push(format!(
                "{what} is too large: {size} bytes of the size probe, and {key} is {limit}, {more} less; {}",
                grown(sizes, before, counts)
            ));
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    let name = platform.name();
    bail!(
        "{}\n  the size probe takes {}\n  whose the bytes are: minplat-size report {name} --set budget.library={}KiB, which is built beside it; or raise \
         the budget in the platform file",
        wrong.join("\n  "),
        sizes.summary(),
        sizes.total.div_ceil(1024)
    )
}

/// What grew since the library that is in place, in a phrase.
fn grown(sizes: &Sizes, before: Option<&Before>, counts: fn(&str) -> bool) -> String {
    let Some(Before { whence, sections }) = before else {
        return "there is no library of before to compare with".into();
    };
    let more = sizes.sections.iter().filter(|(name, _)| counts(name)).filter_map(|(name, size)| {
        let before = sections[name].as_u64().unwrap_or(0);
        (*size > before).then(|| format!("{name} grew from {before} to {size}"))
    });
    let more: Vec<_> = more.collect();
    match more.is_empty() {
        true => format!("{whence} has no smaller one"),
        false => format!("since {whence}, {}", more.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sizes() -> Sizes {
        let sections = BTreeMap::from([(".text".into(), 3000), (".data".into(), 50), (".bss".into(), 1000)]);
        Sizes { text: 3000, data: 50, bss: 1000, total: 4050, sections }
    }

    fn before(sections: Value) -> Before {
        let manifest = json!({ "budgets": { "library": { "sizes": { "sections": sections } } } });
        Before::find(Some(&manifest), &Platform::load("x86_64-minplat", &[]).unwrap(), Path::new("")).unwrap()
    }

    #[test]
    fn a_fresh_checkout_knows_the_shipped_libraries() {
        let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let find = |sets: &[String]| Before::find(None, &Platform::load("x86_64-minplat", sets).unwrap(), &checkout);
        let known = find(&[]).expect("the figures are kept");
        assert!(known.sections[".text"].as_u64() > Some(100_000), "{known:?}");
        assert!(find(&["wasm.tail-call=false".into()]).is_none(), "no shipped library is this one");
    }

    fn refusal(sets: &[String], before: Option<&Before>) -> Option<String> {
        let platform = Platform::load("x86_64-minplat", sets).unwrap();
        check(&platform, &sizes(), before).err().map(|error| error.to_string())
    }

    #[test]
    fn each_budget_is_of_its_own_bytes() {
        let all = [("library", 4050, ".bss"), ("flash", 3050, ".text"), ("ram", 1050, ".bss")];
        let before = before(json!({}));
        for (name, size, section) in all {
            assert_eq!(refusal(&[format!("budget.{name}={size}")], None), None);
            let said = refusal(&[format!("budget.{name}={}", size - 7)], Some(&before)).expect("too large");
            let wanted = [
                format!("{size} bytes of the size probe, and budget.{name} is {}, 7 less", size - 7),
                format!("{section} grew from 0"),
            ];
            assert!(wanted.iter().all(|wanted| said.contains(wanted)), "{said}");
            assert_eq!(said.contains(".text grew"), name != "ram", "{said}");
            assert_eq!(said.contains(".bss grew"), name != "flash", "{said}");
        }
        let every: Vec<_> = all.iter().map(|(name, size, _)| format!("budget.{name}={}", size - 1)).collect();
        assert_eq!(refusal(&every, None).unwrap().matches("is too large").count(), 3);
    }

    #[test]
    fn what_grew_is_told() {
        let before = before(json!({ ".text": 2000, ".data": 60 }));
        let said = refusal(&["budget.library=4000".into()], Some(&before)).unwrap();
        assert!(said.contains(".text grew from 2000 to 3000") && said.contains(".bss grew from 0 to 1000"), "{said}");
        assert!(!said.contains(".data grew"), "{said}");
    }

    #[test]
    fn the_manifest_has_every_limit() {
        let sets = ["library", "flash", "ram", "module", "stack"].map(|name| format!("budget.{name}=1000000"));
        assert_eq!(limits(&Platform::load("x86_64-minplat", &sets).unwrap()).len(), sets.len());
    }
}
