//! Tables of what was found: as text for a terminal, in Markdown for a document.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anyhow::{Result, ensure};
use minplat_report::{Place, Table, geometric_mean, thousands};

use crate::against::{Against, Change, Unit};
use crate::peer::{COMPARED, FAST, interruption};
use crate::results::{Call, Compiled, Count, Execution, Held, LeftOut, Results, Start};

/// The machine's place in a document.
const MACHINE: Place = Place { begin: "<!-- bench: machine -->", end: "<!-- end of machine -->" };

/// A part of the page.
struct Section {
    name: &'static str,
    /// Its own in a document.
    place: Place,
    /// Tables, each with a line of explanation.
    tables: Vec<(String, Table)>,
}

macro_rules! section {
    ($name:literal, $tables:expr) => {
        Section {
            name: $name,
            place: Place { begin: concat!("<!-- bench: ", $name, " -->"), end: concat!("<!-- end of ", $name, " -->") },
            tables: $tables,
        }
    };
}

/// The sections that were measured.
fn sections(results: &Results) -> Vec<Section> {
    let all = [
        results.execution.as_ref().map(|execution| section!("execution", execution_tables(execution))),
        results.startup.as_ref().map(|starts| section!("startup", vec![startup(starts)])),
        results.instances.as_ref().map(|held| section!("instances", vec![instances(held)])),
        results.calls.as_ref().map(|calls| section!("calls", vec![call_table(calls)])),
        results.compile.as_ref().map(|compiled| section!("compile", vec![compile(compiled)])),
        results.instructions.as_ref().map(|counts| section!("instructions", vec![instructions(counts)])),
    ];
    all.into_iter().flatten().collect()
}

/// How many sections are measured in time.
const TIMED: usize = 5;

/// All of it for a terminal.
pub(crate) fn text(results: &Results) -> String {
    let mut out = environment(results) + "\n";
    for (note, table) in sections(results).iter().flat_map(|section| &section.tables) {
        _ = write!(out, "\n{note}\n\n{}", table.text());
    }
    if let Some(changes) = &results.against {
        _ = write!(out, "\n{}", against(changes, Table::text));
    }
    out + &left_out(results)
}

/// All of it in Markdown.
pub(crate) fn markdown(results: &Results) -> String {
    let mut out = format!("# Speed\n\n{}\n", environment(results));
    for section in sections(results) {
        _ = write!(out, "\n## {}\n{}", section.name, section.markdown());
    }
    if let Some(changes) = &results.against {
        _ = write!(out, "\n## against an earlier run\n\n{}", against(changes, Table::markdown));
    }
    out + &left_out(results)
}

/// The document with these sections in the places of its own, and what they were found on. Instructions, which are the same whenever they
/// are counted, may be put in alone.
///
/// # Errors
/// It has no place for one of them; or only some of those that are times, so that the document would be of two runs.
pub(crate) fn put(document: &str, results: &Results) -> Result<String> {
    let sections = sections(results);
    let timed = sections.iter().filter(|section| section.name != "instructions").count();
    ensure!(
        timed == TIMED || timed == 0,
        "a document's times are of one run: measure all sections, or --only instructions, which are no times"
    );
    let mut document = document.to_string();
    if timed > 0 {
        document = MACHINE.put(&document, &(environment(results) + "\n" + &left_out(results)))?;
    }
    for section in sections {
        document = section.place.put(&document, &section.markdown())?;
    }
    Ok(document)
}

impl Section {
    fn markdown(&self) -> String {
        self.tables.iter().map(|(note, table)| format!("\n{note}\n\n{}", table.markdown())).collect()
    }
}

fn environment(results: &Results) -> String {
    let e = &results.environment;
    let trial = if results.is_trial { " A trial: these are no figures." } else { "" };
    format!(
        "{}, {} cores, {}, large pages: {}, load before: {}; minplat {}, Wasmtime {}; native code by {}; {} rounds.{trial}",
        e.processor, e.cores, e.system, e.large_pages, e.load, e.minplat, e.wasmtime, e.c_compiler, e.rounds
    )
}

