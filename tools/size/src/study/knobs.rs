//! The table of knobs that a study turns.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};
use minplat_builder::inputs::Digest;
use serde::Deserialize;

/// The table that is used where none is given.
const SHIPPED: &str = include_str!("../../knobs.toml");

/// A table of knobs.
pub(crate) struct Table {
    pub(super) knobs: Vec<Knob>,
    /// The SHA-256 of its file, in hexadecimal.
    pub(crate) digest: String,
}

/// The file of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Knobs {
    knob: Vec<Knob>,
}

/// What can be turned.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Knob {
    pub(super) name: String,
    /// The value that is to save bytes.
    pub(super) small: Option<String>,
    /// Changes to the platform, for each value.
    pub(super) values: BTreeMap<String, Vec<String>>,
}

impl Table {
    /// Reads one; the shipped one where no file is given.
    ///
    /// # Errors
    /// It cannot be read, is none, or names a value as small that it has not.
    pub(crate) fn read(file: Option<&Path>) -> Result<Self> {
        let (name, text) = match file {
            Some(path) => {
                let name = path.display().to_string();
                let text =
                    std::fs::read_to_string(path).with_context(|| format!("cannot read the table of knobs {name}"))?;
                (name, text)
            }
            None => ("knobs.toml".to_string(), SHIPPED.to_string()),
        };
        let Knobs { knob: knobs } = toml::from_str(&text).with_context(|| format!("{name} is no table of knobs"))?;
        for knob in &knobs {
            if let Some(small) = knob.small.as_ref().filter(|small| !knob.values.contains_key(*small)) {
                bail!("{name}: the knob {} has no value {small}; name one of its values as small", knob.name);
            }
        }
        Ok(Self { knobs, digest: Digest::of(text.as_bytes()).hex() })
    }

    /// The knobs of these names alone, in the table's order; all of them where none is named.
    ///
    /// # Errors
    /// It has none of that name: those that it has.
    pub(crate) fn only(mut self, names: &[String]) -> Result<Self> {
        for name in names {
            if !self.knobs.iter().any(|knob| knob.name == *name) {
                let all: Vec<_> = self.knobs.iter().map(|knob| knob.name.as_str()).collect();
                bail!("the table has no knob named {name}; it has: {}", all.join(", "));
            }
        }
        self.knobs.retain(|knob| names.is_empty() || names.contains(&knob.name));
        Ok(self)
    }
}
