//! What a library must not exceed, by its platform file; and what grew where it does.

use anyhow::{Result, bail};
use minplat_platform::Platform;
use serde_json::Value;

use crate::sizes::Sizes;

/// A budget's name, what it is of, and how many bytes of the size probe are.
type Kind = (&'static str, &'static str, fn(&Sizes) -> u64);

/// The budgets of a library, by their keys under `budget`.
const KINDS: [Kind; 3] = [
    ("library", "the library", |sizes| sizes.total),
    ("flash", "what the library takes in flash", Sizes::flash),
    ("ram", "what the library takes in RAM before it runs", Sizes::ram),
];

/// Compares what was measured with the platform's budgets. `before` is the manifest of the library that is in place.
///
/// # Errors
/// One is exceeded: by how much, and which sections grew.
pub(crate) fn check(platform: &Platform, sizes: &Sizes, before: Option<&Value>) -> Result<()> {
    for (name, what, measure) in KINDS {
        let size = measure(sizes);
        let Some(limit) = platform.budget(name).filter(|limit| size > *limit) else { continue };
        bail!(
            "{what} is too large: a program with what it needs takes {}, of which {size} count, and budget.{name} is {limit}, {} \
             less; {}; or raise it, as in --set budget.{name}={}KiB",
            sizes.summary(),
            size - limit,
            grown(sizes, before),
            size.div_ceil(1024)
        )
    }
    Ok(())
}

/// What grew since the library that is in place, in a phrase.
fn grown(sizes: &Sizes, before: Option<&Value>) -> String {
    let sections = before.and_then(|manifest| manifest.pointer("/budgets/library/sizes/sections"));
    let Some(sections) = sections else {
        return "there is no library of before in its place to compare with; minplat-size report of the platform without the \
                budget shows whose the bytes are"
            .into();
    };
    let more = sizes.sections.iter().filter_map(|(name, size)| {
        let before = sections[name].as_u64().unwrap_or(0);
        (*size > before).then(|| format!("{name} grew from {before} to {size}"))
    });
    let more: Vec<_> = more.collect();
    if more.is_empty() {
        return "the library in its place is no smaller".into();
    }
    format!("since the library in its place, {}; minplat-size compare shows what it is", more.join(", "))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    fn sizes() -> Sizes {
        let sections = BTreeMap::from([(".text".into(), 3000), (".data".into(), 50), (".bss".into(), 1000)]);
        Sizes { text: 3000, data: 50, bss: 1000, total: 4050, sections }
    }

    fn refusal(set: &str, before: Option<&Value>) -> Option<String> {
        let platform = Platform::load("x86_64-minplat", &[set.into()]).unwrap();
        check(&platform, &sizes(), before).err().map(|error| error.to_string())
    }

    #[test]
    fn each_budget_is_of_its_own_bytes() {
        for (name, size) in [("library", 4050), ("flash", 3050), ("ram", 1050)] {
            assert_eq!(refusal(&format!("budget.{name}={size}"), None), None);
            let said = refusal(&format!("budget.{name}={}", size - 7), None).expect("too large");
            let wanted = [&format!("{size} count"), &format!("budget.{name} is {}, 7 less", size - 7)];
            assert!(wanted.iter().all(|wanted| said.contains(*wanted)), "{said}");
        }
    }

    #[test]
    fn what_grew_is_told() {
        let before = json!({ "budgets": { "library": { "sizes": { "sections": { ".text": 2000, ".data": 60 } } } } });
        let said = refusal("budget.library=4000", Some(&before)).unwrap();
        assert!(said.contains(".text grew from 2000 to 3000") && said.contains(".bss grew from 0 to 1000"), "{said}");
        assert!(!said.contains(".data grew"), "{said}");
    }
}
