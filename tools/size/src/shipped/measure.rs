//! The libraries of all shipped platforms, as they lie built, and the example guests compiled for each.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use minplat_builder::source::Source;
use minplat_compiler::compile::{Compiler, Options};
use minplat_compiler::{input, packing};
use minplat_platform::{Budget, Platform};
use serde::Serialize;
use serde_json::Value;

use crate::measure::{artifacts, manifest, measured, prefix};

/// Guests, by file name: one of the checkout, and those that `examples/build-guests.sh` makes.
const GUESTS: [&str; 6] = ["size-probe.wat", "sha256.wasm", "text.wasm", "mappings.wasm", "words.wasm", "sqlite.wasm"];

/// What all of it takes.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Shipped {
    /// The programs that built the libraries, and their versions.
    pub(crate) toolchain: String,
    /// What all is made of.
    pub(crate) wasmtime: String,
    /// A library for each platform.
    pub(crate) libraries: Vec<Library>,
    /// Guests: name, and bytes of the module.
    pub(crate) guests: Vec<(String, u64)>,
    /// By platform, a pair for each guest: the artifact, and the same packed.
    pub(crate) artifacts: Vec<(String, Vec<[u64; 2]>)>,
}

/// A library's bytes: of the size probe with what it reaches of the library, and of all of it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Library {
    pub(crate) platform: String,
    pub(crate) total: u64,
    /// Of those, what must be stored.
    pub(crate) flash: u64,
    /// Of those, variables.
    pub(crate) ram: u64,
    /// The whole C API.
    pub(crate) whole: u64,
    /// The shared object.
    pub(crate) shared: Option<u64>,
    /// What `total` must not exceed.
    pub(crate) budget: Option<u64>,
}

impl Shipped {
    /// Looks at what is built.
    ///
    /// # Errors
    /// A library or a guest is not built, or a guest cannot be compiled.
    pub(crate) fn measure() -> Result<Self> {
        let platforms = Platform::shipped().map(|name| Ok(Platform::load(name, &[])?)).collect::<Result<Vec<_>>>()?;
        let manifests = platforms.iter().map(|platform| manifest(&prefix(platform)?)).collect::<Result<Vec<_>>>()?;
        let libraries = platforms.iter().zip(&manifests).map(|(platform, manifest)| Library::of(platform, manifest));
        let source = Source::find(None)?;
        let guests = GUESTS.iter().map(|name| Ok(input::read(&guest(&source, name)?)?)).collect::<Result<Vec<_>>>()?;
        let artifacts = platforms.iter().map(|platform| {
            let compiler = Compiler::new(platform, Options::default())?;
            let sizes = guests.iter().map(|input| {
                let artifact = compiler.compile(&input.name, &input.wasm)?.artifact;
                let packed = packing::pack(platform, &artifact)
                    .map_err(|error| anyhow::anyhow!("{}: packing it: {error}", input.name))?;
                Ok([artifact.len() as u64, packed.len() as u64])
            });
            Ok((platform.name().to_string(), sizes.collect::<Result<_>>()?))
        });
        Ok(Self {
            toolchain: manifests
                .iter()
                .map(toolchain)
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect::<Vec<_>>()
                .join("; "),
            wasmtime: manifests[0]["wasmtime"].as_str().unwrap_or("unknown").into(),
            libraries: libraries.collect::<Result<_>>()?,
            artifacts: artifacts.collect::<Result<_>>()?,
            guests: GUESTS.iter().zip(&guests).map(|(name, input)| (stem(name), input.wasm.len() as u64)).collect(),
        })
    }
}

impl Library {
    fn of(platform: &Platform, manifest: &Value) -> Result<Self> {
        let number = |path: &str| {
            let number = manifest.pointer(path).and_then(Value::as_u64);
            number.with_context(|| format!("the manifest of {} has no number at {path}", platform.name()))
        };
        let probe = measured(manifest)?.sizes;
        Ok(Self {
            platform: platform.name().into(),
            total: probe.total,
            flash: probe.flash(),
            ram: probe.ram(),
            whole: number("/sizes/archive/total")?,
            shared: number("/sizes/shared/total").ok(),
            budget: platform.budget(Budget::Library),
        })
    }
}

/// The programs that the figures depend on, in a line.
fn toolchain(manifest: &Value) -> String {
    let programs: BTreeMap<String, String> = serde_json::from_value(manifest["toolchain"].clone()).unwrap_or_default();
    let program = |name: &str| programs.get(name).map_or("unknown", String::as_str);
    let how = manifest.pointer("/budgets/library/how").and_then(Value::as_str).unwrap_or_default();
    let compiler = how.split_once(": ").map_or(how, |(compiler, _)| compiler);
    format!("rustc {}, LLVM {}, {}, {compiler}", program("rustc"), program("llvm"), program("linker"))
}

/// Where a guest lies.
fn guest(source: &Source, name: &str) -> Result<PathBuf> {
    let here = source.root.join("examples").join(name);
    if here.is_file() {
        return Ok(here);
    }
    let built = artifacts().join("examples").join(name);
    match built.is_file() {
        true => Ok(built),
        false => bail!(
            "{} is not built: examples/build-guests.sh {}",
            built.display(),
            artifacts().join("examples").display()
        ),
    }
}

fn stem(name: &str) -> String {
    Path::new(name).file_stem().map_or_else(|| name.into(), |stem| stem.to_string_lossy().into_owned())
}
