//! What guests cost on every machine, and what they answer there: an empty module, the largest of the examples, and the package
//! source-map on real maps. docs/porting.md has the figures, and this test fails where one is not within a twentieth of what is written
//! there: what a change of the library moves by less is no news. `SNAPSHOTS=overwrite` writes them anew. With MINPLAT_TEST_DEVICE=1.

mod common;
#[path = "common/source_map.rs"]
mod source_map;

use std::fmt::Write as _;

use common::sizes::Sizes;
use common::{Bench, are_all, artifacts, checkout, limit, ports, wanted};
use minplat_bundle::{Pattern, Value, Writer, value::kind};
use minplat_compiler::{Compiler, Options};
use minplat_qemu::machine::{self, Said};
use minplat_qemu::record::Record;
use minplat_report::{Place, thousands};
use source_map::Questions;

/// Where the tables stand in the page.
const PLACE: Place =
    Place { begin: "<!-- costs: what cargo test --test costs finds -->", end: "<!-- end of costs -->" };

/// A module that is there and does nothing.
fn empty(bench: &Bench) -> Writer {
    let mut bundle = Writer::default();
    let module = bundle.module(bench.compile("(module)"), 4096);
    bundle.begin(1, "empty", None, false).success();
    bundle.instance(2, 0, module, true).success();
    bundle
}

/// What SQLite is asked, and what it says, as examples.toml has it.
const QUERY: &str = "with recursive n(i) as (select 2 union all select i + 1 from n where i < 50) select group_concat(i, ' ') from n \
    where not exists (select 1 from n as d where d.i * d.i <= n.i and n.i % d.i = 0)";
const ANSWER: &str = "2 3 5 7 11 13 17 19 23 29 31 37 41 43 47\n";

/// The largest of the examples.
fn sqlite(bench: &Bench) -> Writer {
    let wasm = std::fs::read(artifacts().join("examples/sqlite.wasm"));
    let wasm = wasm.unwrap_or_else(|error| panic!("sqlite.wasm: {error}; examples/build-guests.sh writes it"));
    let artifact = Compiler::new(&bench.platform, Options::default()).unwrap().compile("sqlite", &wasm).unwrap();
    let mut bundle = Writer::default();
    let module = bundle.module(artifact.artifact, usize::try_from(bench.platform.in_place_alignment()).unwrap());
    let len = Value { kind: kind::I32, bits: QUERY.len() as u128 };
    let address = Value { kind: kind::KEPT, bits: 0 };
    // Where the text is and, in the lower half, its length.
    let answer = Pattern::Bits { kind: kind::I64, mask: u32::MAX.into(), bits: ANSWER.len() as u128 };
    bundle.begin(1, "sqlite", bench.is_metered().then_some(u64::MAX / 2), false).success();
    bundle.instance(2, 0, module, true).success();
    bundle.call(3, 0, "allocate", &[len]).kept(0);
    bundle.write(4, (0, "memory"), 0, QUERY.as_bytes()).success();
    bundle.call(5, 0, "query", &[address, len]).values(&[answer]);
    bundle
}

/// Runs a guest while instructions are counted; gives what the machine said. All steps come out as they should.
fn count(bench: &Bench, name: &str, bundle: &[u8]) -> Vec<Said> {
    let mut said = Vec::new();
    let options = machine::Options { counts: true, ..limit() };
    let code = machine::run(&bench.port, &bench.firmware(&[]), bundle, options, |word| said.push(word)).unwrap();
    let port = &bench.port.name;
    let wrong: Vec<_> = said.iter().filter(|said| matches!(said, Said::Record(Record::Failed { .. }))).collect();
    let passed = said.iter().any(|said| matches!(said, Said::Record(Record::Passed(1..))));
    assert!(passed && wrong.is_empty() && code == 0, "{port}, {name}: {wrong:#?}");
    said
}

/// A number that was told, each time that it was.
fn stats<'a>(said: &'a [Said], name: &'a str) -> impl DoubleEndedIterator<Item = u64> + 'a {
    said.iter().filter_map(move |said| match said {
        Said::Record(Record::Stat(stat, number)) if stat == name => Some(*number),
        _ => None,
    })
}

/// Instructions from the reset to the first result, which a guest's bundle asks for when it is there.
fn instructions(said: &[Said]) -> u64 {
    stats(said, "instructions")
        .next()
        .unwrap_or_else(|| panic!("the machine does not tell its instructions: {said:#?}"))
}

/// A guest's costs.
fn row(bench: &Bench, name: &str, mut bundle: Writer) -> String {
    bundle.stats();
    let said = count(bench, name, &bundle.finish());
    let sizes = Sizes::of(&bench.firmware(&[]));
    let port = &bench.port.name;
    // What it was at most is told at last.
    let stat = |name: &str| stats(&said, name).next_back();
    let known = |name: &str| stat(name).unwrap_or_else(|| panic!("{port} does not tell {name}: {said:#?}"));
    let (memory, heap, stack) = (known("memory-bytes"), known("heap-peak"), known("stack-peak"));
    let pages = stat("pages-peak");
    // With page tables the heap is in pages.
    let ram = sizes.ram + stack + pages.unwrap_or(heap);
    let pages = pages.map_or_else(String::new, thousands);
    let numbers = [memory, heap].map(thousands).join(" | ");
    let rest = [stack, ram, instructions(&said)].map(thousands).join(" | ");
    format!("| `{port}` | {name} | {numbers} | {pages} | {rest} |\n")
}

