//! What `minplat-qemu PORT run` prints is what `minplat-host run` prints: both are run, and compared. With MINPLAT_TEST_DEVICE=1: it
//! takes built libraries, and builds firmware.

mod common;

use std::iter;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use common::{Bench, artifacts, checkout, ports, printed, tool, wanted};
use minplat_qemu::port::Port;
use serde_json::Value;

/// A guest that speaks: text with every byte that means something to a console or a record, and text beyond its memory.
const SPEAKS: &str = r#"(module (import "host" "log" (func $log (param i32 i32))) (memory (export "memory") 1)
    (data (i32.const 8) "a guest's word") (data (i32.const 32) "\1eend\t7 \1e\\\r\n\1epanic\tx\ff\r")
    (func (export "run") (call $log (i32.const 8) (i32.const 14)))
    (data (i32.const 64) "its end\r") (func (export "end") (call $log (i32.const 64) (i32.const 8)))
    (func (export "odd") (call $log (i32.const 32) (i32.const 22)))
    (func (export "far") (call $log (i32.const 65530) (i32.const 14))))"#;

/// One whose start function traps.
const STARTS: &str = "(module (func $start unreachable) (start $start) (func (export \"run\")))";

/// One that imports a thing of each kind.
const IMPORTS: &str = r#"(module
    (import "env" "f" (func $f (param i32 f64 funcref) (result i64)))
    (import "env" "g" (global i64)) (import "env" "h" (global (mut f32))) (import "env" "t" (table 10 20 funcref))
    (import "env" "m" (memory 1 2)) (import "host" "log" (func (param i64))))"#;

/// One that imports functions alone.
const CALLS: &str = r#"(module
    (import "env" "f" (func $f (param i32 f64) (result i64))) (import "env" "nothing" (func $nothing))
    (func (export "run") (result i64) (call $nothing) (call $f (i32.const -3) (f64.const 0.5))))"#;

/// A guest, and how it is run.
type Case = (&'static str, &'static str, &'static [&'static str]);

const CASES: &[Case] = &[
    ("floats", "examples/floats.wat", &["--invoke", "hypotenuse", "3", "4"]),
    ("multi", "examples/multi.wat", &["--invoke", "divide", "17", "5"]),
    ("trap", "examples/trap.wat", &["--invoke", "divide", "1", "0"]),
    ("speaks", SPEAKS, &[]),
    ("odd", SPEAKS, &["--invoke", "odd"]),
    ("end", SPEAKS, &["--invoke", "end"]),
    ("far", SPEAKS, &["--invoke", "far"]),
    ("starts", STARTS, &[]),
    ("imports", IMPORTS, &[]),
    ("calls", CALLS, &["--stub-imports"]),
    ("quiet", CALLS, &["--stub-imports", "--quiet"]),
    ("kind", SPEAKS, &["--invoke", "memory"]),
    ("arguments", "examples/floats.wat", &["--invoke", "hypotenuse", "3"]),
    ("nothing", "examples/floats.wat", &[]),
];

/// Those that are printed as JSON too: one that answers, and one for each kind of error.
const AS_JSON: &[&str] = &["multi", "trap", "far", "starts", "throws"];

/// A program that lies beside the tool.
fn beside(name: &str) -> Command {
    let mut command = Command::new(Path::new(env!("CARGO_BIN_EXE_minplat-qemu")).with_file_name(name));
    command.current_dir(checkout()).env("MINPLAT_ARTIFACTS", artifacts());
    command
}

/// A guest as a file of that name, compiled for a platform: `.wat` text, or a file of the checkout.
fn compiled(folder: &Path, (name, guest, _): &Case, platform: &str) -> PathBuf {
    let text = if guest.ends_with(".wat") {
        std::fs::read_to_string(checkout().join(guest)).unwrap()
    } else {
        (*guest).into()
    };
    let (source, artifact) = (folder.join(format!("{name}.wat")), folder.join(format!("{name}.cwasm")));
    std::fs::write(&source, text).unwrap();
    let mut compile = beside("minplat-compile");
    compile.args(["--platform", platform, "-o"]).arg(&artifact).arg(source);
    let output = compile.output().unwrap();
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    artifact
}

