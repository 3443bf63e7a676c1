//! The table of examples, as far as the firmware can do what it says.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use minplat_qemu::library;
use serde::Deserialize;

/// `examples.toml`.
#[derive(Deserialize)]
pub(crate) struct Table {
    pub(crate) example: Vec<Example>,
}

/// One module and what is asked of it. The keys are explained at the top of the file, which has more of them.
#[derive(Deserialize)]
pub(crate) struct Example {
    #[serde(default)]
    pub(crate) file: Option<String>,
    #[serde(default)]
    pub(crate) needs: Vec<String>,
    #[serde(default)]
    pub(crate) built: Option<String>,
    #[serde(default)]
    pub(crate) driver: Option<String>,
    #[serde(default)]
    pub(crate) call: Vec<Call>,
}

impl Table {
    /// Reads it from the folder of examples.
    ///
    /// # Errors
    /// It cannot be read, or makes no sense.
    pub(crate) fn read(examples: &Path) -> Result<Self> {
        let path = examples.join("examples.toml");
        let table = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        toml::from_str(&table).with_context(|| format!("{} makes no sense", path.display()))
    }
}

impl Example {
    /// Where its module is: in the checkout, or among the guests that were built.
    pub(crate) fn path(&self, examples: &Path) -> Result<PathBuf> {
        match (&self.file, &self.built) {
            (Some(file), _) => Ok(examples.join(file)),
            (None, Some(built)) => Ok(library::artifacts()?.join("examples").join(built)),
            (None, None) => anyhow::bail!("an example names no file"),
        }
    }
}

/// One call and its known answer.
#[derive(Deserialize)]
pub(crate) struct Call {
    pub(crate) invoke: String,
    #[serde(default)]
    pub(crate) args: Vec<String>,
    #[serde(default)]
    pub(crate) result: Option<String>,
    #[serde(default)]
    pub(crate) returns: Option<String>,
    #[serde(default)]
    pub(crate) trap: Option<String>,
    #[serde(default)]
    pub(crate) fuel: Option<u64>,
    #[serde(default)]
    pub(crate) epoch: bool,
    #[serde(default)]
    pub(crate) text: Option<String>,
    #[serde(default)]
    pub(crate) file: Option<String>,
}

impl Call {
    /// The text that it is given, if it is.
    pub(crate) fn given(&self, checkout: &Path) -> Result<Option<Vec<u8>>> {
        match (&self.text, &self.file) {
            (Some(text), _) => Ok(Some(text.clone().into_bytes())),
            (None, Some(file)) => {
                let path = checkout.join(file);
                fs::read(&path).map(Some).with_context(|| format!("cannot read {}", path.display()))
            }
            (None, None) => Ok(None),
        }
    }
}
