//! A module compiled in every way there is: what each knob of the compiler saves, and which functions carry the weight.

use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use minplat_compiler::compile::{Compiled, Compiler, Options};
use minplat_compiler::functions::Kind;
use minplat_compiler::{input, packing};
use minplat_platform::settings::Code;
use minplat_platform::{Platform, Settings};
use serde::Serialize;
use wasmparser::{Parser, Payload};

use crate::knobs::{Change, KNOBS, Knob};
use minplat_report::{Table, percent};

/// What a module takes, in every way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Study {
    /// The module.
    pub(crate) module: String,
    /// The platform.
    pub(crate) platform: String,
    /// Bytes of the module.
    pub(crate) wasm: u64,
    /// As the platform has it compiled.
    pub(crate) base: Sizes,
    /// With each knob turned.
    pub(crate) knobs: Vec<Turned>,
    /// Functions of the module, as the platform has them compiled; largest first.
    pub(crate) functions: Vec<Function>,
    /// How it was made.
    pub(crate) method: Vec<String>,
}

/// Bytes of an artifact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Sizes {
    /// The file.
    pub(crate) file: u64,
    /// Its code, padding between functions included; none of what is packed, which has no parts.
    pub(crate) code: Option<u64>,
    /// Everything else; likewise.
    pub(crate) other: Option<u64>,
}

/// What became of a knob.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Turned {
    /// The knob.
    pub(crate) knob: String,
    /// Its value.
    pub(crate) value: String,
    /// The changes to the platform.
    pub(crate) sets: Vec<String>,
    /// The bytes; none where the platform cannot have it so.
    pub(crate) sizes: Option<Sizes>,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) why_not: Option<String>,
}

/// A function on both sides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Function {
    /// Its name and index.
    pub(crate) name: String,
    /// Bytes of its body in the module.
    pub(crate) wasm: u64,
    /// Bytes of its code.
    pub(crate) machine: u64,
}

impl Function {
    /// How many bytes of code a byte of the module is; none of what has no body in it.
    pub(crate) fn ratio(&self) -> Option<f64> {
        (self.wasm > 0).then(|| self.machine as f64 / self.wasm as f64)
    }
}

impl Study {
    /// Compiles a module for a platform, and with each knob turned.
    ///
    /// # Errors
    /// The module cannot be read, or the platform does not take it.
    pub(crate) fn new(path: &Path, called: &str, sets: &[String]) -> Result<Self> {
        let input = input::read(path)?;
        let platform = Platform::load(called, sets)?;
        let compile = |platform: &Platform, change: Change| -> Result<Compiled> {
            let options = Options { without_traps: change == Change::NoTraps, ..Options::default() };
            let stripped = (change == Change::NoNames).then(|| without_names(&input.wasm)).transpose()?;
            let wasm = stripped.as_ref().unwrap_or(&input.wasm);
            Ok(Compiler::new(platform, options)?.compile(&input.name, wasm)?)
        };
        let compiled = compile(&platform, Change::Same)?;
        // The trailer has the platform's name, and a platform with a change has a longer one.
        let trailer = (compiled.artifact.len() - compiled.image_len) as u64;
        let base = Sizes::of(&compiled, trailer)?;
        let mut knobs = Vec::new();
        for knob in KNOBS {
            let all: Vec<_> = sets.iter().cloned().chain(knob.sets.iter().map(ToString::to_string)).collect();
            let turned = Platform::load(called, &all).map_err(anyhow::Error::from).and_then(|turned| {
                if knob.change == Change::Packed {
                    return Sizes::packed(&turned, &compiled);
                }
                let Settings { traps, code, .. } = *turned.settings();
                if knob.change == Change::NoTraps && !traps && code == Code::Native {
                    bail!("no device of this platform reads it, so there is none");
                }
                if turned.settings() == platform.settings() && knob.change == Change::Same {
                    return Ok(base);
                }
                Sizes::of(&compile(&turned, knob.change)?, trailer)
            });
            knobs.push(Turned::new(knob, turned));
        }
        Ok(Self {
            module: input.name.clone(),
            platform: platform.name().to_string(),
            wasm: input.wasm.len() as u64,
            base,
            knobs,
            functions: functions(&compiled.artifact, &input.wasm)?,
            method: vec![
                "Compiled by the library that minplat-compile is made of; counted is the file, with the trailer that the platform \
                 gives it. Each knob is turned alone, from what the platform has; - is what the platform cannot have so, and \
                 --json says why. What is packed has no parts."
                    .into(),
                "Beside a function's bytes in the module stand those of its code, as the platform has it, without padding.".into(),
            ],
        })
    }

