//! What became of the figures of an earlier run. Compared are ratios to an engine that both runs have, which hold on other machines too;
//! times, where there is no such engine and the machine is the same; and instructions. A trial's times are compared with a trial's alone.

use minplat_report::{median, spread};
use serde::Serialize;

use crate::results::{Kernel, Results};

/// Two runs of the same program may differ by this much, whatever their rounds say.
const NOISE: f64 = 0.03;
/// The same of what is told without a spread.
const NOISE_OF_CALLS: f64 = 0.1;

/// A run beside an earlier one.
#[derive(Debug, Serialize)]
pub(crate) struct Against {
    /// The figures of both, what changed most first.
    pub(crate) figures: Vec<Change>,
    /// How many of the earlier run's this one has not.
    pub(crate) missing: usize,
}

/// A figure of both runs.
#[derive(Debug, Serialize)]
pub(crate) struct Change {
    #[serde(flatten)]
    pub(crate) name: Name,
    pub(crate) before: f64,
    pub(crate) now: f64,
    /// `now` beside `before`.
    pub(crate) ratio: f64,
    /// By more than the spreads of what both runs compared, together, and than what two runs may differ by anyway.
    pub(crate) is_beyond_noise: bool,
}

/// What a figure is of.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Name {
    pub(crate) section: &'static str,
    /// The kernel, the module, or the way of a call.
    pub(crate) what: String,
    pub(crate) engine: String,
    pub(crate) unit: Unit,
}

/// What a figure is a number of.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Unit {
    /// Times as much as another engine.
    Times(String),
    Microseconds,
    Instructions,
}

/// A figure of one run.
struct Figure {
    name: Name,
    value: f64,
    /// How far the rounds are spread, its own and those of what it is compared with, as a part of the value.
    spread: f64,
}

impl Against {
    pub(crate) fn new(before: &Results, now: &Results) -> Self {
        let (earlier, figures) = (figures(before, now), figures(now, before));
        let missing = earlier.iter().filter(|other| !figures.iter().any(|figure| figure.name == other.name)).count();
        let mut changes: Vec<Change> = figures
            .into_iter()
            .filter_map(|Figure { name, value, spread }| {
                let other = earlier.iter().find(|other| other.name == name)?;
                let ratio = value / other.value;
                let is_beyond_noise = ratio.ln().abs() > least(&name).max(spread + other.spread);
                let is_number = ratio.is_finite() && ratio > 0.0;
                is_number.then_some(Change { name, before: other.value, now: value, ratio, is_beyond_noise })
            })
            .collect();
        let much = |change: &Change| change.ratio.ln().abs();
        changes.sort_by(|one, other| much(other).total_cmp(&much(one)));
        Self { figures: changes, missing }
    }
}

/// What no change is, whatever the spread.
fn least(name: &Name) -> f64 {
    match (name.section, &name.unit) {
        (_, Unit::Instructions) => 0.0,
        ("calls", _) => NOISE_OF_CALLS,
        _ => NOISE,
    }
}

