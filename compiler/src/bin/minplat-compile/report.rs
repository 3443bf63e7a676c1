//! What is told of each module: a line for people, an object for programs.

use std::time::Duration;

use minplat_compiler::cache::Uses;
use minplat_compiler::compile::{Compiled, Compiler};
use minplat_compiler::debug_file::hex;
use minplat_compiler::explain::features_used;
use minplat_compiler::image::Outside;
use minplat_compiler::input::Input;
use serde_json::{Value, json};

use crate::args::Args;
use crate::jobs::Job;

/// What was measured on the way.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Times {
    pub(crate) read: Duration,
    pub(crate) wasm_opt: Duration,
    pub(crate) compile: Duration,
    pub(crate) write: Duration,
}

impl Times {
    fn all(self) -> Duration {
        self.read + self.wasm_opt + self.compile + self.write
    }
}

/// What people are told of a module: with `-v` what was done, with `--cache` what it was good for.
pub(crate) fn lines(
    args: &Args,
    job: &Job,
    input: &Input,
    compiled: &Compiled,
    written: usize,
    times: Times,
) -> Vec<String> {
    let done = args.verbose.then(|| line(job, input, written, times));
    let cached = compiled.cached.filter(|_| !args.quiet).map(|uses| cached(job, uses, times));
    done.into_iter().chain(cached).collect()
}

/// `big.cwasm: 2431 of 2432 functions from the cache, 0.31 s`.
fn cached(job: &Job, uses: Uses, times: Times) -> String {
    let Uses { functions, hits, damaged, lost } = uses;
    let more = [(damaged, "damaged ones removed"), (lost, "could not be kept")];
    let more: String =
        more.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!(" ({count} {what})")).collect();
    let seconds = times.all().as_secs_f64();
    format!("{}: {hits} of {functions} functions from the cache{more}, {seconds:.2} s", job.output.display())
}

fn line(job: &Job, input: &Input, written: usize, times: Times) -> String {
    format!(
        "{} -> {}: {} bytes of {} to {} in {:.0} ms",
        input.name,
        job.output.display(),
        input.wasm.len(),
        if input.text.is_some() { "wasm (from text)" } else { "wasm" },
        written,
        times.compile.as_secs_f64() * 1e3,
    )
}

/// The object of `--json`.
pub(crate) fn json(
    job: &Job,
    input: &Input,
    compiled: &Compiled,
    compiler: &Compiler,
    times: Times,
    written: bool,
) -> anyhow::Result<Value> {
    let image = compiled.image()?;
    let contents = image.contents()?;
    let sections: serde_json::Map<_, _> =
        image.elf.sections.iter().map(|section| (section.name.to_string(), json!(section.size))).collect();
    let ms = |time: Duration| (time.as_secs_f64() * 1e6).round() / 1e3;
    let mut object = json!({
        "input": input.name,
        "output": written.then(|| job.output.display().to_string()),
        "debug_file": job.debug_file.as_ref().filter(|_| written).map(|path| path.display().to_string()),
        "fingerprint": hex(&compiler.platform().fingerprint()),
        "bytes": {
            "source": input.source_len,
            "wasm": input.wasm.len(),
            "artifact": compiled.artifact.len(),
            "image": compiled.image_len,
            "sections": sections,
        },
        "ms": { "read": ms(times.read), "compile": ms(times.compile), "write": ms(times.write) },
        "functions": contents.functions.iter().filter(|f| f.wasm_offset.is_some()).count(),
        "features": features_used(&input.wasm, image.engine.features),
    });
    if !times.wasm_opt.is_zero() {
        object["ms"]["wasm_opt"] = json!(ms(times.wasm_opt));
    }
    if let Some(uses) = compiled.cached {
        object["cache"] = json!(uses);
    }
    match contents.outside {
        Outside::Module(shape) => {
            object["imports"] = json!(shape.imports);
            object["exports"] = json!(shape.exports);
            object["memories"] = json!(shape.memories);
        }
        Outside::Component(shape) => object["component"] = json!(shape),
    }
    Ok(object)
}
