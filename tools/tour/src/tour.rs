//! From the table of examples to a row for each.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use minplat_compiler::{Compiler, Options, input, output};
use minplat_example_source_map as source_map;
use minplat_host::{Device, Engine, find_library, platform as machine};
use minplat_platform::Platform;
use serde::{Deserialize, Serialize};

use crate::check;
use crate::examples::{self, Driver, Example, Places};
use crate::guest::{self, Guest, PLENTY};

/// What one example came to.
#[derive(Serialize, Deserialize, Default)]
pub(crate) struct Row {
    pub(crate) name: String,
    /// Bytes of the module in binary form.
    pub(crate) wasm: usize,
    /// Bytes of the artifact.
    pub(crate) cwasm: usize,
    /// The first answer, in words.
    pub(crate) result: String,
    /// How many answers were compared.
    pub(crate) answers: usize,
    /// What was not done, and why.
    pub(crate) left_out: Vec<String>,
    /// What was not as it should be.
    pub(crate) wrong: Vec<String>,
    /// Loading and instantiating, microseconds.
    pub(crate) load_us: f64,
    /// The first call, microseconds.
    pub(crate) call_us: f64,
    /// The most memory that stood behind the device's mappings, bytes.
    pub(crate) peak: u64,
}

/// The examples with these names, or the names of all.
///
/// # Errors
/// There is no table, or no example of that name.
pub(crate) fn chosen(places: &Places, names: &[String]) -> anyhow::Result<Vec<String>> {
    let examples = examples::read(places)?;
    let known: Vec<_> = examples.iter().map(|example| example.name().to_owned()).collect();
    if let Some(unknown) = names.iter().find(|name| !known.contains(name)) {
        anyhow::bail!("there is no example \"{unknown}\"; there are: {}", known.join(", "));
    }
    Ok(if names.is_empty() { known } else { names.to_vec() })
}

/// The library of a platform: the one that was named, or where `minplat-build` puts it. `None`: this machine cannot play
/// that one, so examples are compiled and not run.
///
/// # Errors
/// It was not built.
pub(crate) fn library(platform: &Platform, named: Option<&Path>) -> anyhow::Result<Option<PathBuf>> {
    if !platform.host_loadable() {
        return Ok(None);
    }
    named.map_or_else(|| find_library(platform.name(), None), |path| Ok(path.into())).map(Some)
}

/// Runs one example in this process. `strict`: that it was not built is an error.
///
/// # Errors
/// There is no library, no table, no example of that name. What goes wrong in the example is in its row.
pub(crate) fn run(
    platform: &Platform,
    places: &Places,
    name: &str,
    library: Option<&Path>,
    strict: bool,
) -> anyhow::Result<Row> {
    let examples = examples::read(places)?;
    let example = examples.iter().find(|example| example.name() == name);
    let example = example.with_context(|| format!("there is no example \"{name}\""))?;
    let device = library.map(Device::open).transpose()?;
    let compiler = Compiler::new(platform, Options::default())?;
    let mut row = one(example, &compiler, device.as_ref(), places);
    if strict && !example.path(places).exists() {
        row.wrong.append(&mut row.left_out);
    }
    Ok(row)
}

fn one(example: &Example, compiler: &Compiler, device: Option<&Device>, places: &Places) -> Row {
    let mut row = Row { name: example.name().into(), ..Row::default() };
    let platform = compiler.platform();
    let off = |key: &&String| platform.value(key).is_none_or(|value| value != "true");
    if let Some(key) = example.needs.iter().find(off) {
        row.left_out.push(format!("{key} is off"));
    } else if !example.path(places).exists() {
        row.left_out.push("not built; examples/build-guests.sh says what it lacks".into());
    } else if let Err(error) = fill(&mut row, example, compiler, device, places) {
        row.wrong.push(format!("{error:#}"));
    }
    row
}

fn fill(
    row: &mut Row,
    example: &Example,
    compiler: &Compiler,
    device: Option<&Device>,
    places: &Places,
) -> anyhow::Result<()> {
    let platform = compiler.platform();
    let interruption = platform.settings().interruption;
    let input = input::read(&example.path(places))?;
    let artifact = compiler.compile(&input.name, &input.wasm)?.artifact;
    (row.wasm, row.cwasm) = (input.wasm.len(), artifact.len());
    let directory = places.built.join(platform.name());
    output::make_directory(&directory)?;
    output::write(&directory.join(format!("{}.cwasm", row.name)), &artifact)?;

    let Some(device) = device else {
        row.result = "compiled; no process here plays the machine".into();
        return Ok(());
    };
    let engine = Engine::new(device)?;
    match example.driver {
        None => calls(row, example, &engine, &artifact, platform, places)?,
        Some(Driver::SourceMap) => {
            let answers = places.built.join(example.answers.as_deref().context("the example names no `answers`")?);
            let seen =
                source_map::compare(&engine, &artifact, &answers, |store| guest::allow(store, interruption, PLENTY))?;
            row.result = seen.to_string();
            row.answers = seen.compared;
            row.wrong = seen.wrong;
            (row.load_us, row.call_us) = (micros(seen.load_time), micros(seen.parse_time));
        }
    }
    row.peak = machine::stats().backed_peak;
    Ok(())
}

fn calls(
    row: &mut Row,
    example: &Example,
    engine: &Engine,
    artifact: &[u8],
    platform: &Platform,
    places: &Places,
) -> anyhow::Result<()> {
    let interruption = platform.settings().interruption;
    let mut guest = Guest::new(engine, artifact, interruption)?;
    row.load_us = micros(guest.load_time);
    for call in &example.call {
        if let Some(lack) = Guest::lacks(call, interruption) {
            row.left_out.push(format!("{}: {lack}", check::shown(call)));
            continue;
        }
        let came = guest.call(call, places).with_context(|| check::shown(call))?;
        if row.answers == 0 {
            row.call_us = micros(came.time);
            row.result = format!("{} = {}", check::shown(call), check::came(&came));
        }
        row.answers += 1;
        row.wrong.extend(check::differences(call, &came));
    }
    Ok(())
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
