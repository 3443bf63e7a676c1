//! `manifest.json`: what a library is, what it was made of, and how. No folder of the machine that built it, no date: the same
//! build writes the same bytes.

use std::collections::BTreeMap;

use minplat_platform::Platform;
use serde::Serialize;

use crate::dependencies::Package;
use crate::inputs::Digest;
use crate::linker::Linker;
use crate::probe::Measured;
use crate::recipe::Recipe;
use crate::sizes::Sizes;
use crate::symbols::Symbols;
use crate::toolchain::Choice;

/// The manifest's layout; it changes when a key changes its meaning.
const FORMAT: u32 = 1;

/// Everything that is told of a library.
#[derive(Clone, Debug, Serialize)]
pub struct Manifest {
    /// The layout of this file.
    pub format: u32,
    /// The platform's name.
    pub platform: String,
    /// What it is, in a sentence.
    pub summary: String,
    /// The digest of every setting that must agree.
    pub fingerprint: String,
    /// The base fingerprint, in hexadecimal: that of an artifact must be the same.
    pub base: String,
    /// The version of minplat.
    pub minplat: String,
    /// The version of Wasmtime.
    pub wasmtime: String,
    /// The programs that built it.
    pub toolchain: BTreeMap<&'static str, String>,
    /// Every flag.
    pub build: Build,
    /// Wasmtime's name of each setting that must agree, and its value.
    pub agreement: BTreeMap<String, String>,
    /// Its global symbols.
    pub symbols: Symbols,
    /// Bytes on the device: of the whole library, and of the shared object.
    pub sizes: BTreeMap<&'static str, Sizes>,
    /// What was measured, with its limit.
    pub budgets: BTreeMap<&'static str, Budget>,
    /// Everything that the platform file bounds, by key.
    pub limits: BTreeMap<&'static str, u64>,
    /// The packages inside.
    pub packages: Vec<Package>,
    /// The files beside it: bytes and SHA-256.
    pub files: BTreeMap<String, FileInfo>,
}

/// The flags of each step.
#[derive(Clone, Debug, Serialize)]
pub struct Build {
    /// Cargo's and rustc's.
    #[serde(flatten)]
    pub recipe: Recipe,
    /// The linker's, for the object in the archive.
    pub prelink: Vec<String>,
    /// The linker's, for the shared object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shared: Option<Vec<String>>,
}

/// A limit and what was measured.
#[derive(Clone, Debug, Serialize)]
pub struct Budget {
    /// Bytes; none: no limit.
    pub limit: Option<u64>,
    /// What was measured, and how.
    #[serde(flatten)]
    pub measured: Measured,
}

/// A file of the prefix.
#[derive(Clone, Debug, Serialize)]
pub struct FileInfo {
    /// Its length.
    pub bytes: u64,
    /// The digest of its contents.
    pub sha256: String,
}

impl FileInfo {
    /// That of some contents.
    pub fn of(contents: &[u8]) -> Self {
        Self { bytes: contents.len() as u64, sha256: Digest::of(contents).hex() }
    }
}

/// What the steps of a build found out.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Every flag.
    pub build: Build,
    /// Global symbols of the object.
    pub symbols: Symbols,
    /// See [`Manifest::sizes`].
    pub sizes: BTreeMap<&'static str, Sizes>,
    /// The size probe.
    pub measured: Measured,
    /// The packages inside.
    pub packages: Vec<Package>,
    /// Path in the prefix, and contents.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl Manifest {
    /// Puts together what is known.
    pub fn new(platform: &Platform, choice: &Choice, linker: &Linker, facts: Facts) -> Self {
        let version = |name: &str| {
            let package = facts.packages.iter().find(|package| package.name == name);
            package.map_or_else(|| "unknown".to_string(), |package| package.version.clone())
        };
        Self {
            format: FORMAT,
            platform: platform.name().into(),
            summary: platform.summary().into(),
            fingerprint: hex(&platform.fingerprint()),
            base: hex(&platform.base_fingerprint()),
            minplat: version("minplat"),
            wasmtime: version("wasmtime"),
            toolchain: programs(choice, linker),
            agreement: platform.agreement().into_iter().map(|agreed| (agreed.name, agreed.value)).collect(),
            budgets: BTreeMap::from([(
                "library",
                Budget { limit: platform.budget(minplat_platform::Budget::Library), measured: facts.measured },
            )]),
            limits: crate::budget::limits(platform),
            files: facts.files.iter().map(|(path, contents)| (path.clone(), FileInfo::of(contents))).collect(),
            build: facts.build,
            symbols: facts.symbols,
            sizes: facts.sizes,
            packages: facts.packages,
        }
    }

    /// As the file's contents.
    pub fn to_json(&self) -> Vec<u8> {
        let mut text = serde_json::to_vec_pretty(self).expect("a manifest has no map with keys that are no text");
        text.push(b'\n');
        text
    }
}

/// The programs that build, and their versions.
pub(crate) fn programs(choice: &Choice, linker: &Linker) -> BTreeMap<&'static str, String> {
    let toolchain = &choice.toolchain;
    BTreeMap::from([
        ("rustc", toolchain.release.clone()),
        ("rustc-commit", toolchain.commit.clone()),
        ("llvm", toolchain.llvm.clone()),
        ("host", toolchain.host.clone()),
        ("linker", linker.version.clone()),
    ])
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