/// What was printed, without the folder that the file lies in, and without offsets: they are the platform's own, and some have none.
fn plain(text: &[u8], folder: &Path) -> String {
    let text = String::from_utf8_lossy(text).replace(&format!("{}/", folder.display()), "");
    let lines = text.split_inclusive('\n').filter(|line| !line.starts_with("to see it in the source: "));
    lines.map(|line| line.split_once(", wasm offset ").map_or(line.into(), |(line, _)| format!("{line}\n"))).collect()
}

/// Standard output, standard error and the exit code.
fn said(output: &Output, folder: &Path) -> (String, String, Option<i32>) {
    (plain(&output.stdout, folder), plain(&output.stderr, folder), output.status.code())
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}

/// Whether what both print is the same, as text and as JSON.
fn compare(port: &Port, case: &Case, (of_host, of_port): (&str, &str)) {
    let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let [here, there] = dirs.each_ref().map(|dir| dir.path());
    let (name, _, how) = case;
    let here_file = compiled(here, case, of_host);
    let there_file = compiled(there, case, of_port);
    let fuel: &[&str] = if Bench::of(port, of_port).is_metered() { &["--fuel", "1000000"] } else { &[] };
    let also: &[&str] = if AS_JSON.contains(name) { &["--json"] } else { &[] };
    for more in iter::once(&[][..]).chain(also.chunks(1)) {
        let host = beside("minplat-host").arg("run").args(more).arg(&here_file).args(*how).output().unwrap();
        let start = [port.name.as_str(), "run", "--platform", of_port];
        let file = there_file.to_str().unwrap();
        let qemu = tool(&[&start[..], more, fuel, &[file], how].concat());
        if more.is_empty() {
            let (mut host, mut qemu) = (said(&host, here), said(&qemu, there));
            if *name == "imports" {
                // What can be done about it differs.
                for text in [&mut host.1, &mut qemu.1] {
                    *text = text.lines().take(7).collect::<Vec<_>>().join("\n");
                }
            }
            assert_eq!(qemu, host, "{}, {name}", port.name);
        } else {
            let of = |output: &Output, folder: &Path| {
                let mut report = json(output);
                forget_places(&mut report["error"], folder);
                ["function", "results", "error"].map(|key| report[key].take())
            };
            let (host, qemu) = (of(&host, here), of(&qemu, there));
            assert_eq!(qemu, host, "{}, {name}", port.name);
        }
    }
}

/// Takes offsets and the folder out of an error, if there is one.
fn forget_places(error: &mut Value, folder: &Path) {
    let Some(error) = error.as_object_mut() else { return };
    for frame in error["frames"].as_array_mut().into_iter().flatten() {
        frame["text_offset"] = Value::Null;
        frame["wasm_offset"] = Value::Null;
    }
    for key in ["while", "message"] {
        if let Some(text) = error[key].as_str() {
            error[key] = plain(text.as_bytes(), folder).into();
        }
    }
}

#[test]
fn what_is_printed_is_what_the_host_prints() {
    if !wanted("printing") {
        return;
    }
    for port in ports() {
        // Building it would be told between what is compared.
        printed(&[&port.name, "build"]);
        for case in CASES {
            compare(&port, case, ("x86_64-minplat", &port.about.platforms[0]));
        }
    }
}

#[test]
fn an_exception_that_nobody_catches_is_printed_with_what_it_carries() {
    const FULL: &str = "x86_64-minplat-full";
    if !wanted("exceptions") {
        return;
    }
    let throws = "(module (tag $t (param i32 f64)) (func (export \"run\") (throw $t (i32.const 5) (f64.const 0.5))))";
    for port in ports().iter().filter(|port| port.platform(Some(FULL)).is_ok()) {
        printed(&[&port.name, "build", "--platform", FULL]);
        compare(port, &("throws", throws, &[]), (FULL, FULL));
    }
}
