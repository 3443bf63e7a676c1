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

use super::baseline::Parts;
use crate::measure::{artifacts, manifest, measured, prefix};
use crate::model::By;
use crate::subject::Subject;

/// Guests, by file name: one of the checkout, and those that `examples/build-guests.sh` makes.
const GUESTS: [&str; 6] = ["size-probe.wat", "sha256.wasm", "text.wasm", "mappings.wasm", "words.wasm", "sqlite.wasm"];

/// The budgets that a shipped platform has.
pub(crate) const BUDGETS: [Budget; 4] = [Budget::Library, Budget::Flash, Budget::Ram, Budget::Stack];

/// What all of it takes.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Shipped {
    /// The programs that built the libraries, and their versions.
    pub(crate) toolchain: String,
    /// What all is made of.
    pub(crate) wasmtime: String,
    /// A library for each platform.
    pub(crate) libraries: Vec<Library>,
    /// Programs that are built as guests.
    pub(crate) guests: Guests,
    /// The examples in text form.
    pub(crate) examples: Guests,
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
    /// What must not be exceeded, as [`BUDGETS`] are.
    pub(crate) budgets: [Option<u64>; BUDGETS.len()],
    /// Whether linear memories lie on the heap; else each is a mapping.
    pub(crate) memories_on_heap: bool,
    /// Whose the bytes of `total` are.
    pub(crate) parts: Parts,
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
        let built = GUESTS.iter().map(|name| guest(&source, name)).collect::<Result<Vec<_>>>()?;
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
            guests: Guests::compile(&built, &platforms)?,
            examples: Guests::compile(&examples(&source, &built)?, &platforms)?,
        })
    }
}

/// Modules, and what they take compiled.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Guests {
    /// Name, and bytes of the module.
    pub(crate) modules: Vec<(String, u64)>,
    /// By platform, a pair for each module: the artifact, and the same packed.
    pub(crate) artifacts: Vec<(String, Vec<[u64; 2]>)>,
}

impl Guests {
    fn compile(files: &[PathBuf], platforms: &[Platform]) -> Result<Self> {
        let inputs = files.iter().map(|file| Ok(input::read(file)?)).collect::<Result<Vec<_>>>()?;
        let artifacts = platforms.iter().map(|platform| {
            let compiler = Compiler::new(platform, Options::default())?;
            let sizes = inputs.iter().map(|input| {
                let artifact = compiler.compile(&input.name, &input.wasm)?.artifact;
                let packed = packing::pack(platform, &artifact)
                    .map_err(|error| anyhow::anyhow!("{}: packing it: {error}", input.name))?;
                Ok([artifact.len() as u64, packed.len() as u64])
            });
            Ok((platform.name().to_string(), sizes.collect::<Result<_>>()?))
        });
        let modules = files.iter().zip(&inputs).map(|(file, input)| (stem(file), input.wasm.len() as u64));
        Ok(Self { modules: modules.collect(), artifacts: artifacts.collect::<Result<_>>()? })
    }
}

impl Library {
    fn of(platform: &Platform, manifest: &Value) -> Result<Self> {
        let number = |path: &str| {
            let number = manifest.pointer(path).and_then(Value::as_u64);
            number.with_context(|| format!("the manifest of {} has no number at {path}", platform.name()))
        };
        let probe = measured(manifest)?.sizes;
        let report = Subject { called: platform.name(), sets: &[], map: None, by: By::Symbol }.report()?;
        let owners = report.owners().into_iter().map(|(owner, _, bytes)| (owner, bytes)).collect();
        Ok(Self {
            platform: platform.name().into(),
            total: probe.total,
            flash: probe.flash(),
            ram: probe.ram(),
            whole: number("/sizes/archive/total")?,
            shared: number("/sizes/shared/total").ok(),
            budgets: BUDGETS.map(|budget| platform.budget(budget)),
            memories_on_heap: platform.settings().memories_on_heap(),
            parts: Parts { sections: probe.sections, owners },
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

/// The examples in text form, by name, but for those that are among `built`.
fn examples(source: &Source, built: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let folder = source.root.join("examples");
    let entries = std::fs::read_dir(&folder).with_context(|| format!("cannot look into {}", folder.display()))?;
    let mut all = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    all.retain(|path| path.extension().is_some_and(|extension| extension == "wat") && !built.contains(path));
    all.sort();
    Ok(all)
}

fn stem(file: &Path) -> String {
    file.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}
