//! The builds of a study, one after the other, by `minplat-build`: what has not changed since the last time, it does not build again.

use std::collections::HashSet;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use minplat_builder::probe::More;
use minplat_builder::progress::time;
use minplat_platform::Platform;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::pace::Pace;
use super::plan::{Design, Step};
use crate::measure;

/// The layout of saved results.
const FORMAT: u32 = 1;

/// What came out of a study.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Results {
    /// The layout of this file.
    pub(crate) format: u32,
    /// The platform.
    pub(crate) platform: String,
    /// How knobs were turned.
    pub(crate) design: Design,
    /// Programs and versions that built.
    pub(crate) environment: Value,
    /// Builds; the first is what the platform has.
    pub(crate) runs: Vec<Run>,
}

/// A build and its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Run {
    /// What was turned.
    #[serde(flatten)]
    pub(crate) step: Step,
    /// What it takes; none where it could not be built.
    pub(crate) sizes: Option<Sizes>,
    /// Why it could not be built.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) failed: Option<String>,
}

/// The measure of a library, and its whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sizes {
    /// Text, data and bss of the size probe with what it reaches.
    pub(crate) total: u64,
    /// Code and constants of it.
    pub(crate) text: u64,
    /// Variables with a value.
    pub(crate) data: u64,
    /// Variables that begin as zero.
    pub(crate) bss: u64,
    /// The whole C API kept.
    pub(crate) whole: u64,
    /// `libminplat.so`; none where no host could load one.
    pub(crate) shared: Option<u64>,
}

impl Results {
    /// Saved ones.
    ///
    /// # Errors
    /// The file cannot be read, or is something else.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let results: Self = serde_json::from_str(&text)
            .with_context(|| format!("{} holds no results of a study; a study writes results.json", path.display()))?;
        if results.format != FORMAT || results.runs.is_empty() {
            bail!("{} is of another minplat-size; make the study again", path.display());
        }
        Ok(results)
    }

    /// The bytes as the platform has it.
    pub(crate) fn base(&self) -> Option<Sizes> {
        self.runs.first().and_then(|run| run.sizes)
    }
}

/// Builds everything; libraries go to `folder`. `done` is called after each, so that nothing is lost. A library that could not be
/// built is tried again by the next study: what was missing, room or a network, is in no input.
///
/// # Errors
/// minplat-build cannot be run, or `done` fails. A library that cannot be built is a result.
pub(crate) fn run(
    (called, platform): (&str, &str),
    (design, steps, knobs): (Design, Vec<Step>, &str),
    folder: &Path,
    mut done: impl FnMut(&Results) -> Result<()>,
) -> Result<Results> {
    let mut results =
        Results { format: FORMAT, platform: platform.into(), design, environment: Value::Null, runs: Vec::new() };
    let all = steps.iter().filter(|step| step.why_not.is_none()).count();
    let (mut count, mut pace) = (0, Pace::default());
    // What turns the probe alone has the library of another step.
    let mut libraries: HashSet<_> =
        steps.iter().filter(|step| step.why_not.is_none()).map(|step| step.sets.clone()).collect();
    for step in steps {
        let mut run = Run { failed: step.why_not.clone(), step, sizes: None };
        if run.failed.is_none() {
            count += 1;
            let left =
                pace.left(libraries.len()).map_or_else(String::new, |left| format!("; about {} left", time(left)));
            libraries.remove(&run.step.sets);
            eprintln!("{count} of {all}: {}{left}", run.step.name());
            let begin = Instant::now();
            match build(called, &run.step.sets, folder)? {
                Ok(answer) => {
                    if answer["fresh"] == false {
                        pace.took(begin.elapsed());
                    }
                    let manifest = &answer["manifest"];
                    let sizes = Sizes::of(manifest)?;
                    run.sizes = Some(sizes);
                    if !(run.step.compile.is_empty() && run.step.link.is_empty()) {
                        let prefix =
                            answer["prefix"].as_str().context("minplat-build did not say where the library is")?;
                        match probed(called, &run.step, Path::new(prefix)) {
                            Ok(probe) => run.sizes = Some(Sizes::new(&probe, (sizes.whole, sizes.shared))),
                            Err(error) => (run.sizes, run.failed) = (None, Some(format!("{error:#}"))),
                        }
                    }
                    if results.environment.is_null() {
                        results.environment = environment(manifest, knobs);
                    }
                }
                Err(why) => run.failed = Some(why),
            }
        }
        results.runs.push(run);
        done(&results)?;
    }
    Ok(results)
}

/// What the figures depend on besides the knobs: programs, versions, the flags of the size probe, the table of knobs.
fn environment(manifest: &Value, knobs: &str) -> Value {
    let mut all = manifest["toolchain"].clone();
    for key in ["minplat", "wasmtime"] {
        all[key] = manifest[key].clone();
    }
    all["probe"] = manifest.pointer("/budgets/library/how").cloned().unwrap_or_default();
    all["knobs"] = knobs.into();
    all
}

fn build(called: &str, sets: &[String], folder: &Path) -> Result<std::result::Result<Value, String>> {
    let program =
        std::env::current_exe().context("cannot tell where this program lies")?.with_file_name("minplat-build");
    let mut command = Command::new(&program);
    command.args(["--json", "--quiet", "--out-dir"]).arg(folder).arg(called).stdin(Stdio::null());
    for set in sets {
        command.arg("--set").arg(set);
    }
    let output = command.output().with_context(|| {
        format!("cannot run {}, which lies beside this program; build it: cargo build --release", program.display())
    })?;
    if !output.status.success() {
        return Ok(Err(String::from_utf8_lossy(&output.stderr).trim().to_string()));
    }
    let mut answer: Vec<Value> = serde_json::from_slice(&output.stdout).context("minplat-build printed no JSON")?;
    Ok(Ok(answer.pop().context("minplat-build printed an empty list")?))
}

/// The bytes of the probe, where that itself is another.
fn probed(called: &str, step: &Step, prefix: &Path) -> Result<minplat_builder::sizes::Sizes> {
    let platform = Platform::load(called, &step.sets)?;
    measure::sizes(&platform, prefix, &More { compile: step.compile.clone(), link: step.link.clone() })
}

impl Sizes {
    fn new(probe: &minplat_builder::sizes::Sizes, (whole, shared): (u64, Option<u64>)) -> Self {
        Self { total: probe.total, text: probe.text, data: probe.data, bss: probe.bss, whole, shared }
    }

    fn of(manifest: &Value) -> Result<Self> {
        let bytes = |pointer| manifest.pointer(pointer).and_then(Value::as_u64);
        let whole = bytes("/sizes/archive/total").context("the manifest does not say how large the library is")?;
        Ok(Self::new(&measure::measured(manifest)?.sizes, (whole, bytes("/sizes/shared/total"))))
    }
}
