//! Scripts of a user's, as a user runs them. Needs a device library, so it runs where `MINPLAT_TEST_DEVICE` is set, as
//! `./build.sh test` does.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the checkout is there")
}

fn left_out() -> bool {
    let left_out = std::env::var_os("MINPLAT_TEST_DEVICE").is_none_or(|value| value.is_empty());
    if left_out {
        eprintln!("left out: MINPLAT_TEST_DEVICE is not set; ./build.sh test sets it when the libraries are built");
    }
    left_out
}

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_minplat-wast"));
    command.current_dir(root());
    command
}

/// Runs a script that comes from standard input; the exit code and both streams.
fn run(script: &str, args: &[&str]) -> (Option<i32>, String) {
    let mut child = program()
        .args(args)
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it can be run");
    child.stdin.take().expect("it is piped").write_all(script.as_bytes()).expect("it reads");
    said(&child.wait_with_output().expect("it ends"))
}

fn said(output: &Output) -> (Option<i32>, String) {
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    (output.status.code(), String::from_utf8_lossy(&text).into_owned())
}

#[track_caller]
fn has(said: &str, parts: &[&str]) {
    for part in parts {
        assert!(said.contains(part), "{part:?} is not in:\n{said}");
    }
}

#[test]
fn a_failure_has_its_line_what_was_expected_and_what_came() {
    if left_out() {
        return;
    }
    let script = r#"(module
  (func (export "one") (result i32) (i32.const 1))
  (func (export "nan") (result f32) (f32.reinterpret_i32 (i32.const 0x7fc00001)))
  (func (export "stop") unreachable))
(assert_return (invoke "one") (i32.const 2))
(assert_return (invoke "one") (i64.const 1))
(assert_return (invoke "nan") (f32.const nan:canonical))
(assert_return (invoke "nan") (f32.const nan:arithmetic))
(assert_return (invoke "stop"))
(assert_trap (invoke "stop") "integer overflow")
(assert_trap (invoke "one") "unreachable")
(assert_exception (invoke "stop"))
(assert_return (invoke "none"))
(assert_invalid (module) "invalid")
(assert_malformed (module binary "\00asm\01\00\00\00") "malformed")
(assert_unlinkable (module) "unknown import")
(assert_unlinkable (module (import "a" "b" (func))) "incompatible import type")
(module (import "a" "b" (func)))
(invoke "one")
(invoke $nobody "one")
(register "x" $nobody)
"#;
    let (code, said) = run(script, &[]);
    assert_eq!(code, Some(1), "{said}");
    has(
        &said,
        &["FAILED <stdin>:5: assert_return (invoke \"one\") (i32.const 2)\n  expected  (i32:2)\n  actual    (i32:1)\n"],
    );
    for line in [5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21] {
        has(&said, &[&format!("FAILED <stdin>:{line}: ")]);
    }
    has(&said, &["expected  (f32:nan:canonical)\n  actual    (f32:nan:0x400001)"]);
    has(&said, &["expected  the trap \"integer overflow\"\n  actual    the trap \"unreachable\""]);
    has(
        &said,
        &["actual    the module of line 18 failed", "exports no function \"none\"", "there is no module $nobody"],
    );
    has(&said, &["1 scripts, 2 passed, 0 not supported, 16 failed, 18 in total"]);
}

/// The lines of a script's failures, each once.
fn failures(said: &str) -> Vec<usize> {
    let failed = said.lines().filter_map(|line| line.strip_prefix("FAILED <stdin>:")?.split(':').next()?.parse().ok());
    failed.collect()
}

#[test]
fn every_form_of_an_expectation_fails_where_it_is_not_met() {
    if left_out() {
        return;
    }
    let script = fs::read_to_string(root().join("tools/wast/tests/wrong.wast")).expect("it is there");
    let wrong = script.lines().zip(1..).filter(|(line, _)| line.ends_with(";; wrong")).map(|(_, number)| number);
    let wrong: Vec<usize> = wrong.collect();
    assert!(wrong.len() > 50);
    let (code, said) = run(&script, &["--quiet", "--platform", "x86_64-minplat-full"]);
    assert_eq!((code, failures(&said)), (Some(1), wrong), "{said}");
}

#[test]
fn scripts_of_an_earlier_version_get_a_hint() {
    if left_out() {
        return;
    }
    let script = "(assert_invalid (module (memory 0) (memory 0)) \"multiple memories\")";
    let (code, said) = run(script, &[]);
    assert_eq!(code, Some(1), "{said}");
    has(&said, &["in total\nhint: ", "--features 1.0"]);
    assert_eq!(run(script, &["--features", "1.0"]).0, Some(0));
    // A failure of another kind has another reason.
    let (_, said) = run(&format!("{script}\n(module (func (export \"f\")))\n(assert_return (invoke \"g\"))"), &[]);
    assert!(!said.contains("hint"), "{said}");
}

#[test]
fn what_no_platform_has_is_no_key() {
    if left_out() {
        return;
    }
    let (code, said) = run("(module (memory 1 1 shared))", &[]);
    assert_eq!(code, Some(0), "{said}");
    has(&said, &["not supported: 1 need threads (no platform has it)\n"]);
}

