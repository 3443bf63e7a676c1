//! A module that is to run: compiled, and looked at from outside.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use minplat_compiler::image::{Image, Outside};
use minplat_compiler::shape::Shape;
use minplat_compiler::{Compiler, Options, input};
use minplat_host::device::LimitsType;
use minplat_host::{ExternKind, ExternType, FuncType, Kind};
use minplat_platform::Platform;

/// A module.
#[derive(Clone, Debug)]
pub struct Module {
    /// What the user called it.
    pub name: String,
    /// Its artifact.
    pub artifact: Vec<u8>,
    /// What it exports.
    pub exports: Vec<ExternType>,
    /// What it imports: module, name, and what kind of thing.
    pub imports: Vec<(String, String, String)>,
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
        let imports = shape.imports.iter();
        let imports = imports.map(|import| (import.module.clone(), import.name.clone(), import.kind.to_owned()));
        let imports = imports.collect();
        Ok(Self { name: name.into(), exports: exports(&shape), imports, artifact })
    }
}

fn exports(shape: &Shape) -> Vec<ExternType> {
    let none = LimitsType::default();
    let exports = shape.exports.iter().map(|export| {
        let kind = match export.kind {
            "func" => ExternKind::Func(function(&export.r#type)),
            "table" => ExternKind::Table(Kind::FuncRef, none),
            "memory" => ExternKind::Memory(none),
            "global" => ExternKind::Global(Kind::I32, false),
            _ => ExternKind::Tag,
        };
        ExternType { module: String::new(), name: export.name.clone(), kind }
    });
    exports.collect()
}

/// A function's type as it is written: `(func (param i32 i64) (result (ref null func)))`.
fn function(text: &str) -> FuncType {
    FuncType { params: kinds(text, "(param"), results: kinds(text, "(result") }
}

fn kinds(text: &str, list: &str) -> Vec<Kind> {
    let Some((_, rest)) = text.split_once(list) else { return Vec::new() };
    let mut kinds = Vec::new();
    let mut word = String::new();
    let mut depth = 0;
    for char in rest.chars() {
        match char {
            ')' if depth == 0 => break,
            ' ' if depth == 0 => kinds.extend(kind(&std::mem::take(&mut word))),
            char => {
                depth += i32::from(char == '(') - i32::from(char == ')');
                word.push(char);
            }
        }
    }
    kinds.extend(kind(&word));
    kinds
}

/// A type of values by its name; nothing for no name.
fn kind(word: &str) -> Option<Kind> {
    Some(match word {
        "" => return None,
        "i32" => Kind::I32,
        "i64" => Kind::I64,
        "f32" => Kind::F32,
        "f64" => Kind::F64,
        "v128" => Kind::V128,
        reference if reference.contains("extern") => Kind::ExternRef,
        reference if reference.contains("exn") => Kind::ExnRef,
        reference if reference.contains("func") || reference.contains("(ref") => Kind::FuncRef,
        _ => Kind::AnyRef,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_read() {
        let ty = function("(func (param i32 (ref null func) v128) (result f64))");
        assert_eq!(ty.params, [Kind::I32, Kind::FuncRef, Kind::V128]);
        assert_eq!(ty.results, [Kind::F64]);
        assert_eq!(function("(func)"), FuncType { params: vec![], results: vec![] });
    }
}
