//! A language: the wasm features that a version of the specification has, as keys of a platform file.

use anyhow::{Context, Result};
use minplat_platform::Platform;
use minplat_platform::features::FEATURES;

/// What `externref` needs, which came with 2.0: the key of a platform file.
pub(crate) const COLLECTED: &str = "runtime.gc";

/// A set of features.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub(crate) enum Language {
    /// WebAssembly 1.0.
    #[value(name = "1.0")]
    V1,
    /// WebAssembly 2.0.
    #[value(name = "2.0")]
    V2,
    /// WebAssembly 3.0.
    #[value(name = "3.0")]
    V3,
    /// Everything that a platform can switch on.
    All,
}

impl Language {
    /// Whether the language has what this key of a platform file switches. A name that is no key, of a feature that no
    /// platform has, is in no language.
    pub(crate) fn has(self, key: &str) -> bool {
        if key == COLLECTED {
            return self != Language::V1;
        }
        let feature = key.strip_prefix("wasm.").and_then(|key| FEATURES.iter().find(|feature| feature.key == key));
        // What a feature's description begins with is the version that it came in.
        feature.is_some_and(|feature| match self {
            Language::V1 => false,
            Language::V2 => feature.doc.starts_with("2.0:"),
            Language::V3 => feature.doc.starts_with("2.0:") || feature.doc.starts_with("3.0:"),
            Language::All => true,
        })
    }

    /// A platform with what it has of the language, and nothing else: a device of the platform loads its modules.
    ///
    /// # Errors
    /// There is no such platform.
    pub(crate) fn of(self, platform: &str, sets: &[String]) -> Result<Platform> {
        let whole = Platform::load(platform, sets)?;
        let features = FEATURES.iter().map(|feature| format!("wasm.{}", feature.key));
        let off = features
            .chain([COLLECTED.to_string()])
            .filter(|key| whole.value(key).is_some_and(|value| value == "true") && !self.has(key));
        let off: Vec<_> = off.map(|key| format!("{key}=false")).collect();
        if off.is_empty() {
            return Ok(whole);
        }
        let sets: Vec<_> = sets.iter().cloned().chain(off).collect();
        Platform::load(platform, &sets).with_context(|| format!("cannot restrict {platform} to {self:?}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_version_has_what_came_with_it_and_before() {
        let has = |language: Language| FEATURES.iter().filter(|f| language.has(&format!("wasm.{}", f.key))).count();
        assert_eq!([Language::V1, Language::V2, Language::V3, Language::All].map(has), [0, 6, 14, FEATURES.len()]);
        assert!(Language::V2.has("wasm.simd") && !Language::V2.has("wasm.tail-call"));
        assert!(!Language::All.has("threads"));
    }

    /// As docs/conformance.md says of the suite `proposals`.
    #[test]
    fn all_is_the_last_version_and_two_proposals() {
        let beyond = FEATURES.iter().map(|feature| feature.key).filter(|key| !Language::V3.has(&format!("wasm.{key}")));
        assert_eq!(beyond.collect::<Vec<_>>(), ["custom-page-sizes", "wide-arithmetic"]);
    }
}
