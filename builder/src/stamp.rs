//! What was built last, so that nothing is built twice. It lies with Cargo's output: a prefix itself says nothing of the machine
//! that built it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::inputs::Digest;
use crate::job::MANIFEST;

/// The note on the last build of one prefix.
pub struct Stamp {
    path: PathBuf,
}

impl Stamp {
    /// That of a prefix.
    pub fn of(device_dir: &Path, prefix: &Path) -> Self {
        let key = &Digest::of(prefix.as_os_str().as_encoded_bytes()).hex()[..16];
        Self { path: device_dir.join("built").join(key) }
    }

    /// The prefix's manifest, if the last build was made from these inputs and every file is still as it was written.
    pub fn fresh(&self, prefix: &Path, inputs: Digest) -> Option<Vec<u8>> {
        let manifest = fs::read(prefix.join(MANIFEST)).ok()?;
        if fs::read_to_string(&self.path).ok()? != line(inputs, &manifest) {
            return None;
        }
        let json: Value = serde_json::from_slice(&manifest).ok()?;
        let same = json["files"].as_object()?.iter().all(|(path, info)| {
            fs::read(prefix.join(path)).is_ok_and(|contents| info["sha256"] == Digest::of(&contents).hex().as_str())
        });
        same.then_some(manifest)
    }

    /// Notes a build.
    ///
    /// # Errors
    /// The note cannot be written.
    pub fn write(&self, inputs: Digest, manifest: &[u8]) -> Result<()> {
        let dir = self.path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(dir)
            .and_then(|()| fs::write(&self.path, line(inputs, manifest)))
            .with_context(|| format!("cannot write {}", self.path.display()))
    }
}

fn line(inputs: Digest, manifest: &[u8]) -> String {
    format!("{inputs} {}\n", Digest::of(manifest))
}
