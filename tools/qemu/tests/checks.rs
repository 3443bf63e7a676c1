//! The platform checks on each port that delivers traps. With MINPLAT_TEST_DEVICE=1: it takes built libraries, and builds firmware.

mod common;

use common::{Bench, are_all, everything, ports, tool, wanted};

/// What holds between threads, or is theirs.
const THREADS: [&str; 7] =
    ["trap-threads", "tls-slots", "tls-threads", "lock-word", "lock-excludes", "rwlock-excludes", "rwlock-shares"];

#[test]
fn every_machine_with_traps_passes_the_platform_checks() {
    if !wanted("platform checks") {
        return;
    }
    let mut tried = 0;
    for port in ports() {
        let Some(name) = everything(&port) else { continue };
        let threads = Bench::of(&port, &name).platform.settings().multi_thread;
        let output = tool(&[&port.name, "check-platform", "--platform", &name, "--json"]);
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let outcomes: Vec<_> = report["checks"]
            .as_array()
            .unwrap()
            .iter()
            .map(|check| (check["name"].as_str().unwrap(), check["outcome"].as_str().unwrap()))
            .collect();
        // Only x86_64 traps a division, and no emulator has caches that could differ.
        let mut unknown = vec!["code-coherent"];
        if port.name != "x86_64-qemu" {
            unknown.push("trap-division");
        }
        if !threads {
            unknown.extend(THREADS);
        }
        for (check, outcome) in &outcomes {
            let right = if unknown.contains(check) { "unknown" } else { "passed" };
            assert_eq!(*outcome, right, "{name}: {check}: {report:#}");
        }
        assert!(unknown.iter().all(|name| outcomes.iter().any(|(check, _)| check == name)), "{outcomes:?}");
        assert!(outcomes.len() >= 43, "{name}: {} checks", outcomes.len());
        tried += 1;
    }
    assert!(tried >= 3 || !are_all(), "{tried} ports deliver traps");
}
