//! The machine that the process plays: its memory limit, calls that fail on demand, and the end of a device that cannot go on.

mod common;

use std::collections::BTreeSet;

use common::{Guests, library, run};
use minplat_host::platform::Call;

/// How the report of a crash begins.
const STOPPED: &str = "the device stopped where a board would reset";

const GUEST: &str = r#"(module
  (memory 1)
  (data (i32.const 0) "\05")
  (func (export "first") (result i32) (i32.load8_u (i32.const 0)))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "forever") (loop $l (br $l))))"#;

fn json(args: &[&str], guests: &Guests) -> serde_json::Value {
    let said = run(guests.path(), &[args, &["--json"]].concat());
    serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {said:?}"))
}

#[test]
fn the_memory_limit_is_on_what_is_backed() {
    let Some(guests) = Guests::new() else { return };
    for platform in ["x86_64-minplat", "x86_64-minplat-traps"] {
        if library(platform).is_none() {
            continue;
        }
        let file = format!("{platform}.cwasm");
        guests.compile(platform, GUEST, &["-p", platform]);
        let grow = |limit| run(guests.path(), &[&file, "--memory-limit", limit, "--invoke", "grow", "64"]);
        grow("8MiB").prints("1");
        grow("4MiB").prints("-1");
        let stats = json(&[&file, "--stats", "--memory-limit", "8MiB", "--invoke", "grow", "16"], &guests);
        let memory = &stats["stats"]["platform"];
        let (backed, mapped) = (memory["backed_peak"].as_u64().unwrap(), memory["mapped_peak"].as_u64().unwrap());
        assert!((17 << 16..8 << 20).contains(&backed), "{platform}: {stats:#}");
        let reserves = platform.ends_with("traps");
        assert_eq!(mapped > 4 << 30, reserves, "{platform}: reservations cost nothing: {stats:#}");
        assert_eq!(stats["stats"]["platform"]["calls"][0]["name"], "wasmtime_mmap_new");
        let small = run(guests.path(), &[&file, "--memory-limit", "48KiB", "--invoke", "first"]);
        small.fails(1, &[&file, "the device has 49152 bytes of memory", "see --memory-limit"]);
    }
}

/// Failures of the platform that end the device, because the library has no way to report them: platforms, call, which of
/// its calls with this guest, and why. Everything else must be answered.
const ENDS: &[(&[&str], &str, &[u64], &str)] = &[
    (
        &["x86_64-minplat", "x86_64-minplat-threads", "x86_64-minplat-metered", "x86_64-none", "pulley64-minplat"],
        "munmap",
        &[3],
        "Wasmtime gives the module's image back while dropping it, and takes a refusal for a broken contract",
    ),
    (
        &["x86_64-minplat-traps", "x86_64-minplat-full"],
        "munmap",
        &[1, 2],
        "the same, for the memory's reservation and the module's image",
    ),
];

