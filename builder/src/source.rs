//! The minplat checkout that a library is built from.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

/// A folder with a minplat checkout.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its root, absolute and without links.
    pub root: PathBuf,
    /// The folder for Cargo's output; none: `$CARGO_TARGET_DIR`, or `target` in the root.
    pub target: Option<PathBuf>,
}

impl Source {
    /// The checkout at `given`; else the one that this program was made in, if it is still there; else the one around
    /// the current folder.
    ///
    /// # Errors
    /// There is none.
    pub fn find(given: Option<&Path>) -> Result<Self> {
        if let Some(dir) = given {
            if !is_checkout(dir) {
                bail!(
                    "{} is no minplat checkout: it has no embedding/capi/Cargo.toml; give --source the folder that `git clone` made",
                    dir.display()
                );
            }
            return Self::at(dir);
        }
        let made_in = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        if is_checkout(&made_in) {
            return Self::at(&made_in);
        }
        let here = std::env::current_dir()?;
        match here.ancestors().find(|dir| is_checkout(dir)) {
            Some(dir) => Self::at(dir),
            None => bail!(
                "there is no minplat checkout to build from: {} is not in one; name one with --source DIR",
                here.display()
            ),
        }
    }

    fn at(dir: &Path) -> Result<Self> {
        Ok(Self { root: dir.canonicalize()?, target: None })
    }

    /// The folder for Cargo's output and ours: `device` in that for Cargo's.
    pub fn device_dir(&self) -> PathBuf {
        let target = self.target.clone().or_else(named_target).unwrap_or_else(|| self.root.join("target"));
        std::path::absolute(&target).unwrap_or(target).join("device")
    }

    /// The profiles in the checkout's `Cargo.toml`: they hold for device libraries, too, as far as a recipe says nothing else.
    ///
    /// # Errors
    /// It cannot be read, or is no TOML.
    pub fn profiles(&self) -> Result<String> {
        let path = self.root.join("Cargo.toml");
        let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let manifest: toml::Table = text.parse().with_context(|| format!("{} is no TOML", path.display()))?;
        Ok(manifest.get("profile").map_or_else(String::new, toml::Value::to_string))
    }

    /// The texts of the CMake package and of the pkg-config file.
    pub fn package_dir(&self) -> PathBuf {
        self.root.join("embedding/capi/package")
    }

    /// The headers and the C file that a library is given.
    pub fn include_dir(&self) -> PathBuf {
        self.root.join("embedding/capi/include")
    }
}

/// `$CARGO_TARGET_DIR`, where it names a folder.
pub fn named_target() -> Option<PathBuf> {
    std::env::var_os("CARGO_TARGET_DIR").filter(|dir| !dir.is_empty()).map(PathBuf::from)
}

fn is_checkout(dir: &Path) -> bool {
    dir.join("Cargo.toml").is_file() && dir.join("embedding/capi/Cargo.toml").is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_are_told_apart_and_from_other_lines() {
        let dir = tempfile::tempdir().unwrap();
        let source = Source { root: dir.path().to_path_buf(), target: None };
        let profiles = |text: &str| {
            std::fs::write(dir.path().join("Cargo.toml"), text).unwrap();
            source.profiles().unwrap()
        };
        let release = profiles("[profile.release]\ncodegen-units = 1\n");
        assert_eq!(profiles("# Why.\n[workspace]\n[profile.release]\ncodegen-units = 1\n"), release);
        assert_ne!(profiles("[profile.release]\ncodegen-units = 16\n"), release);
        assert_ne!(profiles("[profile.release]\ncodegen-units = 1\npackage.wasmtime.codegen-units = 16\n"), release);
        assert_eq!(profiles("[workspace]\n"), "");
    }
}
