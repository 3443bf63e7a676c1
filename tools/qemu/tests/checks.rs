//! The platform checks on each port that delivers traps. With MINPLAT_TEST_DEVICE=1: it takes built libraries, and builds firmware.

mod common;

use common::{Bench, are_all, everything, ports, tool, wanted};

/// What holds between threads, or is theirs.
const THREADS: [&str; 7] =
    ["trap-threads", "tls-slots", "tls-threads", "lock-word", "lock-excludes", "rwlock-excludes", "rwlock-shares"];

/// A microcontroller with tasks, 32-bit pointers and no pages.
const SMALL: (&str, &str) = ("cortex-m4", "pulley32-thumbv7em+offers.multi-thread=true+build.platform-checks=true");

/// The checks of a port, each with its outcome; none failed.
#[track_caller]
fn outcomes(port: &str, platform: &str) -> Vec<(String, String)> {
    let output = tool(&[port, "check-platform", "--platform", platform, "--json"]);
    assert!(output.status.success(), "{platform}: {}", String::from_utf8_lossy(&output.stderr));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let checks = report["checks"].as_array().unwrap();
    assert!(checks.len() >= 43, "{platform}: {} checks", checks.len());
    let text = |check: &serde_json::Value, field: &str| check[field].as_str().unwrap().to_owned();
    for check in checks.iter().filter(|check| check["outcome"] == "unknown") {
        assert_ne!(check["detail"], "", "{platform}: {check:#}");
    }
    checks.iter().map(|check| (text(check, "name"), text(check, "outcome"))).collect()
}

/// What it does not offer is not checkable, and each check says so.
#[test]
fn a_machine_without_pages_passes_what_it_offers() {
    if !wanted("platform checks without pages") {
        return;
    }
    let (port, platform) = SMALL;
    if !ports().iter().any(|known| known.name == port) {
        return;
    }
    for (check, outcome) in outcomes(port, platform) {
        let is_offered = THREADS.contains(&check.as_str()) && check != "trap-threads";
        assert_eq!(outcome, if is_offered { "passed" } else { "unknown" }, "{platform}: {check}");
    }
}

#[test]
fn every_machine_with_traps_passes_the_platform_checks() {
    if !wanted("platform checks") {
        return;
    }
    let mut tried = 0;
    for port in ports() {
        let Some(name) = everything(&port) else { continue };
        let threads = Bench::of(&port, &name).platform.settings().multi_thread;
        let outcomes = outcomes(&port.name, &name);
        // Only x86_64 traps a division, and no emulator has caches that could differ.
        let mut unknown = vec!["code-coherent"];
        if port.name != "x86_64-qemu" {
            unknown.push("trap-division");
        }
        if !threads {
            unknown.extend(THREADS);
        }
        for (check, outcome) in &outcomes {
            let right = if unknown.contains(&check.as_str()) { "unknown" } else { "passed" };
            assert_eq!(outcome, right, "{name}: {check}");
        }
        assert!(unknown.iter().all(|name| outcomes.iter().any(|(check, _)| check == name)), "{outcomes:?}");
        tried += 1;
    }
    assert!(tried >= 3 || !are_all(), "{tried} ports deliver traps");
}
