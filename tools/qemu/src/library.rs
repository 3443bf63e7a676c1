//! The device library that firmware is linked with.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use minplat_builder::cargo::Options;
use minplat_builder::job::Job;
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

/// The install prefix of a platform, with its library. One that is there is taken as it is; where there is none, it is built.
/// `called` is what the user called the platform.
///
/// # Errors
/// It cannot be built.
pub fn prefix(source: &Source, (called, platform): (&str, &Platform), detail: Detail) -> Result<PathBuf> {
    let artifacts = Artifacts::open(&artifacts()?)?;
    let prefix = artifacts.prefix(platform.name());
    if has_library(&prefix) {
        return Ok(prefix);
    }
    let progress = Progress { detail, alone: true };
    progress.say(platform.name(), "there is no library yet; building it");
    let build = || {
        let choice = choose(platform, &list(None))?;
        Job::new((called, platform.clone()), &[], (source, choice), &artifacts, Options::default())?.run(progress)
    };
    Ok(build().with_context(|| format!("cannot build the library of {}", platform.name()))?.prefix)
}

fn has_library(prefix: &Path) -> bool {
    prefix.join("lib/libminplat.a").is_file()
}
