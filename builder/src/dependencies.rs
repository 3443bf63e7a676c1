//! What the library is made of: the packages, and those that must not be among them.

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::{Result, bail};
use serde::Serialize;

/// The compiler, and what belongs to one: never on a device.
const FORBIDDEN: &[&str] = &[
    "cranelift-codegen",
    "cranelift-frontend",
    "wasmtime-internal-cranelift",
    "wasmtime-internal-winch",
    "wast",
    "wat",
    "winch-codegen",
];

/// A package of the library.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its features.
    pub features: Vec<String>,
    /// Where it lies, if it is no registry's.
    #[serde(skip)]
    pub path: Option<PathBuf>,
}

/// Reads the lines of `cargo tree`: `name vVERSION (PATH)|features`.
pub fn parse(tree: &str) -> Vec<Package> {
    let lines: BTreeSet<Package> = tree.lines().filter_map(package).collect();
    lines.into_iter().collect()
}

fn package(line: &str) -> Option<Package> {
    let (package, features) = line.split_once('|')?;
    let mut words = package.splitn(3, ' ');
    let name = words.next()?.to_string();
    let version = words.next()?.trim_start_matches('v').to_string();
    let path = words.next().and_then(|rest| rest.strip_prefix('(')).and_then(|rest| rest.split(')').next());
    let path = path.filter(|path| path.starts_with('/')).map(PathBuf::from);
    let features = features.split(',').filter(|f| !f.is_empty()).map(str::to_string).collect();
    Some(Package { name, version, features, path })
}

/// Refuses a library that would carry a compiler or the standard library.
///
/// # Errors
/// Names each such package, and how to see what asks for it.
pub fn check(packages: &[Package]) -> Result<()> {
    let compiler = packages.iter().filter(|p| FORBIDDEN.contains(&p.name.as_str()));
    let mut found: Vec<_> = compiler.map(|p| format!("{} {}", p.name, p.version)).collect();
    let with_std = packages.iter().filter(|p| p.name == "wasmtime" && p.features.iter().any(|f| f == "std"));
    found.extend(with_std.map(|p| format!("wasmtime {} with its feature std", p.version)));
    if let Some(first) = found.first() {
        let name = first.split(' ').next().unwrap_or_default();
        bail!(
            "the device library would contain {}, which has no place on a device; \
             `cargo tree -p minplat-capi -e normal -i {name}` shows what asks for it",
            found.join(", ")
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &str = "minplat-capi v0.1.0 (/src/embedding/capi)|allocator,default\nwasmtime v48.0.8|runtime\n\
                        serde v1.0.229|alloc\nwasmtime v48.0.8|runtime\n";

    #[test]
    fn packages_are_read_once_with_version_path_and_features() {
        let packages = parse(TREE);
        assert_eq!(packages.len(), 3);
        assert_eq!(packages[0].path, Some(PathBuf::from("/src/embedding/capi")));
        assert_eq!(packages[2].version, "48.0.8");
        assert_eq!(packages[0].features, ["allocator", "default"]);
        check(&packages).unwrap();
    }

    #[test]
    fn a_compiler_is_refused_by_name() {
        let packages = parse(&format!("{TREE}cranelift-codegen v0.135.8|std\nwat v1.263.0|\n"));
        let error = check(&packages).unwrap_err().to_string();
        assert!(error.contains("cranelift-codegen 0.135.8, wat 1.263.0"), "{error}");
        assert!(error.contains("cargo tree"), "{error}");
    }

    #[test]
    fn the_standard_library_is_refused() {
        let error = check(&parse("wasmtime v48.0.8|runtime,std\n")).unwrap_err().to_string();
        assert!(error.contains("its feature std"), "{error}");
    }
}
