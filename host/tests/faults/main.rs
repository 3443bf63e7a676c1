//! Everything that can fail does, at every time: each function of the platform, each allocation. Whatever comes of it, it is
//! an error, the library is as good as before, and nothing is lost.
//!
//! One process is one machine, so each case is a process of its own: this program again, with `MINPLAT_CASE`.

#[path = "../common/mod.rs"]
mod common;
mod sweep;
mod world;

use std::env;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output};

use common::{Guests, library};
use minplat_host::platform::{self, Call, Failing, Fault};
use sweep::sweep;
use world::{Scenario, World};

/// Platforms of each kind: checks alone, guard pages and images, locks, fuel, soft floats, bytecode.
const PLATFORMS: [&str; 6] =
    ["x86_64-minplat", TRAPS, "x86_64-minplat-threads", "x86_64-minplat-metered", "x86_64-none", "pulley64-minplat"];

/// The one with guard pages, images and a trap handler.
const TRAPS: &str = "x86_64-minplat-traps";

/// Packed artifacts, on the other heap. Not one allocation after another: the expander's own stop the library, so what they need
/// is asked for before, all of it.
const UNPACKING: &str = "x86_64-minplat+build.unpack=true+build.heap=tlsf+build.rustc-flags=-Cdebuginfo=1";

/// What can fail without a stop.
const CALLS: [Call; 5] = [Call::MmapNew, Call::MmapRemap, Call::Mprotect, Call::ImageNew, Call::ImageMapAt];

/// Runs one test of this file in a process of its own.
fn alone(test: &str, case: &str) -> Output {
    let mut child = Command::new(env::current_exe().unwrap());
    child.args(["--exact", test, "--nocapture", "--test-threads=1"]).env("MINPLAT_CASE", case).output().unwrap()
}

/// In a process of its own: the case, in words.
fn case() -> Option<Vec<String>> {
    env::var("MINPLAT_CASE").ok().map(|case| case.split(' ').map(str::to_owned).collect())
}

/// Runs a test's cases on every platform that is built; each must succeed.
fn on_each(test: &str, platforms: &[&str], cases: &[&str]) {
    if Guests::new().is_none() {
        return;
    }
    for platform in platforms {
        if library(platform).is_none() {
            continue;
        }
        for case in cases {
            let output = alone(test, &format!("{platform} {case}"));
            let said = String::from_utf8_lossy(&output.stderr);
            let end: Vec<_> = said.lines().rev().take(12).collect();
            assert!(output.status.success(), "{platform} {case}: {}: {:#?}", output.status, end);
            let summary = said.lines().filter(|line| line.starts_with("summary"));
            summary.for_each(|line| eprintln!("{platform} {case}: {line}"));
        }
    }
}

fn world(platform: &str) -> World {
    World::new(&library(platform).unwrap(), platform, &Guests::new().unwrap())
}

#[test]
fn every_call_of_the_platform_fails_once_and_from_then_on() {
    let Some(case) = case() else {
        let platforms = [&PLATFORMS[..], &[UNPACKING]].concat();
        on_each("every_call_of_the_platform_fails_once_and_from_then_on", &platforms, &["once", "lasting"]);
        return;
    };
    let (platform, lasts) = (case[0].as_str(), case[1] == "lasting");
    let world = world(platform);
    for call in CALLS {
        for scenario in Scenario::ALL {
            let outcome = sweep(&world, scenario, Failing::Call(call), lasts);
            eprintln!("summary: {}, {scenario:?}: {outcome:?}", call.name());
            let is_sure = match call {
                // Native code is mapped, if it is not in place, and made executable.
                Call::MmapNew => scenario != Scenario::InPlace,
                Call::Mprotect => platform != "pulley64-minplat",
                Call::ImageNew | Call::ImageMapAt => platform == TRAPS,
                _ => false,
            };
            assert!(!is_sure || outcome.noticed > 0, "{}, {scenario:?}: {outcome:?}", call.name());
            // As docs/reliability.md says: no library asks for it.
            assert!(call != Call::MmapRemap || outcome.faults == 0, "{}, {scenario:?}: {outcome:?}", call.name());
        }
    }
    assert_no_page_is_both(platform);
}

