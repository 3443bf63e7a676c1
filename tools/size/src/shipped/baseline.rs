//! Whose the bytes of each library were when the tables were written. It lies beside the document, so that what grew has a name where
//! there is no library of before: in a fresh checkout.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::measure::Shipped;

/// By platform.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Baseline(BTreeMap<String, Parts>);

/// The size probe with what it reaches of a library, twice cut into parts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Parts {
    /// Bytes by section; `minplat-build` compares with these.
    pub(crate) sections: BTreeMap<String, u64>,
    /// Bytes by crate, as the linker sees functions.
    pub(crate) owners: BTreeMap<String, u64>,
}

impl Baseline {
    pub(crate) fn of(shipped: &Shipped) -> Self {
        Self(shipped.libraries.iter().map(|library| (library.platform.clone(), library.parts.clone())).collect())
    }

    /// That of a document, if it has one.
    ///
    /// # Errors
    /// It is damaged.
    pub(crate) fn read(document: &Path) -> Result<Self> {
        let path = Self::path(document);
        let Ok(text) = std::fs::read_to_string(&path) else { return Ok(Self::default()) };
        serde_json::from_str(&text)
            .with_context(|| format!("{} is damaged; write it anew with minplat-size shipped --write", path.display()))
    }

    /// Puts it beside the document.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn write(&self, document: &Path) -> Result<()> {
        crate::write(&Self::path(document), &(serde_json::to_string_pretty(self)? + "\n"))
    }

    fn path(document: &Path) -> PathBuf {
        document.with_extension("json")
    }

    /// What is more in a platform's library now, the largest first, a phrase; nothing where nothing is, or nothing is known of before.
    pub(crate) fn grown(&self, now: &Self, platform: &str) -> Option<String> {
        let (before, now) = (&self.0.get(platform)?.owners, &now.0.get(platform)?.owners);
        let more = |(owner, bytes): (&String, &u64)| {
            let more = bytes.checked_sub(before.get(owner).copied().unwrap_or(0)).filter(|more| *more > 0)?;
            Some((more, owner.clone()))
        };
        let mut all: Vec<_> = now.iter().filter_map(more).collect();
        all.sort_by(|a, b| b.cmp(a));
        let all: Vec<_> = all.iter().take(5).map(|(more, owner)| format!("{owner} by {more}")).collect();
        (!all.is_empty()).then(|| format!("in {platform} grew {}", all.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn baseline(owners: &[(&str, u64)]) -> Baseline {
        let owners = owners.iter().map(|(owner, bytes)| (owner.to_string(), *bytes)).collect();
        Baseline([("p".to_string(), Parts { sections: BTreeMap::new(), owners })].into())
    }

    #[test]
    fn what_grew_has_a_name() {
        let before = baseline(&[("core", 100), ("wasmtime", 50), ("gone", 7)]);
        let now = baseline(&[("core", 103), ("wasmtime", 50), ("new", 20)]);
        assert_eq!(before.grown(&now, "p").as_deref(), Some("in p grew new by 20, core by 3"));
        assert_eq!((before.grown(&before, "p"), before.grown(&now, "q")), (None, None));
        let dir = tempfile::tempdir().unwrap();
        let document = dir.path().join("sizes.md");
        assert_eq!(Baseline::read(&document).unwrap(), Baseline::default());
        before.write(&document).unwrap();
        assert_eq!(Baseline::read(&document).unwrap(), before);
        std::fs::write(dir.path().join("sizes.json"), "[").unwrap();
        assert!(Baseline::read(&document).is_err());
    }
}
