//! Which toolchains this machine has.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::candidate::{Origin, Toolchain, output};

/// The toolchains of this machine.
#[derive(Clone, Debug, Default)]
pub struct Listed {
    /// The only one that may be taken, as the user called it.
    pub wanted: Option<String>,
    /// Those that run.
    pub found: Vec<Toolchain>,
    /// Why others do not count.
    pub rejected: Vec<String>,
    /// Whether rustup is here, for advice.
    pub has_rustup: bool,
}

/// All of them: rustup's, then those in `PATH`, then the system's. With `wanted` only that one: a name of rustup's, or the
/// path of a rustc, or of a folder with `bin/rustc`.
pub fn list(wanted: Option<&str>) -> Listed {
    let rustup = in_path("rustup");
    let mut listed = Listed { wanted: wanted.map(str::to_string), has_rustup: rustup.is_some(), ..Listed::default() };
    let mut seen = HashSet::new();
    let mut add = |name: &str, origin, rustc: PathBuf| {
        let real = rustc.canonicalize().unwrap_or_else(|_| rustc.clone());
        if seen.insert(real) {
            match Toolchain::ask(name, origin, &rustc) {
                Ok(toolchain) => listed.found.push(toolchain),
                Err(reason) => listed.rejected.push(format!("{name}: {reason}")),
            }
        }
    };
    if let Some(path) = wanted.filter(|w| w.contains('/')) {
        // Cargo runs in the checkout, wherever this program does.
        let path = std::path::absolute(path).unwrap_or_else(|_| path.into());
        let rustc = if path.is_dir() { path.join("bin/rustc") } else { path };
        add(&rustc.display().to_string(), Origin::Other, rustc.clone());
        return listed;
    }
    let mut refused = Vec::new();
    if let Some(rustup) = &rustup {
        let names = match wanted {
            Some(name) => vec![name.trim_start_matches('+').to_string()],
            None => rustup_names(rustup),
        };
        for name in names {
            match output(rustup, &["which", "--toolchain", &name, "rustc"]) {
                Ok(path) => add(&name, Origin::Rustup, PathBuf::from(path.trim())),
                Err(reason) => refused.push(format!("{name}: {reason}")),
            }
        }
    }
    if wanted.is_none() {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let system = ["/usr/bin", "/usr/local/bin"].map(PathBuf::from);
        for dir in std::env::split_paths(&path).chain(system) {
            let rustc = dir.join("rustc");
            // Beside rustup lie its stand-ins, which were listed above for what they stand for.
            if rustc.is_file() && !dir.join("rustup").exists() {
                add(&rustc.display().to_string(), Origin::Other, rustc.clone());
            }
        }
    }
    listed.rejected.extend(refused);
    listed
}

/// rustup's toolchains, the default one first.
fn rustup_names(rustup: &Path) -> Vec<String> {
    let text = output(rustup, &["toolchain", "list"]).unwrap_or_default();
    let mut lines: Vec<_> = text.lines().filter(|line| !line.starts_with("no ")).collect();
    lines.sort_by_key(|line| !line.contains("default"));
    lines.into_iter().filter_map(|line| line.split_whitespace().next()).map(str::to_string).collect()
}

/// A program in `PATH`.
pub(crate) fn in_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(name)).find(|file| file.is_file())
}