fn left_out(results: &Results) -> String {
    let line = |left: &LeftOut| {
        let with = if left.kernels.is_empty() { String::new() } else { format!(" with {}", left.kernels.join(", ")) };
        format!("- left out: {}{with}: {}\n", left.engine, left.why)
    };
    let lines: String = results.left_out.iter().map(line).collect();
    if lines.is_empty() { lines } else { format!("\n{lines}") }
}

/// A part of the median, as a reader wants it.
fn in_percent(spread: f64) -> String {
    format!("{:.1}", 100.0 * spread)
}

/// A ratio with as many digits as tell something.
fn ratio(ratio: Option<f64>) -> String {
    match ratio {
        None => String::new(),
        Some(ratio) if ratio >= 10.0 => format!("{ratio:.1}"),
        Some(ratio) => format!("{ratio:.2}"),
    }
}

fn execution_tables(execution: &Execution) -> Vec<(String, Table)> {
    let kernels: Vec<_> = execution.kernels.iter().map(|kernel| kernel.kernel.as_str()).collect();
    let head = |first: &'static str| [&[first], &kernels[..], &["mean"]].concat();
    let mut tables = Vec::new();
    let row = |name: String, engine: &str, base: &str| {
        let mut cells = vec![name];
        cells.extend(kernels.iter().map(|kernel| ratio(execution.ratio(kernel, engine, base))));
        cells.push(ratio(execution.mean(engine, base)));
        cells
    };

    let engines = execution.engines();
    for (base, note) in [
        (
            "native",
            "Time of this thread beside native code (`cc -O2`) in the same round: medians. The mean is the geometric one, of the kernels that an \
             engine ran.",
        ),
        ("wasmtime", "The same beside Wasmtime as it comes."),
    ] {
        if !engines.contains(&base) {
            continue;
        }
        let mut table = Table::new(&head(if base == "native" { "× native" } else { "× wasmtime" }), &[0]);
        for engine in engines.iter().filter(|engine| ![base, "native"].contains(engine)) {
            let word = interruption(engine);
            let name = if word.is_empty() { engine.to_string() } else { format!("{engine} ({word})") };
            table.row(row(name, engine, base));
        }
        tables.push((note.into(), table));
    }

    let base = if engines.contains(&"native") { "native" } else { engines.first().copied().unwrap_or_default() };
    let mut times =
        Table::new(&["kernel", "units a round", &format!("{base}, µs a unit"), "spread, %", "largest spread, %"], &[0]);
    for kernel in &execution.kernels {
        let largest = kernel.engines.iter().map(|timed| timed.spread).fold(0.0, f64::max);
        if let Some(timed) = kernel.engines.iter().find(|timed| timed.engine == base) {
            times.row(vec![
                kernel.kernel.clone(),
                kernel.units.to_string(),
                format!("{:.1}", timed.nanoseconds_per_unit / 1e3),
                in_percent(timed.spread),
                in_percent(largest),
            ]);
        }
    }
    tables.push((
        "Times themselves. The spread is that of the middle half of the rounds, as a part of the median: of this engine, and the largest of all."
            .into(),
        times,
    ));

    let mut same = Table::new(&head("× Wasmtime with the same settings"), &[0]);
    let both = |platform: &&str| execution.mean(platform, &format!("wasmtime:{platform}")).is_some();
    let compared: Vec<_> = COMPARED.iter().filter(|platform| both(platform)).collect();
    compared.iter().for_each(|platform| same.row(row(platform.to_string(), platform, &format!("wasmtime:{platform}"))));
    if !compared.is_empty() {
        tables.push((
            "The same code, compiled with the same settings: in the device library, beside Wasmtime on Linux.".into(),
            same,
        ));
    }

    let mut means = Table::new(&head("beside"), &[0]);
    let pairs = [
        ("x86_64-minplat", "wasmtime-checks"),
        (FAST, "wamr"),
        ("x86_64-minplat", "wamr-checks"),
        ("x86_64-minplat-traps", FAST),
        ("x86_64-minplat-metered", "x86_64-minplat"),
    ];
    let known: Vec<_> = pairs.iter().filter(|(engine, base)| execution.mean(engine, base).is_some()).collect();
    for (engine, base) in &known {
        means.row(row(format!("{engine} ÷ {base}"), engine, base));
    }
    if !known.is_empty() {
        tables.push(("One engine beside another: `÷` is their ratio.".into(), means));
    }
    tables
}

