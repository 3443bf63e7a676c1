//! A module that is to run: compiled, and looked at from outside.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use minplat_compiler::image::{Image, Outside};
use minplat_compiler::shape::{Export, Import};
use minplat_compiler::{Compiler, Options, input};
use minplat_host::ExternType;
use minplat_platform::Platform;

use crate::types;

/// A module.
#[derive(Clone, Debug)]
pub struct Module {
    /// What the user called it.
    pub name: String,
    /// Its artifact.
    pub artifact: Vec<u8>,
    /// What it exports.
    pub exports: Vec<ExternType>,
    /// What it imports.
    pub imports: Vec<ExternType>,
}

impl Module {
    /// Reads a module: `.cwasm` as it is, anything else (`-`: standard input) compiled for the platform.
    ///
    /// # Errors
    /// It cannot be read or compiled, or is no module.
    pub fn read(path: &Path, platform: &Platform) -> Result<Self> {
        let name = path.display().to_string();
        let is_artifact = path.extension().is_some_and(|extension| extension == "cwasm");
        let artifact = if is_artifact {
            fs::read(path).with_context(|| format!("cannot read {name}; check the path"))?
        } else {
            let input = input::read(path)?;
            Compiler::new(platform, Options::default())?.compile(&input.name, &input.wasm)?.artifact
        };
        Self::of(&name, artifact)
    }

    /// Looks at an artifact.
    ///
    /// # Errors
    /// It is none, or of a component.
    pub fn of(name: &str, artifact: Vec<u8>) -> Result<Self> {
        let contents = Image::parse(&artifact).and_then(|image| image.contents());
        let contents = contents.with_context(|| format!("{name} cannot be run"))?;
        let Outside::Module(shape) = contents.outside else {
            bail!("{name} is a component: the firmware runs modules; programs in Rust run components (docs/rust.md)")
        };
        let export = |export: &Export| types::item("", &export.name, (export.kind, &export.r#type));
        let import = |import: &Import| types::item(&import.module, &import.name, (import.kind, &import.r#type));
        let exports = shape.exports.iter().map(export).collect();
        let imports = shape.imports.iter().map(import).collect();
        Ok(Self { name: name.into(), exports, imports, artifact })
    }
}
