//! The parts of a library: each package whose code is in it, those of Rust's own library included.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::compiled::Compiled;
use crate::dependencies::Package;
use crate::toolchain::Toolchain;

/// Where a part comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The checkout: a part of minplat.
    Checkout,
    /// crates.io; the SHA-256 of the package.
    Registry(String),
    /// The Rust toolchain.
    Toolchain,
}

/// A package whose code is in the library.
#[derive(Clone, Debug)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// Its version; that of the compiler for a part of the toolchain.
    pub version: String,
    /// Its licence, an SPDX expression.
    pub license: String,
    /// Its features.
    pub features: Vec<String>,
    /// Where it comes from.
    pub origin: Origin,
    /// The folder with its source, if it is on this machine.
    pub dir: Option<PathBuf>,
    /// Names and versions of the parts that it depends on.
    pub depends: Vec<(String, String)>,
}

/// What is linked of Rust's own library, with its licence, where its source is not at hand.
const STANDARD: &[(&str, &str)] = &[
    ("alloc", "MIT OR Apache-2.0"),
    ("compiler_builtins", "MIT AND Apache-2.0 WITH LLVM-exception AND (MIT OR Apache-2.0)"),
    ("core", "MIT OR Apache-2.0"),
];

/// Puts the parts together, sorted by name: `packages` as Cargo resolved them, `compiled` as it built them, `lock` the
/// contents of `Cargo.lock`.
///
/// # Errors
/// The two lists differ, a package has no checksum or no licence, `Cargo.lock` or a part's `Cargo.toml` cannot be read.
pub fn parts(packages: &[Package], compiled: &[Compiled], lock: &str, toolchain: &Toolchain) -> Result<Vec<Part>> {
    let checksums = checksums(lock)?;
    let mut parts = standard(compiled, toolchain)?;
    let standard: Vec<_> = parts.iter().map(|part| (part.name.clone(), part.version.clone())).collect();
    for package in packages {
        let built = compiled.iter().find(|c| c.name == package.name && c.version == package.version);
        let id = (package.name.clone(), package.version.clone());
        let Some(built) = built else {
            bail!("cargo resolved {} {} for the library and did not compile it", id.0, id.1);
        };
        let origin = match (&package.path, checksums.get(&id)) {
            (Some(_), _) => Origin::Checkout,
            (None, Some(checksum)) => Origin::Registry(checksum.clone()),
            (None, None) => bail!("Cargo.lock has no checksum of {} {}: it is of no registry", id.0, id.1),
        };
        if package.license.is_empty() {
            bail!("{} {} tells no licence (`license` in its Cargo.toml)", id.0, id.1);
        }
        let mut depends = package.depends.clone();
        // Everything stands on Rust's own library; the root tells so for all.
        if package.name == "minplat-capi" {
            depends.extend(standard.iter().cloned());
        }
        parts.push(Part {
            name: id.0,
            version: id.1,
            // As crates.io wrote it before SPDX expressions.
            license: package.license.replace('/', " OR "),
            features: package.features.clone(),
            origin,
            dir: Some(built.dir.clone()),
            depends,
        });
    }
    let own = |c: &&Compiled| !is_standard(c, toolchain);
    if let Some(extra) = compiled.iter().filter(own).find(|c| !parts.iter().any(|part| part.name == c.name)) {
        bail!("cargo compiled {} {} for the library, which it did not resolve", extra.name, extra.version);
    }
    parts.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
    Ok(parts)
}

fn is_standard(compiled: &Compiled, toolchain: &Toolchain) -> bool {
    let source = toolchain.source_dir();
    // On Debian the folder is a link, and Cargo tells of either.
    compiled.dir.starts_with(&source) || source.canonicalize().is_ok_and(|real| compiled.dir.starts_with(real))
}

/// The parts of Rust's own library.
fn standard(compiled: &[Compiled], toolchain: &Toolchain) -> Result<Vec<Part>> {
    let part = |name: &str, license: String, dir: Option<PathBuf>, depends: Vec<String>| Part {
        name: name.into(),
        version: toolchain.release.clone(),
        license,
        features: Vec::new(),
        origin: Origin::Toolchain,
        dir,
        depends: depends.into_iter().map(|name| (name, toolchain.release.clone())).collect(),
    };
    let built: Vec<_> = compiled.iter().filter(|c| is_standard(c, toolchain)).collect();
    if built.is_empty() {
        return Ok(STANDARD.iter().map(|(name, license)| part(name, (*license).into(), None, Vec::new())).collect());
    }
    let read = |one: &&Compiled| -> Result<Part> {
        let path = one.dir.join("Cargo.toml");
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let manifest: toml::Table = text.parse().with_context(|| format!("cannot read {}", path.display()))?;
        let license = manifest.get("package").and_then(|package| package.get("license")).and_then(|l| l.as_str());
        let license = license.with_context(|| format!("{} tells no licence", path.display()))?;
        let wanted = manifest.get("dependencies").and_then(|d| d.as_table()).cloned().unwrap_or_default();
        let depends = wanted.keys().filter(|name| built.iter().any(|c| c.name == **name)).cloned().collect();
        Ok(part(&one.name, license.into(), Some(one.dir.clone()), depends))
    };
    built.iter().map(read).collect()
}

/// The checksums of `Cargo.lock`, by name and version.
fn checksums(lock: &str) -> Result<BTreeMap<(String, String), String>> {
    let lock: toml::Table = lock.parse().context("cannot read Cargo.lock")?;
    let packages = lock.get("package").and_then(|packages| packages.as_array()).cloned().unwrap_or_default();
    let text = |package: &toml::Value, key: &str| Some(package.get(key)?.as_str()?.to_string());
    let known = packages
        .iter()
        .filter_map(|package| Some(((text(package, "name")?, text(package, "version")?), text(package, "checksum")?)));
    Ok(known.collect())
}

/// The text of `Cargo.lock` in a checkout.
///
/// # Errors
/// It cannot be read.
pub fn lock(root: &Path) -> Result<String> {
    let path = root.join("Cargo.lock");
    fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
}
