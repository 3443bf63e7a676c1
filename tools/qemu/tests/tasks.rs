//! Several guests at once, on each port that has tasks. With MINPLAT_TEST_DEVICE=1: it takes built libraries, and builds firmware.

mod common;

use common::{Bench, are_all, everything, is, number, ports, wanted};
use minplat_bundle::Writer;
use minplat_qemu::machine::Said;
use minplat_qemu::record::Record;

/// Says its name as often as it is asked, and works for a while in between; the answer is the work. It can trap, too.
fn worker(name: &str) -> String {
    format!(
        "(module (import \"host\" \"log\" (func $log (param i32 i32))) (memory (export \"memory\") 1)
            (data (i32.const 0) \"{name}\")
            (func (export \"trap\") unreachable)
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
        // The last one finds out by its traps what a guest must not do: the timer comes after such a fault as before.
        for platform in port.about.platforms.iter().cloned().chain(everything(&port)) {
            let bench = Bench::of(&port, &platform);
            if !bench.platform.settings().multi_thread {
                continue;
            }
            let mut bundle = Writer::default();
            let names = ["one", "other", "third"];
            let workers = names.map(|name| bundle.module(bench.compile(&worker(name)), 4096));
            bundle.together(1, 3);
            for (line, (module, name)) in (10..).step_by(100).zip(workers.into_iter().zip(names)) {
                bundle.begin(line, "a worker", bench.is_metered().then_some(u64::MAX / 2), false).success();
                bundle.instance(line + 1, 0, module, false).success();
                // One traps before it works.
                let traps = if name == "third" { 18 } else { 0 };
                for line in line + 2..line + 2 + traps {
                    bundle.call(line, 0, "trap", &[]).failure(0, 1 << 9, "");
                }
                bundle.call(line + 50, 0, "work", &[number(40)]).values(&[is(40 * 200_000)]);
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
            assert_eq!((names.map(of), lines.len()), ([40; 3], 120), "{} as {platform}: {said:#?}", port.name);
            for name in names {
                // If they ran one after the other, the core would be taken from it and given to it once.
                let changes = lines.windows(2).filter(|two| (two[0] == name) != (two[1] == name)).count();
                assert!(changes >= 4, "{} as {platform}, {name}: {lines:?}", port.name);
            }
            let mut passed: Vec<_> = said
                .iter()
                .filter_map(|said| match said {
                    Said::Record(Record::Passed(passed)) => Some(*passed),
                    _ => None,
                })
                .collect();
            passed.sort();
            assert_eq!((&*passed, code), (&[2, 2, 20][..], 0), "{} as {platform}: {said:#?}", port.name);
            let turns = said.iter().find_map(|said| match said {
                Said::Record(Record::Stat(name, turns)) if name == "turns" => Some(*turns),
                _ => None,
            });
            assert!(turns.is_some_and(|turns| turns >= 10), "{}: {turns:?} turns", port.name);
            tried += 1;
        }
    }
    assert!(tried >= 3 || !are_all(), "{tried} platforms have tasks");
}