/// The figures of a run that can be compared with another.
fn figures(run: &Results, other: &Results) -> Vec<Figure> {
    let machine = |results: &Results| (results.environment.processor.clone(), results.environment.cores);
    let is_here = machine(run) == machine(other);
    let mut all = Vec::new();
    let mut add = |section, what: String, engine: &str, unit, value, spread| {
        if is_here || unit != Unit::Microseconds {
            all.push(Figure { name: Name { section, what, engine: engine.into(), unit }, value, spread });
        }
    };
    for count in run.instructions.iter().flatten() {
        let value = count.instructions_per_unit as f64;
        add("instructions", count.kernel.clone(), &count.engine, Unit::Instructions, value, 0.0);
    }
    if run.is_trial != other.is_trial {
        return all;
    }
    for kernel in run.execution.iter().flat_map(|execution| &execution.kernels) {
        let base = base(kernel, other);
        for timed in &kernel.engines {
            let rounds = base.filter(|base| *base != timed.engine).and_then(|base| kernel.ratios(&timed.engine, base));
            let (unit, value, spread) = match (rounds, base) {
                (Some(rounds), Some(base)) => (Unit::Times(base.into()), median(&rounds), spread(&rounds)),
                _ => (Unit::Microseconds, timed.nanoseconds_per_unit / 1e3, timed.spread),
            };
            add("execution", kernel.kernel.clone(), &timed.engine, unit, value, spread);
        }
    }
    let starts = run.startup.as_deref().unwrap_or_default();
    for start in starts {
        let base = starts
            .iter()
            .find(|base| base.engine == WASMTIME && (&base.module, base.way) == (&start.module, start.way));
        let beside = base.filter(|base| base.engine != start.engine).zip(start.to_wasmtime);
        let (unit, value, spread) = match beside {
            Some((base, ratio)) => (Unit::Times(WASMTIME.into()), ratio, start.spread + base.spread),
            None => (Unit::Microseconds, start.total / 1e3, start.spread),
        };
        add(
            "startup",
            format!("{} of {} bytes, {}", start.module, start.bytes, start.manner()),
            &start.engine,
            unit,
            value,
            spread,
        );
    }
    let instances = run.instances.as_deref().unwrap_or_default();
    for held in instances {
        let base = instances.iter().find(|base| base.engine == WASMTIME && base.engine != held.engine);
        let (unit, value, spread) = match base.zip(held.to_wasmtime) {
            Some((base, ratio)) => (Unit::Times(WASMTIME.into()), ratio, held.spread + base.spread),
            None => (Unit::Microseconds, 1e6 / held.per_second, held.spread),
        };
        add("instances", format!("{} of {}", held.count, held.module), &held.engine, unit, value, spread);
    }
    for call in run.calls.iter().flatten() {
        add("calls", call.way.clone(), &call.platform, Unit::Times(WASMTIME.into()), call.ratio, 0.0);
    }
    let compiled = run.compile.as_deref().unwrap_or_default();
    for way in compiled {
        let base = compiled.iter().find(|base| base.module == way.module && Some(&base.how) == way.beside.as_ref());
        let (unit, value, spread) = match base.zip(way.ratio) {
            Some((base, ratio)) => (Unit::Times(base.how.clone()), ratio, way.spread + base.spread),
            None => (Unit::Microseconds, way.milliseconds * 1e3, way.spread),
        };
        add("compile", format!("{} of {} bytes", way.module, way.bytes), &way.how, unit, value, spread);
    }
    all
}

const WASMTIME: &str = "wasmtime";