/// Lines that say something else: other words, or a number that is off by a twentieth; and those that only one of the two has.
fn differences(written: &str, found: &str) -> Vec<String> {
    let number = |cell: &str| cell.trim().replace(',', "").parse::<f64>().ok();
    let is_near = |one: &str, other: &str| match (number(one), number(other)) {
        (Some(written), Some(found)) => (found - written).abs() <= written * 0.05,
        _ => one.trim() == other.trim(),
    };
    let is_same = |one: &str, other: &str| {
        one.split('|').count() == other.split('|').count()
            && one.split('|').zip(other.split('|')).all(|(one, other)| is_near(one, other))
    };
    // What a line is of: all before its first number.
    let key =
        |line: &str| line.split('|').take_while(|cell| number(cell).is_none()).map(str::to_owned).collect::<Vec<_>>();
    let lines: Vec<_> = written.lines().collect();
    let mut differences = Vec::new();
    let has = |line: &&&str| found.lines().any(|found| key(found) == key(line));
    differences.extend(lines.iter().filter(|line| !has(line)).map(|line| format!("written {line}\n  found nothing")));
    for line in found.lines() {
        let written = lines.iter().find(|written| is_same(written, line));
        let before = lines.iter().find(|written| key(written) == key(line));
        if written.is_none() {
            differences.push(format!("written {}\n  found {line}", before.unwrap_or(&"nothing")));
        }
    }
    differences
}

#[test]
fn differences_are_found() {
    let written = "| p | 1,000 | x |\n| q | 2 | y |\n";
    assert!(differences(written, "| p | 1,040 | x |\n| q | 2 | y |\n").is_empty());
    assert!(differences(written, "| p | 960 | x |\n| q | 2 | y |\n").is_empty());
    assert_eq!(differences(written, "| p | 900 | x |\n| q | 2 | y |\n").len(), 1);
    assert_eq!(differences(written, "| p | 1,000 | x |\n").len(), 1);
    assert_eq!(differences(written, "| p | 1,060 | x |\n| r | 2 | y |\n").len(), 3);
    assert_eq!((thousands(0), thousands(999), thousands(1234567)), ("0".into(), "999".into(), "1,234,567".into()));
}

/// docs/porting.md promises it.
#[test]
fn a_run_repeats() {
    if !wanted("a second run") {
        return;
    }
    for port in ports() {
        let bench = Bench::new(&port);
        let mut bundle = empty(&bench);
        bundle.stats();
        let bundle = bundle.finish();
        let [once, again] = [(); 2].map(|()| instructions(&count(&bench, "twice", &bundle)));
        // The clock that is read has a tick of so many nanoseconds.
        let tick = if port.name == "aarch64-virt" { 16 } else { 0 };
        assert!(once.abs_diff(again) <= tick, "{}: {once} instructions, and then {again}", port.name);
    }
}

#[test]
fn every_machine_answers_as_this_computer_does_at_the_cost_that_the_page_tells() {
    if !wanted("costs") {
        return;
    }
    let questions = Questions::new();
    let mut firmware = String::from(
        "| port | flash | static RAM | flash, with everything | static RAM | stacks |\n| --- | ---: | ---: | ---: | ---: | ---: |\n",
    );
    let mut runs = String::from(
        "| port | module | linear memory | heap, peak | in pages, peak | stack, peak | RAM, peak | instructions to the first result |\n\
         | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for port in ports() {
        let bench = Bench::new(&port);
        let sizes = Sizes::of(&bench.build(&[], true));
        let stacks = match port.name.as_str() {
            "cortex-m4" => common::CORTEX_M4_STACKS,
            "riscv32-virt" => common::riscv32_virt::STACK + common::riscv32_virt::GUARD,
            _ => sizes.stacks,
        };
        let whole = Sizes::of(&bench.firmware(&[]));
        let numbers = [sizes.flash, sizes.ram, whole.flash, whole.ram, stacks].map(thousands).join(" | ");
        writeln!(firmware, "| `{}` | {numbers} |", port.name).unwrap();
        runs += &row(&bench, "`(module)`", empty(&bench));
        runs += &row(&bench, "SQLite, the largest example", sqlite(&bench));
        runs += &row(&bench, "source-map, two maps", questions.bundle(&bench));
        let mut others = port.about.platforms.iter().skip(1).map(|name| Bench::of(&port, name));
        if let Some(fast) = others.find(|bench| bench.platform.build().fast_interpreter) {
            runs += &row(&fast, "SQLite, by a fast interpreter", sqlite(&fast));
            runs += &row(&fast, "source-map, by a fast interpreter", questions.bundle(&fast));
        }
    }
    let found = format!("{firmware}\n{runs}");
    println!("{found}");
    let path = checkout().join("docs/porting.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let differences = differences(PLACE.read(&page).unwrap(), &found);
    if !are_all() {
        eprintln!("ports were left out, so the page is not looked at");
        return;
    }
    if std::env::var("SNAPSHOTS").is_ok_and(|value| value == "overwrite") {
        std::fs::write(&path, PLACE.put(&page, &found).unwrap()).unwrap();
        return;
    }
    assert!(
        differences.is_empty(),
        "docs/porting.md says something else; SNAPSHOTS=overwrite cargo test --test costs writes it anew:\n{}",
        differences.join("\n")
    );
}
