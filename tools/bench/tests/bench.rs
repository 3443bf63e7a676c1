//! minplat-bench as its users run it, with short rounds: that what it says is whole and of a piece, not how fast anything is. With
//! MINPLAT_TEST_DEVICE=1; the kernels are built by their own script.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use serde_json::Value;

/// The kernels of these tests: small ones, those that the README names among them, and one with vectors.
const KERNELS: [&str; 5] = ["filter", "json", "sha256", "simd", "sort"];

/// Whether what is measured has to be there.
fn has_device() -> bool {
    let wanted = std::env::var_os("MINPLAT_TEST_DEVICE").is_some_and(|value| !value.is_empty());
    if !wanted {
        eprintln!("skipped; run minplat-build --all, and the test with MINPLAT_TEST_DEVICE=1");
    }
    wanted
}

fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the checkout is there")
}

/// The folder with the kernels, which are built once.
fn kernels() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let given = std::env::var_os("MINPLAT_ARTIFACTS").filter(|dir| !dir.is_empty());
        let artifacts = given.map_or_else(|| checkout().join("artifacts"), PathBuf::from);
        let folder = artifacts.join("test-bench");
        let script = checkout().join("tools/bench/kernels/build.sh");
        let built = Command::new(script).arg(&folder).args(KERNELS).status();
        assert!(built.expect("the script can be run").success());
        folder
    })
}

fn bench(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_minplat-bench"));
    command.arg("--kernels-in").arg(kernels()).args(args).current_dir(checkout()).output().expect("it can be run")
}

/// What a run that succeeds prints, as JSON; files go to a folder.
#[track_caller]
fn json(out: &Path, args: &[&str]) -> Value {
    let out = out.to_str().expect("a temporary folder has a name");
    let output = bench(&[&["--json", "--quick", "-o", out], args].concat());
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("it prints JSON")
}

#[track_caller]
fn list<'a>(value: &'a Value, key: &str) -> &'a Vec<Value> {
    value[key].as_array().unwrap_or_else(|| panic!("{key} is missing: {value}"))
}

#[track_caller]
fn positive(value: &Value, key: &str) -> f64 {
    value[key].as_f64().filter(|number| *number > 0.0).unwrap_or_else(|| panic!("{key} is no number: {value}"))
}

#[test]
fn engines_run_kernels_and_agree() {
    if !has_device() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let results = json(folder.path(), &["--only", "execution", "--rounds", "3", "--kernels", &KERNELS.join(",")]);
    let kernels = list(&results["execution"], "kernels");
    assert_eq!(kernels.len(), KERNELS.len());
    for kernel in kernels {
        let engines = list(kernel, "engines");
        let of = |name: &str| engines.iter().find(|timed| timed["engine"] == name);
        let name = kernel["kernel"].as_str().unwrap();
        for engine in [
            "native",
            "wasmtime",
            "wasmtime-checks",
            "x86_64-minplat",
            "x86_64-minplat-traps",
            "pulley64-minplat",
            "wasmi",
        ] {
            let timed = of(engine).unwrap_or_else(|| panic!("{name}: {engine} did not run: {}", results["left_out"]));
            positive(timed, "nanoseconds_per_unit");
            assert_eq!(list(timed, "rounds").len(), 3);
        }
        // wasm2c of Debian 12 has no vectors, which is told.
        assert_eq!(of("wasm2c").is_some(), name != "simd", "{name}");
        // Not how fast, but which is which: an interpreter is slower than what it interprets for.
        let ratio = |engine| of(engine).unwrap()["to_native"].as_f64().unwrap();
        assert!(ratio("wasmi") > ratio("wasmtime") && ratio("pulley64-minplat") > ratio("x86_64-minplat"), "{kernel}");
    }
    let left_out = list(&results, "left_out");
    assert!(left_out.iter().any(|left| left["engine"] == "wasm2c" && left["kernels"][0] == "simd"), "{left_out:?}");

    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    let written: Value = serde_json::from_str(&read("results.json")).unwrap();
    assert_eq!(written, results);
    let chart = read("execution.svg");
    assert!(chart.starts_with("<svg") && KERNELS.iter().all(|kernel| chart.contains(kernel)), "{chart}");
    let page = read("results.md");
    let row = page.lines().find(|line| line.starts_with("| wasmtime |")).unwrap();
    assert_eq!(row.split('|').filter(|cell| cell.trim().parse::<f64>().is_ok()).count(), KERNELS.len() + 1, "{row}");

    // What was found can be told again, and compared: with itself, and with a run in which an engine took a hundredth of the time.
    let from = folder.path().join("results.json");
    let earlier = folder.path().join("earlier.json");
    let mut other = written;
    let sort =
        other["execution"]["kernels"].as_array_mut().unwrap().iter_mut().find(|kernel| kernel["kernel"] == "sort");
    let timed = sort.unwrap()["engines"].as_array_mut().unwrap().iter_mut().find(|timed| timed["engine"] == "wasmi");
    let rounds = timed.unwrap()["rounds"].as_array_mut().unwrap();
    rounds.iter_mut().for_each(|round| *round = (round.as_f64().unwrap() / 100.0).into());
    fs::write(&earlier, other.to_string()).unwrap();
    for (before, told) in [(&from, "Since the earlier run 0 of "), (&earlier, "Since the earlier run 1 of ")] {
        let again = bench(&["--from", from.to_str().unwrap(), "--against", before.to_str().unwrap()]);
        let text = String::from_utf8_lossy(&again.stdout);
        assert!(again.status.success() && text.contains(told), "{text}");
        let row = text.lines().find(|line| line.starts_with("execution"));
        let expected = (before == &earlier).then_some(["execution", "sort", "wasmi", "×", "native"]);
        assert_eq!(
            row.map(|row| row.split_whitespace().take(5).collect::<Vec<_>>()),
            expected.map(Vec::from),
            "{text}"
        );
        assert!(row.is_none_or(|row| row.ends_with("100.000")), "{text}");
    }

    // But a trial is nothing for a document.
    let document = checkout().join("docs/performance.md");
    let before = fs::read_to_string(&document).unwrap();
    let refused = bench(&["--from", from.to_str().unwrap(), "--write", document.to_str().unwrap()]);
    let error = String::from_utf8_lossy(&refused.stderr);
    assert!(refused.status.code() == Some(1) && error.contains("no figures for a document"), "{error}");
    assert_eq!(fs::read_to_string(&document).unwrap(), before);
}

