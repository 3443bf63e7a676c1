//! What became of the figures of an earlier run. Compared are ratios to an engine of the same run, which hold on other machines too; times,
//! where there is no such engine and the machine is the same; and instructions.

use anyhow::{Result, ensure};
use minplat_report::{median, spread};
use serde::{Deserialize, Serialize};

use crate::engine::Way;
use crate::results::{Kernel, Results, Start};

/// Two runs of the same program differ by this much, in times.
const NOISE: f64 = 0.03;
/// Where no spread was measured.
const NOISE_OF_CALLS: f64 = 0.1;
/// What a figure is that is compared with no other engine.
const TIME: &str = "ns";

/// A figure of both runs.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Change {
    #[serde(flatten)]
    pub(crate) name: Name,
    pub(crate) before: f64,
    pub(crate) now: f64,
    /// `now` beside `before`.
    pub(crate) ratio: f64,
    /// By more than the rounds of the two runs are spread.
    pub(crate) is_beyond_noise: bool,
}

/// What a figure is of.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Name {
    pub(crate) section: String,
    /// The kernel, the module, or the way of a call.
    pub(crate) what: String,
    pub(crate) engine: String,
    /// What it is a number of: times as much as another engine, nanoseconds, instructions.
    pub(crate) unit: String,
}

/// A figure of one run.
struct Figure {
    name: Name,
    value: f64,
    /// How uncertain it is, as a part of itself.
    noise: f64,
}

/// What both runs have, and what changed most first.
///
/// # Errors
/// They have nothing in common.
pub(crate) fn compare(before: &Results, now: &Results) -> Result<Vec<Change>> {
    let machine = |results: &Results| (results.environment.processor.clone(), results.environment.cores);
    let is_here = machine(before) == machine(now);
    let earlier = figures(before);
    let mut changes: Vec<Change> = figures(now)
        .into_iter()
        .filter(|figure| is_here || figure.name.unit != TIME)
        .filter_map(|Figure { name, value, noise }| {
            let other = earlier.iter().find(|other| other.name == name)?;
            let ratio = value / other.value;
            let is_beyond_noise = ratio.ln().abs() > noise + other.noise;
            Some(Change { name, before: other.value, now: value, ratio, is_beyond_noise })
        })
        .collect();
    ensure!(!changes.is_empty(), "the two runs have no figure in common");
    let much = |change: &Change| change.ratio.ln().abs();
    changes.sort_by(|one, other| much(other).total_cmp(&much(one)));
    Ok(changes)
}

fn figures(results: &Results) -> Vec<Figure> {
    let mut all = Vec::new();
    let mut add = |section: &str, what: String, engine: &str, unit: String, value: f64, noise: f64| {
        all.push(Figure { name: Name { section: section.into(), what, engine: engine.into(), unit }, value, noise });
    };
    for kernel in results.execution.iter().flat_map(|execution| &execution.kernels) {
        for timed in &kernel.engines {
            let (unit, rounds) = beside(kernel, &timed.engine).unwrap_or_else(|| (TIME.into(), timed.rounds.clone()));
            let noise = NOISE.max(spread(&rounds));
            // The median of ratios, or of times of a unit.
            let value = if unit == TIME { timed.nanoseconds_per_unit } else { median(&rounds) };
            add("execution", kernel.kernel.clone(), &timed.engine, unit, value, noise);
        }
    }
    for start in results.startup.iter().flatten() {
        let Start { module, engine, way, total, to_wasmtime, .. } = start;
        let way = if *way == Way::InPlace { "in place" } else { "copied" };
        let (unit, value) = of_wasmtime(engine, *to_wasmtime, *total);
        add("startup", format!("{module}, {way}"), engine, unit, value, NOISE.max(start.spread));
    }
    for held in results.instances.iter().flatten() {
        let (unit, value) = of_wasmtime(&held.engine, held.to_wasmtime, 1e9 / held.per_second);
        add("instances", held.module.clone(), &held.engine, unit, value, NOISE.max(held.spread));
    }
    for call in results.calls.iter().flatten() {
        add("calls", call.way.clone(), &call.platform, "× wasmtime".into(), call.ratio, NOISE_OF_CALLS);
    }
    for compiled in results.compile.iter().flatten() {
        let (unit, value) = match (&compiled.beside, compiled.ratio) {
            (Some(beside), Some(ratio)) => (format!("× {beside}"), ratio),
            _ => (TIME.into(), compiled.milliseconds * 1e6),
        };
        add("compile", compiled.module.clone(), &compiled.how, unit, value, NOISE.max(compiled.spread));
    }
    for count in results.instructions.iter().flatten() {
        let value = count.instructions_per_unit as f64;
        add("instructions", count.kernel.clone(), &count.engine, "instructions".into(), value, 0.0);
    }
    all
}

/// What an engine took beside native code, round by round; beside Wasmtime where there is none.
fn beside(kernel: &Kernel, engine: &str) -> Option<(String, Vec<f64>)> {
    let bases = ["native", "wasmtime"];
    let base = bases.into_iter().find(|base| kernel.engines.iter().any(|timed| timed.engine == *base))?;
    (base != engine).then_some(())?;
    Some((format!("× {base}"), kernel.ratios(engine, base)?))
}

