//! Several guests at once, on each port that has tasks. With MINPLAT_TEST_DEVICE=1: it takes built libraries, and builds firmware.

mod common;

use common::{Bench, are_all, ports, wanted};
use minplat_bundle::{Pattern, Value, Writer};
use minplat_qemu::machine::Said;
use minplat_qemu::record::Record;

/// Says its name as often as it is asked, and works for a while in between; the answer is the work.
fn worker(name: &str) -> String {
    format!(
        "(module (import \"host\" \"log\" (func $log (param i32 i32))) (memory (export \"memory\") 1)
            (data (i32.const 0) \"{name}\")
            (func (export \"work\") (param $times i32) (result i32) (local $left i32) (local $work i32)
                (loop $again
                    (call $log (i32.const 0) (i32.const {}))
                    (local.set $left (i32.const 200000))
                    (loop $on
                        (local.set $work (i32.add (local.get $work) (i32.const 1)))
                        (br_if $on (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
                    (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
                (local.get $work)))",
        name.len()
    )
}

#[test]
fn guests_run_at_the_same_time() {
    if !wanted("tasks") {
        return;
    }
    let mut tried = 0;
    for port in ports() {
        for platform in port.about.platforms.clone() {
            let bench = Bench::of(&port, &platform);
            if !bench.platform.settings().multi_thread {
                continue;
            }
            let mut bundle = Writer::default();
            let workers = ["one", "other"].map(|name| bundle.module(bench.compile(&worker(name)), 4096));
            let traps = bundle.module(bench.compile("(module (func (export \"run\") unreachable))"), 4096);
            bundle.together(1, 3);
            for (line, module) in (10..).step_by(10).zip(workers) {
                bundle.begin(line, "a worker", None, false).success();
                bundle.instance(line + 1, 0, module, false).success();
                let times = Value { kind: 0, bits: 40 };
                let work = Pattern::Bits { kind: 0, mask: u128::MAX, bits: 40 * 200_000 };
                bundle.call(line + 2, 0, "work", &[times]).values(&[work]);
            }
            bundle.begin(30, "a guest that traps", None, false).success();
            bundle.instance(31, 0, traps, false).success();
            for line in 32..50 {
                bundle.call(line, 0, "run", &[]).failure(0, 1 << 9, "");
            }
            bundle.stats();
            let (said, code) = bench.run(&bench.firmware(&[]), bundle);
            let lines: Vec<_> = said
                .iter()
                .filter_map(|said| match said {
                    Said::Line(line) => Some(line.as_str()),
                    Said::Record(_) => None,
                })
                .collect();
            let of = |name: &str| lines.iter().filter(|line| **line == name).count();
            assert_eq!((of("one"), of("other"), lines.len()), (40, 40, 80), "{}: {said:#?}", port.name);
            // One after the other there would be a single change.
            let changes = lines.windows(2).filter(|two| two[0] != two[1]).count();
            assert!(changes >= 4, "{}: {lines:?}", port.name);
            let mut passed: Vec<_> = said
                .iter()
                .filter_map(|said| match said {
                    Said::Record(Record::Passed(passed)) => Some(*passed),
                    _ => None,
                })
                .collect();
            passed.sort();
            assert_eq!((&*passed, code), (&[2, 2, 19][..], 0), "{}: {said:#?}", port.name);
            let turns = said.iter().find_map(|said| match said {
                Said::Record(Record::Stat(name, turns)) if name == "turns" => Some(*turns),
                _ => None,
            });
            assert!(turns.is_some_and(|turns| turns >= 10), "{}: {turns:?} turns", port.name);
            tried += 1;
        }
    }
    assert!(tried >= 2 || !are_all(), "{tried} ports have tasks");
}
