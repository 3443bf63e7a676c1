//! Where the library of a platform lies: `<artifacts>/<platform>/lib/libminplat.so`, as `minplat-build` writes it.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use minplat_platform::Platform;

/// The folder with the builds: `$MINPLAT_ARTIFACTS`, or `artifacts` here.
pub fn artifacts_folder() -> PathBuf {
    env::var_os("MINPLAT_ARTIFACTS").filter(|dir| !dir.is_empty()).map_or_else(|| "artifacts".into(), PathBuf::from)
}

/// The library of a platform; `artifacts` instead of [`artifacts_folder`], if given.
///
/// # Errors
/// There is none, or the name (which may come from a file of unknown origin) is not one of a folder.
pub fn find_library(platform: &str, artifacts: Option<&Path>) -> Result<PathBuf> {
    let folder = artifacts.map_or_else(artifacts_folder, Path::to_path_buf);
    if !is_folder_name(platform) {
        bail!("the platform name {platform:?} cannot be the name of a folder: name the library with --library");
    }
    let path = folder.join(platform).join("lib/libminplat.so");
    if path.is_file() {
        return Ok(path);
    }
    if let Some(path) = alike(&folder, platform) {
        return Ok(path);
    }
    if Platform::load(platform, &[]).is_ok_and(|platform| !platform.host_loadable()) {
        bail!(
            "{platform} is another machine than this computer, which cannot play it; to try the guest here, compile it for \
             a platform of this one, as pulley64-minplat"
        );
    }
    bail!(
        "there is no library for platform {platform}: {} does not exist; build it with\n  {}\n\
         or name another place with $MINPLAT_ARTIFACTS or --library",
        path.display(),
        build_command(platform),
    )
}

/// The library of the platform that a variant (`x+key=value`) was made from, if it loads the variant's modules: where the two
/// differ in nothing that must agree.
fn alike(folder: &Path, variant: &str) -> Option<PathBuf> {
    let (base, sets) = variant.split_once('+')?;
    let library = folder.join(base).join("lib/libminplat.so");
    let file = platform_file(&library)?;
    let load = |sets: &[String]| Platform::load(file.to_str()?, sets).ok();
    let sets: Vec<String> = sets.split('+').map(str::to_string).collect();
    (library.is_file() && load(&[])?.loads_modules_of(&load(&sets)?)).then_some(library)
}

/// Whether a name names one folder and nothing above or below it.
fn is_folder_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('.')
        && name.len() <= 255
        && !name.contains(['/', '\\'])
        && !name.contains(char::is_control)
}

/// The command that builds the library of a platform.
pub(crate) fn build_command(platform: &str) -> String {
    format!("minplat-build {}", command(platform))
}

/// What `minplat-build` is to be given for it: a name that is not shipped is that of somebody's file, and `x+key=value` is x
/// with settings.
fn command(platform: &str) -> String {
    let mut parts = platform.split('+');
    let base = parts.next().unwrap_or_default();
    let file = if Platform::shipped().any(|name| name == base) { "" } else { ".toml" };
    parts.fold(format!("{base}{file}"), |line, set| format!("{line} --set '{set}'"))
}

/// The platform file that a build writes beside a library, `share/minplat/platform.toml`, if it is there.
pub fn platform_file(library: &Path) -> Option<PathBuf> {
    let file = library.parent()?.parent()?.join("share/minplat/platform.toml");
    file.is_file().then_some(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_to_do_depends_on_the_platform() {
        let told = |name| find_library(name, Some(Path::new("nowhere"))).unwrap_err().to_string();
        assert!(told("mymachine").contains("minplat-build mymachine.toml\n"), "{}", told("mymachine"));
        assert!(told("pulley32-thumbv7em").contains("another machine"), "{}", told("pulley32-thumbv7em"));
    }

    #[test]
    fn a_name_from_a_file_stays_in_its_folder() {
        for name in ["", ".", "..", "../x", "a/b", "a\0b", "/etc"] {
            let error = find_library(name, Some(Path::new("artifacts"))).unwrap_err();
            assert!(error.to_string().contains("--library"), "{name:?}: {error}");
        }
    }

    #[test]
    fn what_is_missing_can_be_built() {
        let error = find_library("x86_64-minplat+memory.guard=4096", Some(Path::new("nowhere"))).unwrap_err();
        assert!(error.to_string().contains("minplat-build x86_64-minplat --set 'memory.guard=4096'"), "{error}");
    }
}
