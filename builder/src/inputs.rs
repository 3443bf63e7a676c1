//! Digests: of files, and of everything that a build is made from, so that nothing is built twice.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest as _, Sha256};

/// A SHA-256 digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// In hexadecimal.
    pub fn hex(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Collects what a build is made from.
#[derive(Default)]
pub struct Inputs(Sha256);

impl Inputs {
    /// Adds a named part.
    pub fn add(&mut self, name: &str, bytes: &[u8]) {
        // With lengths, so that no two lists of parts read the same.
        self.0.update((name.len() as u64).to_le_bytes());
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(name);
        self.0.update(bytes);
    }

    /// Adds a file, by name and contents.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn add_file(&mut self, path: &Path) -> Result<()> {
        let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        self.add(&path.display().to_string(), &bytes);
        Ok(())
    }

    /// Adds every file below a folder but Cargo's output and hidden ones.
    ///
    /// # Errors
    /// One cannot be read.
    pub fn add_folder(&mut self, dir: &Path) -> Result<()> {
        let mut entries: Vec<PathBuf> = fs::read_dir(dir)
            .and_then(|entries| entries.map(|entry| entry.map(|e| e.path())).collect())
            .with_context(|| format!("cannot read the folder {}", dir.display()))?;
        entries.sort();
        for path in entries {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.starts_with('.') || name == "target" {
                continue;
            }
            if path.is_dir() {
                self.add_folder(&path)?;
            } else if path.is_file() {
                self.add_file(&path)?;
            }
        }
        Ok(())
    }

    /// The digest of all parts.
    pub fn digest(self) -> Digest {
        Digest(self.0.finalize().into())
    }
}