    /// For people; of functions, the `top` largest (0: all).
    pub(crate) fn text(&self, top: usize) -> String {
        let Self { module, platform, wasm, base, .. } = self;
        let mut out = format!(
            "{module}: {wasm} bytes of wasm\n{platform}: {} bytes, {} of code and {} others\n\n",
            base.file,
            base.code.unwrap_or(0),
            base.other.unwrap_or(0)
        );
        let mut table = Table::new(&["knob", "value", "file", "change", "%", "code", "others"], &[0, 1]);
        for turned in &self.knobs {
            let mut row = vec![turned.knob.clone(), turned.value.clone()];
            match turned.sizes {
                Some(sizes) if sizes == *base => row.extend([sizes.file.to_string(), "0".into(), String::new()]),
                Some(sizes) => {
                    let change = sizes.file as i64 - base.file as i64;
                    let part = 100.0 * change as f64 / base.file as f64;
                    row.extend([sizes.file.to_string(), format!("{change:+}"), format!("{part:+.1}")]);
                }
                None => row.extend(["-".into(), String::new(), String::new()]),
            }
            if let Some(sizes) = turned.sizes {
                row.extend(
                    [sizes.code, sizes.other].map(|bytes| bytes.map_or_else(String::new, |bytes| bytes.to_string())),
                );
            }
            table.row(row);
        }
        out += &table.text();
        out.push('\n');

        let shown = if top == 0 { self.functions.len() } else { top.min(self.functions.len()) };
        let mut table = Table::new(&["code", "%", "wasm", "ratio", "function"], &[4]);
        let sum = |all: &[Function], name: String| Function {
            name,
            wasm: all.iter().map(|function| function.wasm).sum(),
            machine: all.iter().map(|function| function.machine).sum(),
        };
        let rest = &self.functions[shown..];
        let more = (!rest.is_empty()).then(|| sum(rest, format!("{} more functions (--top 0 prints all)", rest.len())));
        let together = sum(&self.functions, "together".into());
        for function in self.functions[..shown].iter().chain(&more).chain([&together]) {
            let Function { name, machine, wasm } = function;
            let ratio = function.ratio().map_or_else(String::new, |ratio| format!("{ratio:.1}"));
            let part = percent(*machine, base.code.unwrap_or(0));
            table.row(vec![machine.to_string(), part, wasm.to_string(), ratio, name.clone()]);
        }
        out += &table.text();
        out.push('\n');
        out.extend(self.method.iter().map(|sentence| format!("{sentence}\n")));
        out
    }
}

impl Sizes {
    fn of(compiled: &Compiled, trailer: u64) -> Result<Self> {
        let (file, code) = (compiled.image_len as u64 + trailer, compiled.image()?.text().map_or(0, |text| text.size));
        Ok(Self { file, code: Some(code), other: Some(file - code) })
    }

    fn packed(platform: &Platform, compiled: &Compiled) -> Result<Self> {
        let packed = packing::pack(platform, &compiled.artifact).map_err(|error| anyhow!("packing it: {error}"))?;
        Ok(Self { file: packed.len() as u64, code: None, other: None })
    }
}

impl Turned {
    fn new(knob: &Knob, sizes: Result<Sizes>) -> Self {
        let (sizes, why_not) = match sizes {
            Ok(sizes) => (Some(sizes), None),
            Err(error) => (None, Some(format!("{error:#}"))),
        };
        let sets = knob.sets.iter().map(ToString::to_string).collect();
        Self { knob: knob.name.into(), value: knob.value.into(), sets, sizes, why_not }
    }
}

/// Functions of the module; those of its code that came from nowhere in it are not among them.
fn functions(artifact: &[u8], wasm: &[u8]) -> Result<Vec<Function>> {
    let image = minplat_compiler::image::Image::parse(artifact)?;
    let bodies = bodies(wasm)?;
    let mut all: Vec<_> = image
        .contents()?
        .functions
        .iter()
        .filter(|function| function.kind == Kind::Wasm)
        .map(|function| Function {
            name: function.label(),
            // A component's functions are in several modules, and their indices tell nothing here.
            wasm: function
                .index
                .filter(|_| function.module.is_none())
                .and_then(|n| bodies.get(n as usize))
                .copied()
                .unwrap_or(0),
            machine: u64::from(function.size),
        })
        .collect();
    all.sort_by_key(|function| std::cmp::Reverse((function.machine, function.wasm)));
    Ok(all)
}

/// Bytes of each function's body, by its index; imported ones have none.
fn bodies(wasm: &[u8]) -> Result<Vec<u64>> {
    let mut all = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.context("the module cannot be read")? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    if matches!(import?.ty, wasmparser::TypeRef::Func(_) | wasmparser::TypeRef::FuncExact(_)) {
                        all.push(0);
                    }
                }
            }
            Payload::CodeSectionEntry(body) => all.push(body.range().len() as u64),
            _ => {}
        }
    }
    Ok(all)
}

/// The module without its section with names of functions.
fn without_names(wasm: &[u8]) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    let mut at = 0;
    for payload in Parser::new(0).parse_all(wasm) {
        if let Payload::CustomSection(custom) = payload.context("the module cannot be read")?
            && custom.name() == "name"
        {
            // Before its contents stand a byte, 0, and its length, a number of seven bits a byte.
            let end = custom.range().end;
            let start = (at..custom.range().start)
                .rev()
                .find(|start| header(wasm, *start, end))
                .context("a section begins nowhere")?;
            out.extend_from_slice(&wasm[at..start]);
            at = end;
        }
    }
    out.extend_from_slice(&wasm[at..]);
    Ok(out)
}

/// Whether a custom section that ends at `end` begins at `start`.
fn header(wasm: &[u8], start: usize, end: usize) -> bool {
    if wasm[start] != 0 {
        return false;
    }
    let mut length = 0usize;
    for (nth, byte) in wasm[start + 1..].iter().take(5).enumerate() {
        length |= usize::from(byte & 0x7f) << (7 * nth);
        if byte & 0x80 == 0 {
            return start + 2 + nth + length == end;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_section_with_names_goes_and_nothing_else() {
        let empty = b"\0asm\x01\0\0\0";
        let kept = b"\0\x04\x01x\0\0";
        // `name`, and in it a text that looks like a header.
        let names = b"\0\x09\x04name\0\x02\0\0";
        let all = [&empty[..], kept, names, kept].concat();
        assert_eq!(without_names(&all).unwrap(), [&empty[..], kept, kept].concat());
    }
}