/// What a kernel's engines are compared with: native code, or Wasmtime, where both runs have it.
fn base(kernel: &Kernel, other: &Results) -> Option<&'static str> {
    let has = |kernel: &Kernel, base| kernel.engines.iter().any(|timed| timed.engine == base);
    let mut kernels = other.execution.iter().flat_map(|execution| &execution.kernels);
    let twin = kernels.find(|other| other.kernel == kernel.kernel)?;
    ["native", WASMTIME].into_iter().find(|base| has(kernel, *base) && has(twin, *base))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// A run with figures of each section: of an engine, and of what it is compared with.
    fn run() -> Value {
        let timed = |engine, rounds: [f64; 3]| json!({ "engine": engine, "nanoseconds_per_unit": rounds[1] / 2.0, "spread": 0.01, "rounds": rounds });
        let start = |engine, ratio| {
            json!({ "module": "m", "bytes": 1, "engine": engine, "way": "in-place", "load": 1.0, "instantiate": 1.0,
                "first_call": 1.0, "total": 3.0, "spread": 0.01, "to_wasmtime": ratio })
        };
        let held = |engine, ratio| {
            json!({ "engine": engine, "module": "m", "count": 1, "per_second": 1e6, "spread": 0.01, "to_wasmtime": ratio,
                "resident_bytes": 1 })
        };
        let compiled = |how, beside: Option<&str>| {
            json!({ "module": "m", "bytes": 1, "platform": "x", "how": how, "milliseconds": 2.0, "spread": 0.01,
                "ratio": beside.map(|_| 1.5), "beside": beside, "resident_bytes": 1 })
        };
        json!({
            "environment": crate::environment::Environment::look(3),
            "is_trial": false,
            "execution": { "kernels": [{ "kernel": "k", "units": 2, "checksum": 1, "engines": [
                timed("native", [100.0, 100.0, 100.0]), timed("wasmtime", [150.0, 150.0, 150.0]), timed("x", [200.0, 201.0, 202.0])
            ] }] },
            "instructions": [{ "kernel": "k", "engine": "x", "instructions_per_unit": 1000 }],
            "startup": [start("wasmtime", 1.0), start("x", 0.5)],
            "instances": [held("wasmtime", 1.0), held("x", 0.5)],
            "calls": [{ "platform": "x", "way": "in", "nanoseconds": 1.0, "wasmtime_nanoseconds": 1.0, "ratio": 1.0 }],
            "compile": [compiled("the other", None), compiled("h", Some("the other"))],
            "left_out": [],
        })
    }

    fn compare(before: &Value, now: &Value) -> Against {
        let [before, now] = [before, now].map(|run| serde_json::from_value(run.clone()).unwrap());
        Against::new(&before, &now)
    }

    /// The sections with a figure beyond noise.
    fn changed(against: &Against) -> Vec<&'static str> {
        against.figures.iter().filter(|change| change.is_beyond_noise).map(|change| change.name.section).collect()
    }

    fn multiply(run: &mut Value, pointer: &str, factor: f64) {
        let times = |value: &Value| value.as_f64().unwrap() * factor;
        let changed = match run.pointer(pointer).unwrap() {
            Value::Array(rounds) => rounds.iter().map(times).collect(),
            count if count.is_u64() => (times(count).round() as u64).into(),
            number => times(number).into(),
        };
        *run.pointer_mut(pointer).unwrap() = changed;
    }

    #[test]
    fn each_section_has_its_figures() {
        let before = run();
        let same = compare(&before, &before);
        let times = same.figures.iter().filter(|change| change.name.unit == Unit::Microseconds).count();
        assert_eq!((same.figures.len(), times, same.missing), (11, 4, 0), "{same:?}");
        assert!(same.figures.iter().all(|change| change.ratio == 1.0 && !change.is_beyond_noise), "{same:?}");

        for (pointer, factor, section) in [
            ("/execution/kernels/0/engines/2/rounds", 1.1, "execution"),
            ("/instructions/0/instructions_per_unit", 1.001, "instructions"),
            ("/startup/1/to_wasmtime", 0.9, "startup"),
            ("/startup/0/total", 1.1, "startup"),
            ("/instances/1/to_wasmtime", 1.1, "instances"),
            ("/calls/0/ratio", 1.3, "calls"),
            ("/compile/1/ratio", 0.9, "compile"),
            ("/compile/0/milliseconds", 0.9, "compile"),
        ] {
            let mut now = before.clone();
            multiply(&mut now, pointer, factor);
            let found = compare(&before, &now);
            assert_eq!(changed(&found), [section], "{pointer}: {found:?}");
            assert!((found.figures[0].ratio - factor).abs() < 1e-9, "{pointer}: {found:?}");
        }
    }

    #[test]
    fn noise_is_no_change_its_own_or_that_of_what_it_is_compared_with() {
        let before = run();
        let mut now = before.clone();
        multiply(&mut now, "/startup/1/to_wasmtime", 1.02);
        multiply(&mut now, "/calls/0/ratio", 1.09);
        multiply(&mut now, "/compile/1/ratio", 1.2);
        assert_eq!(changed(&compare(&before, &now)), ["compile"]);
        now["compile"][0]["spread"] = 0.3.into();
        assert!(changed(&compare(&before, &now)).is_empty());
    }

    #[test]
    fn what_differs_in_more_than_a_figure_is_not_compared() {
        let before = run();
        let mut now = before.clone();
        now["environment"]["cores"] = 1000.into();
        let elsewhere = compare(&before, &now);
        assert!(
            elsewhere.figures.len() == 7
                && elsewhere.figures.iter().all(|change| change.name.unit != Unit::Microseconds)
        );

        // Without native code Wasmtime is what both have.
        let mut now = before.clone();
        now["execution"]["kernels"][0]["engines"].as_array_mut().unwrap().remove(0);
        let found = compare(&before, &now);
        assert!(found.figures.len() == 10 && found.missing == 1, "{found:?}");
        let mut now = before.clone();
        now["startup"][1]["bytes"] = 2.into();
        let found = compare(&before, &now);
        assert!(found.figures.len() == 10 && found.missing == 1, "{found:?}");

        let mut now = before.clone();
        now["is_trial"] = true.into();
        let found = compare(&before, &now);
        assert!(found.figures.len() == 1 && found.figures[0].name.unit == Unit::Instructions, "{found:?}");
        now["instructions"] = Value::Null;
        assert!(compare(&before, &now).figures.is_empty());
    }
}
