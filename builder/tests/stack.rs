//! The native stack that each library needs, on its machine or in an emulator of it: `examples/stack/measure.sh` prints it, the
//! platform file and minplat.h promise it, docs/stack.md tells it. With MINPLAT_TEST_DEVICE=1, for it takes built libraries, cross
//! compilers, and QEMU.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use common::Said;
use common::device;
use minplat_platform::Platform;

/// The rows of the program, in its order.
const ROWS: [&str; 8] = ["prepare", "load", "instantiate", "call", "host call", "trap", "nested trap", "others"];

/// measure.sh, with the libraries and the compiler of this checkout.
fn script() -> Command {
    let mut command = Command::new(common::checkout().join("examples/stack/measure.sh"));
    command.env("MINPLAT_ARTIFACTS", device::artifacts()).env("MINPLAT_COMPILE", common::tool("minplat-compile"));
    command
}

/// Runs the program for a platform; `variables` are those of measure.sh.
fn measure(prefix: &str, variables: &[(&str, u64)]) -> Said {
    let variables = variables.iter().map(|(name, value)| (name, value.to_string()));
    script().args(["--each", prefix]).envs(variables).output().unwrap().into()
}

/// What minplat.h says of each function's stack: bytes, or none for all of the budget.
fn promises() -> BTreeMap<String, Option<u64>> {
    let header = std::fs::read_to_string(common::checkout().join("embedding/capi/include/minplat.h")).unwrap();
    let (mut found, mut says) = (BTreeMap::new(), None);
    for line in header.lines() {
        if let Some(comment) = line.strip_prefix("///") {
            says = comment
                .rsplit_once("Stack: ")
                .map(|(_, says)| says.split_once(['.', ',']).unwrap().0.to_string())
                .or(says);
            continue;
        }
        // A declaration begins at the margin.
        let name = line.split('(').next().unwrap().rsplit([' ', '*']).next().unwrap();
        if line.contains('(') && name.starts_with("minplat_") && line.starts_with(|c: char| c.is_ascii_lowercase()) {
            let says = says.take().unwrap_or_else(|| panic!("minplat.h does not say what {name} needs of the stack"));
            let bytes = says.strip_suffix(" KiB").and_then(|kib| kib.parse::<u64>().ok()).map(|kib| kib * 1024);
            assert!(bytes.is_some() || says == "all of budget", "{name}: {says}");
            found.insert(name.to_string(), bytes);
        }
        says = None;
    }
    found
}

/// The calls that the program measured, each with the functions in it and its bytes.
fn each(said: &Said) -> impl Iterator<Item = (Vec<&str>, u64)> {
    said.out.lines().filter_map(|line| {
        let (bytes, names) = line.strip_prefix("each ")?.split_once(": ")?;
        Some((names.split(", ").filter(|name| name.starts_with("minplat_")).collect(), bytes.parse().unwrap()))
    })
}

/// The document with its rows measured anew.
fn blessed(text: &str) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_string).collect();
    let begin = 2 + lines.iter().position(|line| line.starts_with("| platform | prepare |")).unwrap();
    let end = begin + lines[begin..].iter().position(|line| line.is_empty()).unwrap();
    let rows = Platform::shipped().map(|name| {
        let row = common::must(script().args(["--table", name]).env("BUDGET", budget(name).to_string()));
        row.trim_end().to_string()
    });
    lines.splice(begin..end, rows.collect::<Vec<_>>());
    lines.join("\n") + "\n"
}

/// What a platform file promises.
fn budget(name: &str) -> u64 {
    let budget = Platform::load(name, &[]).unwrap().budget(minplat_platform::Budget::Stack);
    budget.unwrap_or_else(|| panic!("{name} has no budget.stack: examples/stack/measure.sh {name} tells what it takes"))
}

/// The number in the row that begins so.
#[track_caller]
fn number(said: &Said, row: &str) -> u64 {
    let line = said.out.lines().find_map(|line| line.strip_prefix(&format!("  {row} ")));
    let number = line.and_then(|line| line.split_whitespace().next()).and_then(|number| number.parse().ok());
    number.unwrap_or_else(|| panic!("no row {row} in {said:?}"))
}

