//! The machine that the process plays: its memory limit, calls that fail on demand, and the end of a device that cannot go on.

mod common;

use common::{Guests, library, run};

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

/// Whatever the platform refuses, the answer is an error or the guest's own `-1`; or, where the contract leaves a library no
/// way out, the report of a crash.
#[test]
fn no_failure_of_the_platform_goes_unanswered() {
    let Some(guests) = Guests::new() else { return };
    for platform in common::PLATFORMS {
        if library(platform).is_none() {
            continue;
        }
        let file = format!("{platform}.cwasm");
        guests.compile(platform, GUEST, &["-p", platform]);
        let calls = ["mmap_new", "mmap_remap", "mprotect", "memory_image_new", "memory_image_map_at", "init_traps"];
        for (call, nth) in calls.into_iter().flat_map(|call| (1..=4).map(move |nth| (call, nth))) {
            let fail = format!("{call}:{nth}");
            let said = run(guests.path(), &[&file, "--fail", &fail, "--invoke", "grow", "2"]);
            match said.code {
                0 => assert!(["1", "-1"].contains(&said.out.trim()), "{platform} {fail}: {said:?}"),
                1 => assert!(said.err.contains("error: "), "{platform} {fail}: {said:?}"),
                _ => panic!("{platform} {fail}: {said:?}"),
            }
        }
    }
}

#[test]
fn a_crash_of_the_device_is_reported() {
    let (Some(guests), Some(_)) = (Guests::new(), library("x86_64-minplat")) else { return };
    guests.compile::<&str>("m", GUEST, &[]);
    // Giving back what was given out must not fail: the library stops.
    let crashed = |nth: u32| {
        let said = run(guests.path(), &["m.cwasm", "--fail", &format!("munmap:{nth}"), "--invoke", "grow", "2"]);
        (said.code == 1).then_some(said)
    };
    let said = (1..=8).find_map(crashed).expect("some munmap matters");
    said.fails(1, &["the device stopped where a board would reset", "libminplat.so+0x", "--trace"]);
}

#[test]
fn the_deadline_ends_what_nothing_else_can() {
    let (Some(guests), Some(_)) = (Guests::new(), library("x86_64-minplat")) else { return };
    guests.compile::<&str>("m", GUEST, &[]);
    run(guests.path(), &["m.cwasm", "--deadline", "100", "--invoke", "forever"]).fails(1, &["given up after 100 ms"]);
    let said = json(&["m.cwasm", "--deadline", "100", "--invoke", "forever"], &guests);
    assert!(said["error"]["message"].as_str().unwrap().contains("--deadline"), "{said:#}");
}
