//! What the package answers under node, as `answers.mjs` writes it, and the comparison with the device.

use std::fmt;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;
use minplat_host::{Engine, Error, Store};
use serde::Deserialize;

use crate::consumer::{Bias, Consumer, Mapping, Original};

/// Not more than so many differences are listed.
const SHOWN: usize = 3;

#[derive(Deserialize)]
struct Answers {
    /// The file's name.
    map: String,
    /// Its `mappings`.
    mappings: String,
    generated: Vec<Row>,
    original: Vec<Row>,
    positions: Vec<Position>,
}

/// Line, column, then source, line, column, name of the original.
#[derive(Deserialize)]
struct Row(u32, u32, Option<u32>, Option<u32>, Option<u32>, Option<u32>);

#[derive(Deserialize)]
struct Position {
    line: u32,
    column: u32,
    bias: i32,
    found: Option<(u32, u32, u32, Option<u32>)>,
}

/// What came of a comparison.
#[derive(Debug, Default)]
pub struct Seen {
    /// Source maps.
    pub maps: usize,
    /// Mappings in them, each compared twice: in the order of the generated file, and of the originals.
    pub mappings: usize,
    /// Answers that were compared.
    pub compared: usize,
    /// What is not as node says.
    pub wrong: Vec<String>,
    /// Loading and instantiating the module.
    pub load_time: Duration,
    /// Parsing the first map.
    pub parse_time: Duration,
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} maps, {} mappings", self.maps, self.mappings)
    }
}

/// Asks the module in the device everything that node was asked, and compares. `allow` gives the store its fuel or its
/// deadline, where the platform has them.
///
/// # Errors
/// There are no answers of node, the device refuses the module, or a call traps.
pub fn compare(
    engine: &Engine,
    artifact: &[u8],
    answers: &Path,
    allow: impl Fn(&mut Store) -> Result<(), Error>,
) -> anyhow::Result<Seen> {
    let attempt = || format!("reading {}, which examples/build-guests.sh writes", answers.display());
    let text = std::fs::read_to_string(answers).with_context(attempt)?;
    let all: Vec<Answers> = serde_json::from_str(&text).with_context(attempt)?;

    let mut seen = Seen { maps: all.len(), ..Seen::default() };
    let begin = Instant::now();
    let mut consumer = Consumer::new(engine, artifact, &allow)?;
    seen.load_time = begin.elapsed();
    for (index, answers) in all.iter().enumerate() {
        let begin = Instant::now();
        let map = consumer.parse(&answers.mappings).with_context(|| answers.map.clone())?;
        if index == 0 {
            seen.parse_time = begin.elapsed();
        }
        seen.mappings += answers.generated.len();
        seen.rows(answers, "generated order", &answers.generated, &consumer.by_generated(&map)?);
        seen.rows(answers, "original order", &answers.original, &consumer.by_original(&map)?);
        for position in &answers.positions {
            let bias = if position.bias == Bias::Before as i32 { Bias::Before } else { Bias::Behind };
            let got = consumer.original(&map, position.line, position.column, bias)?;
            let wanted = position.found.map(|(source, line, column, name)| Original { source, line, column, name });
            seen.same(&answers.map, &wanted, &got, || format!("{bias:?} {}:{}", position.line, position.column));
        }
        consumer.free(map)?;
    }

    // The module's own word about bad input, which the package turns into an exception.
    for (mappings, why) in [("AAAA,!", "base 64"), ("AAAAg", "ends inside"), ("D", "negative")] {
        let said = consumer.parse(mappings).map_or_else(|error| error.to_string(), |_| "parsed".into());
        seen.compared += 1;
        if !said.contains(why) {
            seen.wrong.push(format!("{mappings:?}: {said}, should be: {why}"));
        }
    }
    Ok(seen)
}

impl Seen {
    fn rows(&mut self, answers: &Answers, order: &str, wanted: &[Row], got: &[Mapping]) {
        if wanted.len() != got.len() {
            self.wrong.push(format!("{}, {order}: {} mappings, should be {}", answers.map, got.len(), wanted.len()));
        }
        for (index, (wanted, got)) in wanted.iter().zip(got).enumerate() {
            self.same(&answers.map, &wanted.mapping(), got, || format!("{order}, mapping {index}"));
        }
    }

    fn same<T: PartialEq + fmt::Debug>(&mut self, map: &str, wanted: &T, got: &T, what: impl Fn() -> String) {
        self.compared += 1;
        if wanted != got && self.wrong.len() < SHOWN {
            self.wrong.push(format!("{map}, {}: {got:?}, should be {wanted:?}", what()));
        }
    }
}

impl Row {
    fn mapping(&self) -> Mapping {
        let Row(line, column, source, original_line, original_column, name) = *self;
        let original = match (source, original_line, original_column) {
            (Some(source), Some(line), Some(column)) => Some(Original { source, line, column, name }),
            _ => None,
        };
        Mapping { line, column, original }
    }
}