/// Measured and shown: every call within the budget, and recursion without end trapped above a guard.
/// The answer is what was measured.
#[track_caller]
fn keeps(prefix: &str, budget: u64) -> Said {
    let said = measure(prefix, &[("BUDGET", budget)]);
    assert_eq!(said.code, Some(0), "{prefix}: {}{}", said.out, said.err);
    assert!(said.out.ends_with("as promised\n") && !said.out.contains("not as promised"), "{prefix}: {said:?}");
    let most = number(&said, "at most");
    for row in ROWS {
        // Less would be no measurement: what paints leaves so much alone.
        assert!((512..=most).contains(&number(&said, row)), "{prefix}: {row} in {said:?}");
    }
    assert!(most <= budget && budget - most < 2048, "{prefix}: {most} of {budget}: not the budget that is reached");
    let native = Platform::load(prefix, &[]).unwrap().settings().native_stack;
    for recursion in ["wasm", "wasm, host, wasm"] {
        let used = number(&said, recursion);
        assert!(used < native + budget, "{prefix}: {said:?}");
        // Native code has used what it was given; bytecode has its stack on the heap, but for calls through the host.
        assert!(prefix.starts_with("pulley") || used > native, "{prefix}: {said:?}");
    }
    let promises = promises();
    for (names, bytes) in each(&said) {
        let promised = names.iter().map(|name| promises[*name].unwrap_or(budget)).max();
        assert!(
            promised.is_some_and(|most| bytes <= most),
            "{prefix}: {names:?} take {bytes}, minplat.h says {promised:?}"
        );
    }
    said
}

#[test]
fn every_library_keeps_its_stack_budget_on_its_machine() {
    if !device::wanted("stack") {
        return;
    }
    let all: Vec<_> = Platform::shipped().map(|name| keeps(name, budget(name))).collect();
    let measured: BTreeSet<_> = all.iter().flat_map(each).flat_map(|(names, _)| names).collect();
    let promises = promises();
    let missing: Vec<_> = promises.keys().map(String::as_str).filter(|name| !measured.contains(name)).collect();
    // Host functions alone call the first two, another test has the checks, and the last measure.
    let others = ["caller_context", "caller_export", "check_platform", "stack_paint", "stack_unused"];
    assert_eq!(missing, others.map(|name| format!("minplat_{name}")));
}

/// One that asks for locks and TLS, which `one-core.c` gives; with a fast interpreter.
#[test]
fn locks_of_one_core_take_no_stack_that_counts() {
    if device::wanted("stack with locks") {
        keeps("pulley32-thumbv7em+offers.multi-thread=true+build.fast-interpreter=true", budget("pulley32-thumbv7em"));
    }
}

#[test]
fn what_takes_more_than_the_budget_fails() {
    if device::wanted("stack over its budget") {
        let said = measure("x86_64-minplat", &[("BUDGET", 2048)]).fails(1, &[]);
        assert!(said.out.contains("more than budget.stack") && said.out.contains("of 2048"), "{said:?}");
    }
}

/// A guest that may use more than the stack has: every kind of guard has to notice.
#[test]
fn what_leaves_the_stack_ends_the_program() {
    if !device::wanted("stack that is left") {
        return;
    }
    for name in ["x86_64-minplat", "aarch64-minplat", "riscv64-minplat", "pulley32-thumbv7em", "pulley32-riscv32imac"] {
        let said = measure(name, &[("BUDGET", budget(name)), ("NATIVE_STACK", 1024)]);
        assert!(said.code != Some(0) && !said.out.contains("as promised"), "{name}: {said:?}");
        // The calls themselves fit.
        assert!(number(&said, "at most") <= budget(name), "{name}: {said:?}");
    }
}

/// The document has a row for every platform, with the budget that its file has. `BLESS=1` measures anew and writes the rows.
#[test]
fn the_document_tells_every_budget() {
    let path = common::checkout().join("docs/stack.md");
    let mut text = std::fs::read_to_string(&path).unwrap();
    if std::env::var_os("BLESS").is_some() && device::wanted("stack in the document") {
        text = blessed(&text);
        std::fs::write(&path, &text).unwrap();
    }
    for name in Platform::shipped() {
        let row = text.lines().find(|line| line.starts_with(&format!("| {name} |")));
        let row = row.unwrap_or_else(|| {
            panic!("docs/stack.md has no row for {name}: run with BLESS=1 and MINPLAT_TEST_DEVICE=1")
        });
        let numbers: Vec<u64> = row.split('|').filter_map(|cell| cell.trim().replace(',', "").parse().ok()).collect();
        assert_eq!(numbers.len(), ROWS.len() + 2, "{row}");
        let (rows, ends) = numbers.split_at(ROWS.len());
        assert_eq!(rows.iter().max(), Some(&ends[0]), "{row}");
        assert!(ends[0] <= ends[1] && ends[1] == budget(name), "{row}");
    }
}
