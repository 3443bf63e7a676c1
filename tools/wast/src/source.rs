//! The scripts that a user names.

use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

/// A script: its name in reports, and its text.
pub(crate) struct Script {
    pub(crate) name: String,
    pub(crate) text: String,
}

/// Reads files, and every `.wast` below folders; `-` is standard input. Each file once, folders in the order of their paths.
///
/// # Errors
/// Something cannot be read, is no UTF-8, or a folder has no script.
pub(crate) fn read(paths: &[PathBuf]) -> Result<Vec<Script>> {
    let mut scripts = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            let mut text = String::new();
            std::io::stdin().lock().read_to_string(&mut text).context("cannot read a script from standard input")?;
            scripts.push(Script { name: "<stdin>".into(), text });
        } else if path.is_dir() {
            let mut found = Vec::new();
            below(path, &mut found)?;
            ensure!(!found.is_empty(), "there is no .wast file in {}, nor below it", path.display());
            found.sort();
            for path in found {
                scripts.push(file(&path)?);
            }
        } else {
            scripts.push(file(path)?);
        }
    }
    Ok(scripts)
}

fn file(path: &Path) -> Result<Script> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read the script {}", path.display()))?;
    Ok(Script { name: path.display().to_string(), text })
}

/// Links to folders are left alone, so that a loop of links ends.
fn below(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    let unreadable = || format!("cannot read the folder {}", folder.display());
    for entry in std::fs::read_dir(folder).with_context(unreadable)? {
        let entry = entry.with_context(unreadable)?;
        let path = entry.path();
        if entry.file_type().with_context(unreadable)?.is_dir() {
            below(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "wast") && path.is_file() {
            found.push(path);
        }
    }
    Ok(())
}