#[test]
fn starts_instances_and_calls_are_told() {
    if !has_device() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let engines = "wasmtime,x86_64-minplat,x86_64-minplat-traps,wasmi";
    let results = json(
        folder.path(),
        &["--only", "startup,instances,calls", "--rounds", "2", "--engines", engines, "--kernels", "filter,tiny"],
    );
    let starts = list(&results, "startup");
    // Three that load copied and in place, and an interpreter, with two modules.
    assert_eq!(starts.len(), 2 * (3 * 2 + 1));
    for start in starts {
        let parts = ["load", "instantiate", "first_call"].map(|part| positive(start, part));
        // The medians of parts are not the parts of the median; in nanoseconds they are near.
        let (total, sum) = (positive(start, "total"), parts.into_iter().sum::<f64>());
        assert!((total / sum).ln().abs() < 1.0 && total > 500.0 && total < 1e9, "{start}");
        positive(start, "to_wasmtime");
    }
    let held = list(&results, "instances");
    assert_eq!(held.len(), 4);
    for held in held {
        positive(held, "per_second");
        // At least the page of the stack that each has touched.
        assert!(held["resident_bytes"].as_u64().unwrap() >= 1024, "{held}");
    }
    // On a heap all of a memory is there; behind it, in a mapping, what was touched.
    let of = |name: &str| held.iter().find(|held| held["engine"] == name).unwrap()["resident_bytes"].as_u64().unwrap();
    assert!(of("x86_64-minplat-traps") < 64 << 10 && of("x86_64-minplat") > 64 << 10, "{held:?}");
    let calls = list(&results, "calls");
    assert_eq!(calls.len(), 4);
    calls.iter().for_each(|call| assert!(positive(call, "nanoseconds") < 10_000.0));
    assert!(fs::read_to_string(folder.path().join("startup.svg")).unwrap().contains("x86_64-minplat-traps, in place"));
}

#[test]
fn compiling_is_told() {
    if !has_device() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    // Of the other sections those are left out in which the engine takes no part.
    let results = json(folder.path(), &["--engines", "native", "--rounds", "1"]);
    let sections = ["execution", "startup", "instances", "calls", "instructions"];
    assert_eq!(sections.map(|section| results[section].is_null()), [false, true, true, true, true], "{results}");
    let compiled = list(&results, "compile");
    let hows: Vec<_> = compiled.iter().map(|compiled| compiled["how"].as_str().unwrap()).collect();
    assert_eq!(hows.len(), 7);
    for compiled in compiled {
        positive(compiled, "milliseconds");
        assert!((1.0..500.0).contains(&(positive(compiled, "resident_bytes") / 1e6)), "{compiled}");
        assert_eq!(compiled["beside"].is_null(), compiled["how"].as_str().unwrap().contains("wasmtime"), "{compiled}");
    }
}