#[test]
fn every_allocation_fails_once_and_from_then_on() {
    let Some(case) = case() else {
        on_each("every_allocation_fails_once_and_from_then_on", &PLATFORMS, &["once", "lasting"]);
        return;
    };
    let (platform, lasts) = (case[0].as_str(), case[1] == "lasting");
    platform::heap::lend();
    let world = world(platform);
    for scenario in Scenario::ALL {
        let outcome = sweep(&world, scenario, Failing::Heap, lasts);
        eprintln!("summary: heap, {scenario:?}: {outcome:?}");
        assert!(outcome.noticed > 40, "{scenario:?}: {outcome:?}");
    }
    assert_no_page_is_both(platform);
}

/// Wasmtime unwraps the answer of `wasmtime_munmap`: the library stops, as docs/reliability.md says, and nothing else happens.
#[test]
fn a_range_that_cannot_be_unmapped_stops_the_library() {
    let test = "a_range_that_cannot_be_unmapped_stops_the_library";
    if let Some(case) = case() {
        let world = world(&case[0]);
        let nth: u64 = case[1].parse().unwrap();
        let what = Failing::Call(Call::Munmap);
        let fault = Fault { what, nth: what.count() + nth, lasts: false };
        platform::set_faults(vec![fault]);
        assert!(world.run(Scenario::Copied).is_empty() && world.run(Scenario::Big).is_empty());
        println!("{}", if what.count() < fault.nth { "did not come" } else { "went on" });
        return;
    }
    if Guests::new().is_none() {
        return;
    }
    // A library whose panics are an instruction and no more, one with traps, and one that tells the hook.
    for platform in ["x86_64-minplat", "x86_64-minplat-traps", "x86_64-none"] {
        if library(platform).is_none() {
            continue;
        }
        let mut stopped = 0;
        for nth in 1.. {
            assert!(nth < 100, "{platform}: there is no end");
            let output = alone(test, &format!("{platform} {nth}"));
            if output.status.signal().is_none() {
                let said = String::from_utf8_lossy(&output.stdout);
                assert!(output.status.success(), "{platform} {nth}: {output:?}");
                if said.contains("did not come") {
                    break;
                }
                // Pages of the heap: they are lost, and that is all.
                assert!(said.contains("went on"), "{platform} {nth}: {output:?}");
                continue;
            }
            assert_eq!(output.status.signal(), Some(libc::SIGILL), "{platform} {nth}: {output:?}");
            let is_heard = String::from_utf8_lossy(&output.stderr).contains("the device library stops");
            assert_eq!(is_heard, platform == "x86_64-none", "{platform} {nth}: {output:?}");
            stopped += 1;
        }
        assert!(stopped > 0, "{platform}: Wasmtime unmaps at least the code");
    }
}

/// Wasmtime does not look at the answer of `wasmtime_init_traps`; the library does.
#[test]
fn a_machine_that_does_not_take_the_trap_handler_gets_no_engine() {
    let platform = TRAPS;
    let test = "a_machine_that_does_not_take_the_trap_handler_gets_no_engine";
    let (Some(guests), Some(library)) = (Guests::new(), library(platform)) else { return };
    if case().is_none() {
        let output = alone(test, "here");
        assert!(output.status.success(), "{output:?}");
        return;
    }
    let device = minplat_host::Device::open(&library).unwrap();
    let what = Failing::Call(Call::InitTraps);
    let asked = || platform::stats().calls.iter().find(|c| c.name == "wasmtime_init_traps").map_or(0, |c| c.count);
    // The first is Wasmtime's own call, which does not come again: the library repeats it.
    for (try_, lasts) in [(1, false), (2, true)] {
        platform::set_faults(vec![Fault { what, nth: 1, lasts }]);
        let refused = minplat_host::Engine::new(&device).err().expect("no engine");
        assert_eq!(refused.code, minplat_host::ErrorCode::UNSUPPORTED, "{refused}");
        assert!(refused.message.contains("wasmtime_init_traps"), "{refused}");
        assert_eq!(asked(), try_, "{refused}");
    }
    // Taken at last, it is Wasmtime's: traps are delivered.
    platform::set_faults(Vec::new());
    drop(device);
    let world = World::new(&library, platform, &guests);
    let errors = world.run(Scenario::Copied);
    assert!(errors.is_empty(), "{errors:?}");
    assert!(platform::stats().faults > 0, "a trap was the machine's");
}

/// No page was both writable and executable, and with native code there were executable ones.
fn assert_no_page_is_both(platform: &str) {
    let pages = platform::code_pages();
    assert_eq!(pages.writable, 0, "{platform}: a page was writable and executable");
    assert_eq!(pages.made > 0, platform != "pulley64-minplat", "{platform}: {pages:?}");
}
