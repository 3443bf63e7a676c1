//! Files put in place at once: a prefix is written beside the old one and exchanged for it.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use rustix::fs::{CWD, RenameFlags, renameat_with};

/// A folder for prefixes, `artifacts`.
#[derive(Clone, Debug)]
pub struct Artifacts {
    dir: PathBuf,
}

impl Artifacts {
    /// Makes sure that the folder can be written or made, before anything is built for it. Makes none: the build may fail.
    ///
    /// # Errors
    /// It cannot.
    pub fn open(dir: &Path) -> Result<Self> {
        let dir = std::path::absolute(dir).with_context(|| format!("{} is no path", dir.display()))?;
        let there = dir.ancestors().find(|dir| dir.symlink_metadata().is_ok()).unwrap_or(&dir);
        if let Err(error) = tempfile::tempfile_in(there) {
            bail!(
                "cannot write into {}: {error}{}; name another folder with --out-dir or $MINPLAT_ARTIFACTS",
                there.display(),
                if there == dir { String::new() } else { format!(", so {} cannot be made", dir.display()) }
            );
        }
        Ok(Self { dir })
    }

    /// The prefix of a platform: `artifacts/<name>`.
    pub fn prefix(&self, platform: &str) -> PathBuf {
        self.dir.join(folder_name(platform))
    }

    /// Puts a prefix in place: either all of its files are the new ones, or none. What somebody else has put into the old one
    /// stays. `files` are paths in the prefix and contents.
    ///
    /// # Errors
    /// A file cannot be written; what was there is unchanged.
    pub fn publish(&self, platform: &str, files: &BTreeMap<String, Vec<u8>>) -> Result<()> {
        let prefix = self.prefix(platform);
        let name = folder_name(platform);
        fs::create_dir_all(&self.dir).with_context(|| format!("cannot make {}", self.dir.display()))?;
        let stage = tempfile::Builder::new()
            .prefix(&format!(".{name}."))
            .tempdir_in(&self.dir)
            .with_context(|| format!("cannot write into {}", self.dir.display()))?;
        for (path, contents) in files {
            let path = stage.path().join(path);
            let write = || -> std::io::Result<()> {
                fs::create_dir_all(path.parent().unwrap_or(stage.path()))?;
                fs::write(&path, contents)
            };
            write().with_context(|| format!("cannot write {}", path.display()))?;
        }
        open_to_others(stage.path())?;
        exchange(stage.path(), &prefix).with_context(|| format!("cannot put {} in place", prefix.display()))?;
        // `stage` is the old prefix now, and goes.
        keep_foreign(stage.path(), &prefix)
            .with_context(|| format!("cannot keep the other files of {}", prefix.display()))
    }
}

/// A temporary folder is private; a prefix is as readable as any other new folder.
fn open_to_others(dir: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let any_new = dir.join("share");
    let mode = fs::metadata(&any_new).map_or(0o755, |metadata| metadata.permissions().mode());
    fs::set_permissions(dir, fs::Permissions::from_mode(mode)).with_context(|| format!("cannot open {}", dir.display()))
}

/// After this `old` is `new` and the other way round; if there is no `old`, `new` has moved.
fn exchange(new: &Path, old: &Path) -> std::io::Result<()> {
    match renameat_with(CWD, new, CWD, old, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(()),
        Err(e) if e.kind() == ErrorKind::NotFound => fs::rename(new, old),
        // A file system without exchange: for a moment there is none.
        Err(_) => {
            let aside = new.with_extension("old");
            fs::rename(old, &aside)?;
            fs::rename(new, old).inspect_err(|_| drop(fs::rename(&aside, old)))?;
            fs::rename(&aside, new)
        }
    }
}

/// Moves what is not ours from the old prefix to the new one.
fn keep_foreign(old: &Path, new: &Path) -> std::io::Result<()> {
    let Ok(entries) = fs::read_dir(old) else { return Ok(()) };
    for entry in entries {
        let name = entry?.file_name();
        if !new.join(&name).exists() {
            fs::rename(old.join(&name), new.join(&name))?;
        }
    }
    Ok(())
}

/// A platform's name as that of one folder. Names of `--set` may hold what a folder's may not.
fn folder_name(platform: &str) -> String {
    let name: String =
        platform.chars().map(|c| if matches!(c, '/' | '\\') || c.is_control() { '_' } else { c }).collect();
    if name.starts_with('.') || name.is_empty() { format!("_{name}") } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(text: &str) -> BTreeMap<String, Vec<u8>> {
        BTreeMap::from([("share/a".into(), text.as_bytes().to_vec()), ("lib/b".into(), Vec::new())])
    }

    #[test]
    fn a_prefix_is_replaced_whole_and_foreign_files_stay() {
        let dir = tempfile::tempdir().unwrap();
        let artifacts = Artifacts::open(dir.path()).unwrap();
        artifacts.publish("p", &files("old")).unwrap();
        let prefix = artifacts.prefix("p");
        fs::write(prefix.join("mine"), "kept").unwrap();
        fs::write(prefix.join("lib/stale"), "").unwrap();
        artifacts.publish("p", &files("new")).unwrap();
        assert_eq!(fs::read_to_string(prefix.join("share/a")).unwrap(), "new");
        assert_eq!(fs::read_to_string(prefix.join("mine")).unwrap(), "kept");
        assert!(!prefix.join("lib/stale").exists());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing temporary is left");
    }

    #[test]
    fn a_name_is_one_folder() {
        assert_eq!(folder_name("x86_64-minplat+wasm.interruption=fuel"), "x86_64-minplat+wasm.interruption=fuel");
        assert_eq!(folder_name("x+target.rust=../up.json"), "x+target.rust=.._up.json");
        assert_eq!(folder_name("..+a=b"), "_..+a=b");
    }
}
