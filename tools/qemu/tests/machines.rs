//! Every port, in QEMU. With MINPLAT_TEST_DEVICE=1: it takes built libraries, and builds firmware.

mod common;

use common::{ADD, Bench, METERED, everything, is, limit, number, passed, ports, printed, tool, wanted};
use minplat_bundle::Writer;
use minplat_host::ErrorCode;
use minplat_qemu::machine::{self, Said};
use minplat_qemu::record::Record;

#[test]
fn every_example_gives_its_answers_on_every_machine() {
    if !wanted("examples") {
        return;
    }
    for port in ports() {
        for platform in &port.about.platforms {
            let text = printed(&[&port.name, "examples", "--platform", platform, "--json"]);
            let report: serde_json::Value = serde_json::from_str(&text).unwrap();
            let examples = report["examples"].as_array().unwrap();
            // All but the one that a program asks, the one that imports what the firmware has not, and what a platform cannot have.
            assert!(examples.len() >= 16, "{} as {platform} ran {} examples: {report:#}", port.name, examples.len());
            for example in examples {
                assert_eq!(example["asked"], example["passed"], "{} as {platform}: {example}", port.name);
            }
        }
    }
}

#[test]
fn a_guest_that_fails_is_followed_by_another() {
    if !wanted("guests that fail") {
        return;
    }
    let bad = "(module (memory 1)
        (func (export \"divide\") (result i32) (i32.div_s (i32.const 1) (i32.const 0)))
        (func $deep (export \"deep\") (result i32) (i32.add (call $deep) (i32.const 1)))
        (func (export \"forever\") (loop (br 0)))
        (func (export \"grow\") (result i32) (memory.grow (i32.const 60000)))
        (func (export \"far\") (result i32) (i32.load (i32.const 70000))))";
    let mut benches: Vec<_> = ports().iter().map(Bench::new).collect();
    // Native code that counts fuel is of a platform that no port lists; the one with everything finds faults by its traps.
    for port in ports() {
        let metered = port.platform(Some(METERED)).is_ok().then(|| METERED.to_owned());
        benches.extend(metered.into_iter().chain(everything(&port)).map(|platform| Bench::of(&port, &platform)));
    }
    for port in ports() {
        let metered = benches.iter().any(|bench| bench.port.name == port.name && bench.is_metered());
        assert!(metered, "on {} no guest without end is tried", port.name);
    }
    for bench in benches {
        let mut bundle = Writer::default();
        let bad = bundle.module(bench.compile(bad), 4096);
        let good = bundle.module(bench.compile(ADD), 4096);
        let fuel = bench.is_metered().then_some(5_000_000);
        let mut line = 0;
        let mut steps = 0;
        let mut failing = |bundle: &mut Writer, function: &str, traps: u32| {
            line += 10;
            bundle.begin(line, function, fuel, false).success();
            bundle.instance(line + 1, 0, bad, false).success();
            match traps {
                // Out of memory is an answer.
                0 => bundle.call(line + 2, 0, function, &[]).values(&[is(0xffff_ffff)]),
                traps => bundle.call(line + 2, 0, function, &[]).failure(0, traps, ""),
            }
            // Another guest in the same store, and one in a store of its own.
            bundle.instance(line + 3, 1, good, false).success();
            bundle.call(line + 4, 1, "add", &[number(2), number(3)]).values(&[is(5)]);
            bundle.begin(line + 5, "after it", fuel, false).success();
            bundle.instance(line + 6, 0, good, true).success();
            bundle.call(line + 7, 0, "add", &[number(4), number(5)]).values(&[is(9)]);
            // Taking a store is no step that passes.
            steps += 6;
        };
        for _ in 0..2 {
            failing(&mut bundle, "divide", 1 << 7);
            failing(&mut bundle, "deep", 1);
            failing(&mut bundle, "grow", 0);
            failing(&mut bundle, "far", 1 << 1);
            if bench.is_metered() {
                failing(&mut bundle, "forever", 1 << 11);
            }
        }
        let (said, code) = bench.run(&bench.firmware(&[]), bundle);
        assert_eq!((passed(&said), code), (steps, 0), "{} as {}: {said:#?}", bench.port.name, bench.platform.name());
    }
}

/// A module of so many steps of code, in one function, so that nothing else of it grows.
fn long(steps: u32) -> String {
    let step = |number: u32| {
        format!(
            "(local.set 0 (i32.mul (local.get 1) (i32.xor (local.get 0) (i32.const {}))))",
            number.wrapping_mul(0x9e37_79b9)
        )
    };
    let steps: String = (1..=steps).map(step).collect();
    format!("(module (func (export \"run\") (param i32 i32) (result i32) {steps} (local.get 0)))")
}

/// What is in use of the library's heap and of the machine's pages while an instance of a module is there.
#[derive(Clone, Copy, Debug)]
struct Used {
    code: u64,
    heap: u64,
    pages: u64,
}

#[test]
fn code_that_is_linked_in_is_executed_where_it_lies() {
    if !wanted("linked in") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let [short, long] = [("short.wat", 10), ("long.wat", 8000)].map(|(name, steps)| {
        let file = dir.path().join(name);
        std::fs::write(&file, long(steps)).unwrap();
        file.to_str().unwrap().to_owned()
    });
    for port in ports() {
        let bench = Bench::new(&port);
        let [few, many] =
            [&short, &long].map(|file| bench.compile(&std::fs::read_to_string(file).unwrap()).len() as u64);
        assert!(many - few > 64 << 10, "{}: {few} and {many} bytes", port.name);
        let used = |file: &str, how: &[&str]| {
            let fuel = if bench.is_metered() { &["--fuel", "1000000"][..] } else { &[] };
            let args =
                [&[port.name.as_str(), "run", "--stats", "--json"], how, fuel, &[file, "--invoke", "run", "1", "1"]];
            let report: serde_json::Value = serde_json::from_str(&printed(&args.concat())).unwrap();
            let stat = |name: &str| report["stats"][name].as_u64();
            // A machine without page tables has the heap alone.
            let pages = stat("pages-used").unwrap_or(0);
            Used { code: stat("code").unwrap(), heap: stat("heap-used").unwrap(), pages }
        };
        let copied = used(&long, &[]);
        let little = used(&short, &["--in-place"]);
        assert!(copied.code > many - few, "{}: a copy is counted: {copied:?}", port.name);
        for how in ["--linked", "--in-place"] {
            let here = used(&long, &[how]);
            println!("{} {how}: {many} bytes, {here:?}; copied: {copied:?}", port.name);
            assert_eq!(here.code, 0, "{} {how}", port.name);
            // As much as with a short one, to the byte; of pages a table more where a large one is cut.
            assert_eq!(here.heap, little.heap, "{} {how}", port.name);
            assert!(here.pages.abs_diff(little.pages) <= 4096, "{} {how}: {here:?}, {little:?}", port.name);
            let (heap, pages) = (copied.heap - here.heap, copied.pages.saturating_sub(here.pages));
            assert!(heap.max(pages) > many - few, "{} {how}: {here:?}, copied {copied:?}", port.name);
        }
    }
}

#[test]
fn firmware_runs_what_is_linked_in_where_nothing_was_given() {
    if !wanted("linked in alone") {
        return;
    }
    let speaks = "(module (import \"host\" \"log\" (func $log (param i32 i32))) (memory (export \"memory\") 1)
        (data (i32.const 0) \"from flash\") (func (export \"main\") (call $log (i32.const 0) (i32.const 10))))";
    for port in ports() {
        let bench = Bench::new(&port);
        let fails = bench.compile("(module (func (export \"run\") unreachable))");
        let firmware = bench.firmware(&[fails, bench.compile(speaks)]);
        let mut said = Vec::new();
        let code = machine::run(&port, &firmware, &[], limit(), |word| said.push(word)).unwrap();
        let traps = |said: &Said| matches!(said, Said::Record(Record::Error(told)) if told.trap.as_ref().is_some_and(|trap| trap.code == 9));
        let speaks = |said: &Said| matches!(said, Said::Line(line) if line == "from flash");
        assert!(said.iter().any(traps) && said.iter().any(speaks), "{}: {said:#?}", port.name);
        assert_eq!(code, 1, "one of the two failed");
    }
}

#[test]
fn memory_that_runs_out_is_an_error() {
    if !wanted("memory") {
        return;
    }
    for port in ports() {
        let big = "(module (memory (export \"memory\") 2000) (func (export \"run\")))";
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("big.wat");
        std::fs::write(&file, big).unwrap();
        let output = tool(&[&port.name, "run", file.to_str().unwrap(), "--memory-limit", "300KiB", "--json"]);
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(report["error"]["code"], "out_of_memory", "{}: {report}", port.name);
        assert_eq!(output.status.code(), Some(1));
    }
}

#[test]
fn more_memory_than_the_machine_has_is_an_error_on_every_platform() {
    if !wanted("all memory") {
        return;
    }
    let big = "(module (memory (export \"memory\") 60000) (func (export \"run\")))";
    for port in ports() {
        for platform in port.about.platforms.iter().cloned().chain(everything(&port)) {
            let bench = Bench::of(&port, &platform);
            let mut bundle = Writer::default();
            let [big, good] = [big, ADD].map(|guest| bundle.module(bench.compile(guest), 4096));
            bundle.begin(1, "more than there is", bench.is_metered().then_some(1_000_000), false).success();
            bundle.instance(2, 0, big, false).failure(ErrorCode::OUT_OF_MEMORY.0 as u8, 0, "");
            bundle.instance(3, 0, good, false).success();
            bundle.call(4, 0, "add", &[number(2), number(3)]).values(&[is(5)]);
            let (said, code) = bench.run(&bench.firmware(&[]), bundle);
            assert_eq!((passed(&said), code), (3, 0), "{} as {platform}: {said:#?}", port.name);
        }
    }
}

#[test]
fn a_machine_that_takes_too_long_is_an_error_with_its_last_lines() {
    if !wanted("time-out") {
        return;
    }
    let port = &ports()[0];
    let output = tool(&[&port.name, "run", "examples/loop.wat", "--invoke", "forever", "--timeout", "3"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("did not end within 3 s; its last lines:") && said.contains("--timeout"), "{said}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_guest_that_says_more_than_can_be_heard_takes_too_long() {
    if !wanted("a flood") {
        return;
    }
    let flood = "(module (import \"host\" \"log\" (func $log (param i32 i32))) (memory (export \"memory\") 1)
        (func (export \"run\") (loop (call $log (i32.const 0) (i32.const 0)) (br 0))))";
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("flood.wat");
    std::fs::write(&file, flood).unwrap();
    let port = &ports()[0];
    // Firmware that has to be built first is none of the machine's time.
    printed(&[&port.name, "build"]);
    let begin = std::time::Instant::now();
    let output = tool(&[&port.name, "run", file.to_str().unwrap(), "--timeout", "2"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("did not end within 2 s"), "{said}");
    assert!(output.stdout.len() > 1000, "{} bytes", output.stdout.len());
    assert!(begin.elapsed().as_secs() < 60, "{:?}", begin.elapsed());
}

#[test]
fn what_makes_no_sense_is_said() {
    let output = tool(&["nowhere", "platform"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("there is no port nowhere; there are ") && said.contains("cortex-m4"), "{said}");
    assert_eq!(output.status.code(), Some(2));

    let output = tool(&["cortex-m4", "platform", "--platform", "x86_64-minplat"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("which is not the machine of cortex-m4; it implements pulley32-thumbv7em"), "{said}");
    assert_eq!(output.status.code(), Some(1));

    let output = tool(&["cortex-m4", "check-platform", "--lean"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("--lean builds firmware without the checks"), "{said}");
    assert_eq!(output.status.code(), Some(2));

    let list: serde_json::Value = serde_json::from_str(&printed(&["list", "--json"])).unwrap();
    assert!(list["ports"].as_array().unwrap().len() >= ports().len());
}