/// Whatever the platform refuses, the answer is an error or the guest's own `-1`; but for what is listed. Each call that the
/// guest needs is refused once.
#[test]
fn no_failure_of_the_platform_goes_unanswered() {
    let Some(guests) = Guests::new() else { return };
    let (mut ends, mut listed) = (BTreeSet::new(), BTreeSet::new());
    for platform in common::PLATFORMS {
        if library(platform).is_none() {
            continue;
        }
        let file = format!("{platform}.cwasm");
        guests.compile(platform, GUEST, &["-p", platform]);
        let of_platform = ENDS.iter().filter(|(platforms, ..)| platforms.contains(&platform));
        listed.extend(of_platform.flat_map(|(_, call, nths, _)| nths.iter().map(move |nth| (platform, *call, *nth))));

        let undisturbed = json(&[&file, "--stats", "--invoke", "grow", "2"], &guests);
        let mut refused = 0;
        for call in Call::ALL.iter().filter(|call| call.can_fail()) {
            let counts = undisturbed["stats"]["platform"]["calls"].as_array().unwrap();
            let count = counts.iter().find(|count| count["name"] == call.symbol());
            let name = &call.symbol()["wasmtime_".len()..];
            // The statistics were taken before the device was taken down, which unmaps once more, or twice.
            for nth in 1..=count.map_or(0, |count| count["count"].as_u64().unwrap()) + 2 {
                let fail = format!("{name}:{nth}");
                let said = run(guests.path(), &[&file, "--fail", &fail, "--invoke", "grow", "2"]);
                assert!(!said.err.contains("RUST_BACKTRACE"), "{platform} {fail}: {said:?}");
                match said.code {
                    1 if said.err.contains(STOPPED) => _ = ends.insert((platform, name, nth)),
                    1 => assert!(said.err.starts_with("error: ") && said.out.is_empty(), "{platform} {fail}: {said:?}"),
                    0 => assert!(["1", "-1"].contains(&said.out.trim()), "{platform} {fail}: {said:?}"),
                    _ => panic!("{platform} {fail}: {said:?}"),
                }
                refused += u32::from(said.code == 1);
            }
        }
        assert!(refused >= 5, "{platform}: only {refused} failures were noticed");
    }
    let unlisted: Vec<_> = ends.difference(&listed).collect();
    assert!(unlisted.is_empty(), "these end the device, and are not listed: {unlisted:?}");
    let answered: Vec<_> = listed.difference(&ends).collect();
    assert!(answered.is_empty(), "these are listed, and are answered now; take them out: {answered:?}");
}

#[test]
fn a_crash_of_the_device_is_reported() {
    let (Some(guests), Some(_)) = (Guests::new(), library("x86_64-minplat")) else { return };
    guests.compile::<&str>("m", GUEST, &[]);
    // Giving back what was given out must not fail: the library stops.
    let crash = ["m.cwasm", "--fail", "munmap:3", "--invoke", "grow", "2"];
    run(guests.path(), &crash).fails(1, &[STOPPED, "libminplat.so+0x", "--trace"]).prints_nothing();
    let said = run(guests.path(), &[&crash[..], &["--json"]].concat()).fails(1, &[STOPPED, "libminplat.so+0x"]);
    let report: serde_json::Value = serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {said:?}"));
    assert_eq!((&report["error"]["code"], &report["file"]), (&"crash".into(), &"m.cwasm".into()), "{report:#}");
    assert!(report["error"]["message"].as_str().unwrap().starts_with(STOPPED), "{report:#}");
}

#[test]
fn the_deadline_ends_what_nothing_else_can() {
    let (Some(guests), Some(_)) = (Guests::new(), library("x86_64-minplat")) else { return };
    guests.compile::<&str>("m", GUEST, &[]);
    run(guests.path(), &["m.cwasm", "--deadline", "1000", "--invoke", "forever"]).fails(1, &["given up after 1000 ms"]);
    let late = ["m.cwasm", "--deadline", "1000", "--stats", "--invoke", "forever"];
    let said = json(&late[..], &guests);
    assert!(said["error"]["message"].as_str().unwrap().contains("--deadline"), "{said:#}");
    let stats = &said["stats"];
    assert_eq!(stats["platform"]["calls"][0]["name"], "wasmtime_mmap_new", "{said:#}");
    assert!(stats["platform"]["mapped"].as_u64().unwrap() >= 1 << 16, "the guest's memory: {said:#}");
    assert!(stats["platform"]["backed_peak"].as_u64().unwrap() >= 1 << 16, "{said:#}");
    assert!(stats["heap"].is_null() && stats["times_us"].is_null(), "the library is busy: {said:#}");
    run(guests.path(), &late).fails(1, &["given up", "wasmtime_mmap_new", "mapped", "backed"]);
    let without = json(&["m.cwasm", "--deadline", "1000", "--invoke", "forever"], &guests);
    assert!(without["stats"].is_null(), "{without:#}");
}