/// The ratio to Wasmtime where there is one, else the nanoseconds.
fn of_wasmtime(engine: &str, ratio: Option<f64>, nanoseconds: f64) -> (String, f64) {
    match ratio {
        Some(ratio) if engine != "wasmtime" => ("× wasmtime".into(), ratio),
        _ => (TIME.into(), nanoseconds),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A run with one figure of each section; those that are times beside another engine's have that engine, too.
    fn run() -> serde_json::Value {
        let environment = crate::environment::Environment::look(3);
        let timed = |engine, rounds: [f64; 3]| serde_json::json!({ "engine": engine, "nanoseconds_per_unit": rounds[1] / 2.0, "spread": 0.01, "rounds": rounds });
        serde_json::json!({
            "environment": environment,
            "is_trial": false,
            "execution": { "kernels": [{ "kernel": "k", "units": 2, "checksum": 1, "engines": [
                timed("native", [100.0, 100.0, 100.0]), timed("x", [200.0, 201.0, 202.0])
            ] }] },
            "instructions": [{ "kernel": "k", "engine": "x", "instructions_per_unit": 1000 }],
            "startup": [{ "module": "m", "bytes": 1, "engine": "x", "way": "in-place", "load": 1.0, "instantiate": 1.0,
                "first_call": 1.0, "total": 3.0, "spread": 0.01, "to_wasmtime": 0.5 }],
            "instances": [{ "engine": "x", "module": "m", "count": 1, "per_second": 1e6, "spread": 0.01, "resident_bytes": 1 }],
            "calls": [{ "platform": "x", "way": "in", "nanoseconds": 1.0, "wasmtime_nanoseconds": 1.0, "ratio": 1.0 }],
            "compile": [{ "module": "m", "bytes": 1, "platform": "x", "how": "h", "milliseconds": 2.0, "spread": 0.01,
                "ratio": 1.5, "beside": "other", "resident_bytes": 1 }],
            "left_out": [],
        })
    }

    fn results(run: &serde_json::Value) -> Results {
        serde_json::from_value(run.clone()).unwrap()
    }

    #[test]
    fn each_section_has_its_figure() {
        let before = run();
        let none = compare(&results(&before), &results(&before)).unwrap();
        let units = ["ns", "× native", "instructions", "× wasmtime", "ns", "× wasmtime", "× other"];
        let mut expected = units.to_vec();
        let mut found: Vec<_> = none.iter().map(|change| &*change.name.unit).collect();
        expected.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, expected);
        assert!(none.iter().all(|change| change.ratio == 1.0 && !change.is_beyond_noise), "{none:?}");

        for (pointer, factor, section) in [
            ("/execution/kernels/0/engines/1/rounds", 1.1, "execution"),
            ("/instructions/0/instructions_per_unit", 1.001, "instructions"),
            ("/startup/0/to_wasmtime", 0.9, "startup"),
            ("/instances/0/per_second", 0.9, "instances"),
            ("/calls/0/ratio", 1.3, "calls"),
            ("/compile/0/ratio", 0.9, "compile"),
        ] {
            let mut now = before.clone();
            let times = |value: &serde_json::Value| value.as_f64().unwrap() * factor;
            let changed = match now.pointer(pointer).unwrap() {
                serde_json::Value::Array(rounds) => rounds.iter().map(times).collect(),
                count if count.is_u64() => (times(count).round() as u64).into(),
                number => times(number).into(),
            };
            *now.pointer_mut(pointer).unwrap() = changed;
            let changes = compare(&results(&before), &results(&now)).unwrap();
            let [first, rest @ ..] = &changes[..] else { panic!("{changes:?}") };
            assert!(first.is_beyond_noise && first.name.section == section, "{pointer}: {changes:?}");
            assert!(!rest.iter().any(|change| change.is_beyond_noise), "{pointer}: {changes:?}");
            let expected = if section == "instances" { 1.0 / factor } else { factor };
            assert!((first.ratio - expected).abs() < 1e-9, "{pointer}: {first:?}");
        }
    }

    #[test]
    fn noise_is_no_change_and_times_of_another_machine_are_none() {
        let before = run();
        let mut now = before.clone();
        now["startup"][0]["to_wasmtime"] = 0.52.into();
        now["execution"]["kernels"][0]["engines"][0]["nanoseconds_per_unit"] = 70.0.into();
        now["environment"]["cores"] = 1000.into();
        let changes = compare(&results(&before), &results(&now)).unwrap();
        assert!(changes.iter().all(|change| !change.is_beyond_noise && change.name.unit != TIME), "{changes:?}");

        for section in ["execution", "instructions", "startup", "calls", "compile"] {
            now[section] = serde_json::Value::Null;
        }
        assert!(compare(&results(&before), &results(&now)).unwrap_err().to_string().contains("no figure in common"));
    }
}
