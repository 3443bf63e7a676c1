//! The device library that firmware is linked with.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result};
use minplat_builder::cargo::Options;
use minplat_builder::job::{Job, LIBRARY};
use minplat_builder::progress::{Detail, Progress};
use minplat_builder::publish::Artifacts;
use minplat_builder::source::Source;
use minplat_builder::toolchain::{choose, list};
use minplat_host::library::artifacts_folder;
use minplat_platform::Platform;

/// Where libraries and firmware are: `$MINPLAT_ARTIFACTS`, or `artifacts` in the current folder, absolute.
///
/// # Errors
/// There is no current folder.
pub fn artifacts() -> Result<PathBuf> {
    std::path::absolute(artifacts_folder()).context("the current folder is gone: change to another one")
}

/// What a library is made of, in the checkout: folders and files.
const SOURCES: [&str; 7] =
    ["builder/src", "embedding", "format", "platforms/src", "platforms/targets", "Cargo.toml", "Cargo.lock"];

/// The install prefix of a platform, with its library: built where there is none, and built anew where it was made of other
/// sources. `called` is what the user called the platform.
///
/// # Errors
/// It cannot be built. A library that was there before is still there.
pub fn prefix(source: &Source, (called, platform): (&str, &Platform), detail: Detail) -> Result<PathBuf> {
    let artifacts = Artifacts::open(&artifacts()?)?;
    let prefix = artifacts.prefix(platform.name());
    let library = prefix.join(LIBRARY);
    let why = match newer(source, called, &library) {
        _ if !library.is_file() => "there is no library yet; building it".to_owned(),
        Some(newer) => format!("{} is newer than the library; building it anew if it has to be", newer.display()),
        None => return Ok(prefix),
    };
    let progress = Progress { detail, alone: true };
    progress.say(platform.name(), &why);
    let build = || {
        let choice = choose(platform, &list(None))?;
        Job::new((called, platform.clone()), &[], (source, choice), &artifacts, Options::default())?.run(progress)
    };
    Ok(build().with_context(|| format!("cannot build the library of {}", platform.name()))?.prefix)
}

/// A source that was changed after the library was built. Times are enough to look up: a [`Job`] compares contents, and what is as
/// it should be is no older any more.
fn newer(source: &Source, called: &str, library: &Path) -> Option<PathBuf> {
    let built = fs::metadata(library).and_then(|about| about.modified()).ok()?;
    // A shipped platform is a file here; a variant is of the one that it begins with; any other name is a path.
    let platform = called.split('+').next().unwrap_or(called);
    let shipped = source.root.join("platforms").join(platform).with_extension("toml");
    let platform = if shipped.is_file() { shipped } else { PathBuf::from(platform) };
    let sources = SOURCES.iter().map(|path| source.root.join(path)).chain([platform]);
    sources.into_iter().find_map(|path| changed_after(built, &path))
}

/// A file of this folder, or the file itself, that was changed later. What cannot be read is no source.
fn changed_after(built: SystemTime, path: &Path) -> Option<PathBuf> {
    let about = fs::metadata(path).ok()?;
    if !about.is_dir() {
        return (about.modified().ok()? > built).then(|| path.to_owned());
    }
    let mut entries: Vec<_> = fs::read_dir(path).ok()?.flatten().map(|entry| entry.path()).collect();
    entries.sort();
    // Tests and examples of a crate are in no library.
    let is_source = |path: &PathBuf| !["tests", "examples", "target"].iter().any(|name| path.ends_with(name));
    entries.iter().filter(|path| is_source(path)).find_map(|path| changed_after(built, path))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_source_that_changed_later_is_found() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        let write = |path: &str, age: u64| {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, "").unwrap();
            let time = SystemTime::now() - Duration::from_secs(age);
            fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
            path
        };
        let source = Source { root: root.clone(), target: None };
        let library = write("artifacts/p/lib/libminplat.a", 50);
        write("embedding/capi/src/lib.rs", 100);
        write("embedding/capi/tests/api/main.c", 10);
        write("platforms/p.toml", 100);
        assert_eq!(newer(&source, "p+wasm.simd=false", &library), None);
        let platform = write("platforms/p.toml", 10);
        assert_eq!(newer(&source, "p+wasm.simd=false", &library), Some(platform));
        let code = write("embedding/capi/src/lib.rs", 10);
        assert_eq!(newer(&source, "p", &library), Some(code));
        let mine = write("mine.toml", 10);
        write("embedding/capi/src/lib.rs", 100);
        assert_eq!(newer(&source, &mine.display().to_string(), &library), Some(mine));
    }
}
