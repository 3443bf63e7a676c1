//! What the library is made of: the packages, and those that must not be among them.

use std::collections::BTreeMap;
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
    /// Its licence, an SPDX expression; empty if it tells none.
    pub license: String,
    /// Its features.
    pub features: Vec<String>,
    /// Where it lies, if it is no registry's.
    #[serde(skip)]
    pub path: Option<PathBuf>,
    /// The packages that it depends on, by name and version, sorted.
    #[serde(skip)]
    pub depends: Vec<(String, String)>,
}

/// Reads the lines of `cargo tree` with depths: `DEPTHname vVERSION (PATH)|features|licence`.
pub fn parse(tree: &str) -> Vec<Package> {
    let mut packages: BTreeMap<(String, String), Package> = BTreeMap::new();
    // From the root to the line at hand.
    let mut way: Vec<(String, String)> = Vec::new();
    for (depth, package) in tree.lines().filter_map(line) {
        let id = (package.name.clone(), package.version.clone());
        way.truncate(depth);
        if let Some(parent) = way.last().and_then(|parent| packages.get_mut(parent))
            && let Err(at) = parent.depends.binary_search(&id)
        {
            parent.depends.insert(at, id.clone());
        }
        packages.entry(id.clone()).or_insert(package);
        way.push(id);
    }
    packages.into_values().collect()
}

fn line(line: &str) -> Option<(usize, Package)> {
    let digits = line.find(|c: char| !c.is_ascii_digit())?;
    let (depth, line) = line.split_at(digits);
    let mut fields = line.splitn(3, '|');
    let mut words = fields.next()?.splitn(3, ' ');
    let features = fields.next()?;
    // Cargo marks a package that it told of before.
    let license = fields.next()?.trim_end_matches(" (*)").to_string();
    let name = words.next()?.to_string();
    let version = words.next()?.trim_start_matches('v').to_string();
    let path = words.next().and_then(|rest| rest.strip_prefix('(')).and_then(|rest| rest.split(')').next());
    let path = path.filter(|path| path.starts_with('/')).map(PathBuf::from);
    let features = features.split(',').filter(|f| !f.is_empty()).map(str::to_string).collect();
    Some((depth.parse().ok()?, Package { name, version, license, features, path, depends: Vec::new() }))
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

    const TREE: &str = "0minplat-capi v0.1.0 (/src/embedding/capi)|allocator,default|Apache-2.0\n\
                        1wasmtime v48.0.8|runtime|Apache-2.0 WITH LLVM-exception\n\
                        2serde v1.0.229|alloc|MIT OR Apache-2.0\n\
                        1minplat v0.1.0 (/src/embedding)||Apache-2.0\n\
                        2wasmtime v48.0.8|runtime|Apache-2.0 WITH LLVM-exception (*)\n";

    #[test]
    fn packages_are_read_once_with_what_they_are_and_depend_on() {
        let packages = parse(TREE);
        let names: Vec<_> = packages.iter().map(|package| package.name.as_str()).collect();
        assert_eq!(names, ["minplat", "minplat-capi", "serde", "wasmtime"]);
        assert_eq!(packages[1].path, Some(PathBuf::from("/src/embedding/capi")));
        assert_eq!(packages[1].features, ["allocator", "default"]);
        assert_eq!(packages[3].version, "48.0.8");
        assert_eq!(packages[3].license, "Apache-2.0 WITH LLVM-exception");
        let id = |at: usize| (packages[at].name.clone(), packages[at].version.clone());
        assert_eq!(packages[0].depends, [id(3)]);
        assert_eq!(packages[1].depends, [id(0), id(3)]);
        assert_eq!(packages[3].depends, [id(2)]);
        check(&packages).unwrap();
    }

    #[test]
    fn a_compiler_is_refused_by_name() {
        let packages = parse(&format!("{TREE}1cranelift-codegen v0.135.8|std|\n1wat v1.263.0||\n"));
        let error = check(&packages).unwrap_err().to_string();
        assert!(error.contains("cranelift-codegen 0.135.8, wat 1.263.0"), "{error}");
        assert!(error.contains("cargo tree"), "{error}");
    }

    #[test]
    fn the_standard_library_is_refused() {
        let error = check(&parse("0wasmtime v48.0.8|runtime,std|\n")).unwrap_err().to_string();
        assert!(error.contains("its feature std"), "{error}");
    }
}