#[test]
fn instructions_are_the_same_every_time() {
    if !has_device() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let engines = "native,wasmtime:x86_64-minplat,x86_64-minplat";
    let count = || {
        let results = json(folder.path(), &["--only", "instructions", "--engines", engines, "--kernels", "sha256"]);
        let counts = list(&results, "instructions");
        let number = |count: &Value| count["instructions_per_unit"].as_u64().unwrap();
        counts.iter().map(number).collect::<Vec<_>>()
    };
    let first = count();
    assert_eq!(first.len(), 3);
    // A unit is SHA-256 of 64 KiB: more than ten instructions a byte, and what runs in the device is what runs on Linux.
    assert!(first.iter().all(|number| (655_360..10_000_000).contains(number)), "{first:?}");
    assert!(first[1].abs_diff(first[2]) * 1000 < first[1], "{first:?}");
    assert_eq!(count(), first);
}

#[test]
fn an_engine_with_another_result_ends_it() {
    if !has_device() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let wrong = folder.path().join("wasm3");
    fs::write(&wrong, "#!/bin/sh\necho Result: 5 >&2\n").unwrap();
    fs::set_permissions(&wrong, Permissions::from_mode(0o755)).unwrap();
    let out = folder.path().join("out");
    let args = ["--only", "execution", "--quick", "--kernels", "sha256", "--engines", "native,wasm3", "--wasm3"];
    let output = bench(&[&args[..], &[wrong.to_str().unwrap(), "-o", out.to_str().unwrap()]].concat());
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.contains("sha256: native gives ") && error.contains("wasm3 gives 5"), "{error}");
    assert!(!out.join("results.json").exists());
}

#[test]
fn what_is_not_there_is_named() {
    if !has_device() {
        return;
    }
    for (args, told) in [
        (&["--kernels", "nope"][..], "there is no kernel nope in "),
        (&["--engines", "nope"], "there is no engine nope; there are: native, wasm2c, "),
        (&["--engines", "x86_64-minplat+wasm.typo=1"], "wasm.typo"),
        (&["--engines", "aarch64-minplat"], "another machine than this computer"),
        (&["--engines", "wasm3"], "where its program is named"),
        (&["--only", "startup", "--engines", "native"], "none of the engines takes part in start-up"),
        (&["--only", "startup", "--kernels", "sort"], "start-up is that of tiny, filter, sqlite"),
        (&["--kernels-in", "/nonexistent"], "tools/bench/kernels/build.sh /nonexistent builds them"),
        (&["--only", "execution", "--engines", "wasm2c", "--kernels", "simd"], "simd.wasm2c was not built"),
        (&["--from", "/nonexistent"], "cannot read /nonexistent"),
        (&["--against", "/nonexistent"], "cannot read /nonexistent"),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_minplat-bench"));
        if args[0] != "--kernels-in" {
            command.arg("--kernels-in").arg(kernels());
        }
        let output = command.args(args).current_dir(checkout()).output().expect("it can be run");
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{args:?}: {error}");
        assert!(error.contains(told), "{args:?}: {error}");
    }
}

#[test]
fn the_readme_is_right() {
    if !has_device() {
        return;
    }
    let readme = fs::read_to_string(checkout().join("README.md")).unwrap();
    let block =
        readme.split("```").find(|block| block.contains("./build.sh bench ")).expect("the README has the block");
    let folder = tempfile::tempdir().unwrap();
    let out = |nth: i32| folder.path().join(nth.to_string()).to_str().unwrap().to_string();
    let mut count = 0;
    for line in block.lines().filter_map(|line| line.strip_prefix("minplat-bench ")) {
        let line = line.replace("before.json", &(out(0) + "/results.json"));
        let words: Vec<_> = line.split_once('#').map_or(&*line, |(command, _)| command).split_whitespace().collect();
        // Programs that nobody has here are none of it.
        if words.contains(&"--wamr") {
            continue;
        }
        let output = bench(&[&words[..], &["--quick", "--rounds", "1", "-o", &out(count)]].concat());
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        count += 1;
    }
    assert_eq!(count, 3);
}
