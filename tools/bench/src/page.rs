//! Tables of what was found: as text for a terminal, in Markdown for a document.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anyhow::Result;
use minplat_report::{Place, Table, thousands};

use crate::engine::Way;
use crate::peer::{COMPARED, FAST, interruption};
use crate::results::{Compiled, Count, Execution, Held, Results, Start};
use crate::statistics::geometric_mean;

/// A part of the page: what it is called in a document, and its tables, each with a line of explanation.
pub(crate) struct Section {
    name: &'static str,
    tables: Vec<(String, Table)>,
}

/// The sections that were measured.
pub(crate) fn sections(results: &Results) -> Vec<Section> {
    let mut all = Vec::new();
    let mut add = |name, tables| all.push(Section { name, tables });
    if let Some(execution) = &results.execution {
        add("execution", execution_tables(execution));
    }
    if let Some(counts) = &results.instructions {
        add("instructions", vec![instructions(counts)]);
    }
    if let Some(starts) = &results.startup {
        add("startup", vec![startup(starts)]);
    }
    if let Some(held) = &results.instances {
        add("instances", vec![instances(held)]);
    }
    if let Some(calls) = &results.calls {
        let mut table = Table::new(&["platform", "way", "ns", "Wasmtime, ns", "ratio"], &[0, 1]);
        for call in calls {
            let numbers = [call.nanoseconds, call.wasmtime_nanoseconds].map(|time| format!("{time:.1}"));
            let [ours, theirs] = numbers;
            table.row(vec![call.platform.clone(), call.way.clone(), ours, theirs, format!("{:.2}", call.ratio)]);
        }
        add(
            "calls",
            vec![(
                "A call across the border, beside the wasmtime crate's typed calls with the same settings.".into(),
                table,
            )],
        );
    }
    if let Some(compiled) = &results.compile {
        add("compile", vec![compile(compiled)]);
    }
    all
}

/// All of it for a terminal.
pub(crate) fn text(results: &Results) -> String {
    let mut out = environment(results) + "\n";
    for (note, table) in sections(results).iter().flat_map(|section| &section.tables) {
        _ = write!(out, "\n{note}\n\n{}", table.text());
    }
    out + &left_out(results)
}

/// All of it in Markdown.
pub(crate) fn markdown(results: &Results) -> String {
    let mut out = format!("# Speed\n\n{}\n", environment(results));
    for section in sections(results) {
        _ = write!(out, "\n## {}\n{}", section.name, section.markdown());
    }
    out + &left_out(results)
}

/// The document with these sections in the places of its own, and what they were found on.
///
/// # Errors
/// It has no place for one of them.
pub(crate) fn put(document: &str, results: &Results) -> Result<String> {
    let machine = Place { begin: "<!-- bench: machine -->", end: "<!-- end of machine -->" };
    let mut document = machine.put(document, &(environment(results) + "\n"))?;
    for section in sections(results) {
        document = section.place().put(&document, &section.markdown())?;
    }
    Ok(document)
}

impl Section {
    fn markdown(&self) -> String {
        self.tables.iter().map(|(note, table)| format!("\n{note}\n\n{}", table.markdown())).collect()
    }

    fn place(&self) -> Place {
        match self.name {
            "execution" => Place { begin: "<!-- bench: execution -->", end: "<!-- end of execution -->" },
            "instructions" => Place { begin: "<!-- bench: instructions -->", end: "<!-- end of instructions -->" },
            "startup" => Place { begin: "<!-- bench: startup -->", end: "<!-- end of startup -->" },
            "instances" => Place { begin: "<!-- bench: instances -->", end: "<!-- end of instances -->" },
            "calls" => Place { begin: "<!-- bench: calls -->", end: "<!-- end of calls -->" },
            _ => Place { begin: "<!-- bench: compile -->", end: "<!-- end of compile -->" },
        }
    }
}

fn environment(results: &Results) -> String {
    let e = &results.environment;
    format!(
        "{}, {} cores, {}; minplat {}, Wasmtime {}; native code by {}; {} rounds.",
        e.processor, e.cores, e.system, e.minplat, e.wasmtime, e.c_compiler, e.rounds
    )
}

fn left_out(results: &Results) -> String {
    let line = |left: &crate::results::LeftOut| {
        let kernel = left.kernel.as_deref().map_or_else(String::new, |kernel| format!(" with {kernel}"));
        format!("left out: {}{kernel}: {}\n", left.engine, left.why)
    };
    let lines: String = results.left_out.iter().map(line).collect();
    if lines.is_empty() { lines } else { format!("\n{lines}") }
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
        tables.push((
            "One engine beside another: what explicit checks cost here and there, and, in the last rows, epochs and fuel."
                .into(),
            means,
        ));
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
    let head =
        ["module", "bytes", "engine", "way", "load, µs", "instantiate, µs", "first call, µs", "all, µs", "× Wasmtime"];
    let mut table = Table::new(&head, &[0, 2, 3]);
    for start in starts {
        let way = match (start.way, start.engine.starts_with("wasmtime"), start.engine == "wasmi") {
            (Way::Copied, _, true) => "translated",
            (Way::Copied, ..) => "copied",
            (Way::InPlace, true, _) => "from a file",
            (Way::InPlace, false, _) => "in place",
        };
        let times =
            [start.load, start.instantiate, start.first_call, start.total].map(|time| format!("{:.1}", time / 1e3));
        let mut cells = vec![start.module.clone(), thousands(start.bytes), start.engine.clone(), way.to_string()];
        cells.extend(times);
        cells.push(ratio(start.to_wasmtime));
        table.row(cells);
    }
    (
        "From a compiled module to the return of its first call, which does nothing: medians. Compared is the sum with `deserialize_file` of \
         Wasmtime as it comes, in the same round."
            .into(),
        table,
    )
}

fn instances(all: &[Held]) -> (String, Table) {
    let mut table = Table::new(&["engine", "instances a second", "bytes in RAM each"], &[0]);
    for held in all {
        table.row(vec![held.engine.clone(), thousands(held.per_second as u64), thousands(held.resident_bytes)]);
    }
    let of = all.first().map_or_else(String::new, |held| format!("{} instances of `{}`", held.count, held.module));
    (format!("{of}, each in a store of its own, made and called once, all alive."), table)
}

fn compile(all: &[Compiled]) -> (String, Table) {
    let mut table = Table::new(&["module", "bytes", "how", "ms", "× Wasmtime", "peak RAM, MB"], &[0, 2]);
    for compiled in all {
        table.row(vec![
            compiled.module.clone(),
            thousands(compiled.bytes),
            compiled.how.clone(),
            format!("{:.0}", compiled.milliseconds),
            format!("{:.2}", compiled.to_wasmtime),
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
