//! The table of examples, `examples/examples.toml`, as it is written there.

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Deserialize;

/// The whole file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    example: Vec<Example>,
}

/// One module and what is asked of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Example {
    /// In `examples/`.
    #[serde(default)]
    file: Option<PathBuf>,
    /// In the folder of built guests.
    #[serde(default)]
    built: Option<PathBuf>,
    /// Keys of a platform that must be on.
    #[serde(default)]
    pub(crate) needs: Vec<String>,
    /// What is called, on one instance, in this order.
    #[serde(default)]
    pub(crate) call: Vec<Call>,
    /// The program that checks it instead.
    #[serde(default)]
    pub(crate) driver: Option<Driver>,
    /// What the driver compares with, in the folder of built guests.
    #[serde(default)]
    pub(crate) answers: Option<PathBuf>,
}

/// Programs that drive a module which is more than a list of calls.
#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Driver {
    /// `examples/source-map`.
    SourceMap,
}

/// One call and its known answer; the keys are explained at the top of the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Call {
    pub(crate) invoke: String,
    #[serde(default)]
    pub(crate) args: Vec<String>,
    #[serde(default)]
    pub(crate) text: Option<String>,
    #[serde(default)]
    pub(crate) file: Option<PathBuf>,
    #[serde(default)]
    pub(crate) result: Option<String>,
    #[serde(default)]
    pub(crate) returns: Option<String>,
    #[serde(default)]
    pub(crate) trap: Option<String>,
    #[serde(default)]
    pub(crate) backtrace: Vec<String>,
    #[serde(default)]
    pub(crate) fuel: Option<u64>,
    #[serde(default)]
    pub(crate) epoch: bool,
    #[serde(default)]
    pub(crate) prints: Option<String>,
}

/// Where things are.
pub(crate) struct Places {
    /// The checkout.
    pub(crate) root: PathBuf,
    /// What `examples/build-guests.sh` made.
    pub(crate) built: PathBuf,
}

impl Example {
    /// The file's stem: how users name the example.
    pub(crate) fn name(&self) -> &str {
        let path = self.file.as_deref().or(self.built.as_deref()).unwrap_or(Path::new(""));
        path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default()
    }

    /// The wat or wasm file.
    pub(crate) fn path(&self, places: &Places) -> PathBuf {
        match (&self.file, &self.built) {
            (Some(file), _) => places.root.join("examples").join(file),
            (None, Some(built)) => places.built.join(built),
            (None, None) => PathBuf::new(),
        }
    }
}

/// Reads the table.
///
/// # Errors
/// It is not there, or is not what this program understands; the message has the line.
pub(crate) fn read(places: &Places) -> anyhow::Result<Vec<Example>> {
    let path = places.root.join("examples/examples.toml");
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("reading {}; is {} a checkout of minplat?", path.display(), places.root.display()))?;
    let file: File = toml::from_str(&text).with_context(|| format!("reading {}", path.display()))?;
    for example in &file.example {
        anyhow::ensure!(
            example.file.is_some() != example.built.is_some(),
            "{}: the example \"{}\" must have either `file` or `built`",
            path.display(),
            example.name()
        );
    }
    Ok(file.example)
}