fn instructions(counts: &[Count]) -> (String, Table) {
    let kernels: BTreeSet<_> = counts.iter().map(|count| count.kernel.as_str()).collect();
    let mut engines: Vec<&str> = Vec::new();
    counts.iter().for_each(|count| {
        if !engines.contains(&count.engine.as_str()) {
            engines.push(&count.engine);
        }
    });
    let find = |kernel: &str, engine: &str| {
        let found = counts.iter().find(|count| count.kernel == kernel && count.engine == engine);
        found.map(|count| count.instructions_per_unit as f64)
    };
    let head: Vec<_> = ["× native"].into_iter().chain(kernels.iter().copied()).chain(["mean"]).collect();
    let mut table = Table::new(&head, &[0]);
    for engine in engines.iter().filter(|engine| **engine != "native") {
        let ratios: Vec<_> =
            kernels.iter().map(|kernel| Some(find(kernel, engine)? / find(kernel, "native")?)).collect();
        let mean = geometric_mean(ratios.iter().copied().flatten());
        let mut cells = vec![engine.to_string()];
        cells.extend(ratios.into_iter().map(ratio));
        cells.push(ratio(Some(mean).filter(|mean| mean.is_finite())));
        table.row(cells);
    }
    ("Instructions, which callgrind counts, beside those of native code.".into(), table)
}

fn startup(starts: &[Start]) -> (String, Table) {
    let head = [
        "module",
        "bytes",
        "engine",
        "way",
        "load, µs",
        "instantiate, µs",
        "first call, µs",
        "all, µs",
        "spread, %",
        "× Wasmtime",
    ];
    let mut table = Table::new(&head, &[0, 2, 3]);
    for start in starts {
        let times =
            [start.load, start.instantiate, start.first_call, start.total].map(|time| format!("{:.1}", time / 1e3));
        let mut cells =
            vec![start.module.clone(), thousands(start.bytes), start.engine.clone(), start.manner().to_string()];
        cells.extend(times);
        cells.extend([in_percent(start.spread), ratio(start.to_wasmtime)]);
        table.row(cells);
    }
    (
        "From a compiled module to the return of its first call, which does nothing: medians. Compared is the sum with that of Wasmtime as it \
         comes, in the same round: in place with `deserialize_file`, copied with `deserialize`."
            .into(),
        table,
    )
}

fn instances(all: &[Held]) -> (String, Table) {
    let mut table =
        Table::new(&["engine", "instances a second", "spread, %", "time × Wasmtime", "bytes in RAM each"], &[0]);
    for held in all {
        table.row(vec![
            held.engine.clone(),
            thousands(held.per_second as u64),
            in_percent(held.spread),
            ratio(held.to_wasmtime),
            thousands(held.resident_bytes),
        ]);
    }
    let of = all.first().map_or_else(String::new, |held| format!("{} instances of `{}`", held.count, held.module));
    (format!("{of}, each in a store of its own, made and called once, all alive."), table)
}

fn call_table(calls: &[Call]) -> (String, Table) {
    let mut table = Table::new(&["platform", "way", "ns", "Wasmtime, ns", "ratio"], &[0, 1]);
    for call in calls {
        let [ours, theirs] = [call.nanoseconds, call.wasmtime_nanoseconds].map(|time| format!("{time:.1}"));
        table.row(vec![call.platform.clone(), call.way.clone(), ours, theirs, format!("{:.2}", call.ratio)]);
    }
    ("A call across the border, beside the wasmtime crate's typed calls with the same settings.".into(), table)
}