#[test]
fn what_the_platform_has_not_is_no_pass() {
    if left_out() {
        return;
    }
    let script = r#"(module (func (export "f") (param externref) (result i32) (ref.is_null (local.get 0))))
(assert_return (invoke "f" (ref.extern 1)) (i32.const 0))
(register "m")
(module (import "m" "f" (func)))
(module (func (export "g")))
(assert_return (invoke "g"))
(assert_invalid (module (func (param externref) (result i32) (local.get 0))) "type mismatch")
"#;
    let (code, said) = run(script, &["--features", "2.0"]);
    assert_eq!(code, Some(0), "{said}");
    has(&said, &["not supported: 4 need runtime.gc\n", "3 passed, 4 not supported, 0 failed, 7 in total"]);
    // 1.0 has no such references: the module is wrong, not the platform.
    let (code, said) = run(script, &["--features", "1.0"]);
    assert_eq!(code, Some(1), "{said}");
    has(&said, &["FAILED <stdin>:1: module", "needs references that are garbage-collected (runtime.gc)"]);
}

#[test]
fn modules_have_the_features_that_they_are_given() {
    if left_out() {
        return;
    }
    let script = r#"(module (func (export "f") (param i32) (result i32) (i32.extend8_s (local.get 0))))
(assert_return (invoke "f" (i32.const 0xff)) (i32.const -1))
"#;
    assert_eq!(run(script, &["--features", "2.0"]).0, Some(0));
    let (code, said) = run(script, &["--features", "1.0"]);
    assert_eq!(code, Some(1), "{said}");
    has(&said, &["needs the wasm feature sign-extension"]);
    let refused = "(assert_invalid (module (func (param i32) (result i32) (i32.extend8_s (local.get 0)))) \"\")";
    assert_eq!(run(refused, &["--features", "1.0"]).0, Some(0));
    assert_eq!(run(refused, &["--features", "2.0"]).0, Some(1));
}

#[test]
fn the_table_of_exceptions_is_held_to_in_both_directions() {
    if left_out() {
        return;
    }
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("known.toml");
    let table = path.to_str().expect("UTF-8");
    let script = "(module (func (export \"f\")))\n(assert_return (invoke \"f\"))\n(assert_return (invoke \"g\"))\n";
    let listed =
        |line: usize| format!("[[exception]]\nfile = \"<stdin>\"\nlines = [{line}]\nreason = \"there is no g\"\n");
    fs::write(&path, listed(3)).expect("it can be written");
    let (code, said) = run(script, &["--exceptions", table]);
    assert_eq!(code, Some(0), "{said}");
    has(&said, &["2 passed, 0 not supported, 0 failed, 1 known exceptions, 3 in total"]);
    has(&said, &["failed known exceptions  total\n<stdin>       2             0      0                1      3\n"]);
    fs::write(&path, listed(2)).expect("it can be written");
    let (code, said) = run(script, &["--exceptions", table]);
    assert_eq!(code, Some(1), "{said}");
    has(
        &said,
        &["FAILED <stdin>:2: an exception in the table", "it passes: take it out of the table", "FAILED <stdin>:3: "],
    );
}

#[test]
fn a_report_for_programs_has_the_same() {
    if left_out() {
        return;
    }
    let (code, said) = run("(module)\n(assert_return (invoke \"f\"))", &["--json"]);
    assert_eq!(code, Some(1), "{said}");
    let report: serde_json::Value = serde_json::from_str(&said).expect("it is JSON alone");
    assert_eq!(report["platform"], "x86_64-minplat");
    assert_eq!(report["totals"]["passed"], 1);
    assert_eq!(report["scripts"][0]["failures"][0]["line"], 2);
}

#[test]
fn folders_are_searched_and_filtered() {
    if left_out() {
        return;
    }
    let dir = tempfile::tempdir().expect("a folder");
    fs::create_dir(dir.path().join("deep")).expect("it can be made");
    fs::write(dir.path().join("a.wast"), "(module)").expect("it can be written");
    fs::write(dir.path().join("deep/b.wast"), "(module)").expect("it can be written");
    fs::write(dir.path().join("deep/c.txt"), "no script").expect("it can be written");
    let output = |args: &[&str]| said(&program().arg(dir.path()).args(args).output().expect("it can be run"));
    has(&output(&[]).1, &["a.wast", "deep/b.wast", "2 scripts, 2 passed"]);
    has(&output(&["--filter", "deep"]).1, &["1 scripts, 1 passed"]);
    assert_eq!(output(&["--filter", "nothing"]).0, Some(1));
}

#[test]
fn what_is_no_script_is_an_error() {
    if left_out() {
        return;
    }
    let (code, said) = run("(module)\n(assert_retrun)", &[]);
    assert_eq!(code, Some(1), "{said}");
    has(&said, &["FAILED <stdin>:2: the script"]);
}

#[test]
fn a_command_line_that_makes_no_sense_is_2() {
    for args in [&[][..], &["--suite", "4.0"], &["--suite", "1.0", "x.wast"], &["--conformance", "--json"], &["--what"]]
    {
        let code = program().args(args).output().expect("it can be run").status.code();
        assert_eq!(code, Some(2), "{args:?}");
    }
    let (code, said) = said(&program().arg("/nowhere.wast").output().expect("it can be run"));
    assert_eq!(code, Some(1));
    has(&said, &["/nowhere.wast", "No such file"]);
}
