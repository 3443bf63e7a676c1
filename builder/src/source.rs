//! The minplat checkout that a library is built from.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

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