fn compile(all: &[Compiled]) -> (String, Table) {
    let mut table =
        Table::new(&["module", "bytes", "how", "ms", "spread, %", "ratio", "beside", "peak RAM, MB"], &[0, 2, 6]);
    for compiled in all {
        table.row(vec![
            compiled.module.clone(),
            thousands(compiled.bytes),
            compiled.how.clone(),
            format!("{:.0}", compiled.milliseconds),
            in_percent(compiled.spread),
            ratio(compiled.ratio),
            compiled.beside.clone().unwrap_or_default(),
            format!("{:.0}", compiled.resident_bytes as f64 / 1e6),
        ]);
    }
    (
        "For `x86_64-minplat`. Programs are timed as a user runs them, from their start to their end; the crate from the module in memory to the image \
         in memory."
            .into(),
        table,
    )
}

/// The figures that changed, if any did.
fn against(against: &Against, written: fn(&Table) -> String) -> String {
    let Against { figures, missing } = against;
    let mut table =
        Table::new(&["section", "what", "engine", "figure", "before", "now", "now ÷ before"], &[0, 1, 2, 3]);
    let changed: Vec<_> = figures.iter().filter(|change| change.is_beyond_noise).collect();
    for Change { name, before, now, ratio, .. } in &changed {
        let unit = match &name.unit {
            Unit::Times(base) => format!("× {base}"),
            Unit::Microseconds => "µs".into(),
            Unit::Instructions => "instructions".into(),
        };
        let number = |value: f64| match name.unit {
            Unit::Times(_) => format!("{value:.2}"),
            Unit::Microseconds => format!("{value:.1}"),
            Unit::Instructions => thousands(value as u64),
        };
        let mut cells = vec![name.section.to_string(), name.what.clone(), name.engine.clone(), unit];
        cells.extend([number(*before), number(*now), format!("{ratio:.3}")]);
        table.row(cells);
    }
    let mut out = format!(
        "Since the earlier run {} of {} figures changed by more than noise; {missing} of its figures are not in this one.\n",
        changed.len(),
        figures.len()
    );
    if !changed.is_empty() {
        _ = write!(out, "\n{}", written(&table));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn results(counted: bool, timed: bool) -> Results {
        let count = Count { kernel: "k".into(), engine: "e".into(), instructions_per_unit: 8 };
        let native = Count { engine: "native".into(), instructions_per_unit: 4, ..count.clone() };
        Results {
            environment: crate::environment::Environment::look(1),
            is_trial: false,
            execution: timed.then(|| Execution { kernels: Vec::new() }),
            instructions: counted.then(|| vec![native, count]),
            startup: timed.then(Vec::new),
            instances: timed.then(Vec::new),
            calls: timed.then(Vec::new),
            compile: timed.then(Vec::new),
            against: None,
            left_out: vec![LeftOut { kernels: vec!["k".into()], engine: "x".into(), why: "because".into() }],
        }
    }

    #[test]
    fn the_document_has_a_place_for_all() {
        let document = include_str!("../../../docs/performance.md");
        let written = put(document, &results(true, true)).unwrap();
        assert!(written.contains("| e | 2.00 | 2.00 |\n<!-- end of instructions -->"), "{written}");
        assert!(written.contains("- left out: x with k: because\n<!-- end of machine -->"), "{written}");
        // What is counted may come by itself: nothing else changes.
        let alone = put(document, &results(true, false)).unwrap();
        assert!(alone.contains("| e | 2.00 |") && !alone.contains("because"));
        let mut part = results(false, true);
        part.calls = None;
        assert!(put(document, &part).unwrap_err().to_string().contains("of one run"));
    }
}
