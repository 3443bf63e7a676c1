//! Standard streams that nobody reads, and ones that take nothing: a closed pipe is no failure, a lost result is.

mod common;

use std::fs::OpenOptions;
use std::io;
use std::path::Path;

use common::{Guests, Said, host, library};

const GUEST: &str = r#"(module
  (import "host" "log" (func $log (param i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "hello")
  (func (export "answer") (result i32) (i32.const 42))
  (func (export "nothing"))
  (func (export "greet") (call $log (i32.const 0) (i32.const 5))))"#;

/// What needs a library, where there is one, and what needs none.
fn with_library() -> Option<Guests> {
    let (Some(guests), Some(_)) = (Guests::new(), library("x86_64-minplat")) else { return None };
    guests.compile::<&str>("m", GUEST, &[]);
    Some(guests)
}

const ASKED: [&str; 4] = ["--help", "--version", "run --help", "info --help"];
const PRINTING: [&str; 5] = [
    "info",
    "info --json",
    "run m.cwasm --invoke answer",
    "run m.cwasm --invoke answer --json",
    "run m.cwasm --invoke greet",
];

/// A pipe whose reader has gone.
fn closed() -> io::PipeWriter {
    io::pipe().unwrap().1
}

fn to_closed_pipe(folder: &Path, line: &str) -> Said {
    host(folder).args(line.split(' ')).stdout(closed()).output().unwrap().into()
}

fn to_full_device(folder: &Path, line: &str) -> Said {
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    host(folder).args(line.split(' ')).stdout(full).output().unwrap().into()
}

fn is_quiet(said: &Said, line: &str) {
    assert_eq!((said.code, said.err.as_str()), (0, ""), "{line}");
}

fn says_what_is_lost(said: Said, line: &str) {
    assert!(said.err.starts_with("error: "), "{line}: {said:?}");
    said.fails(1, &["cannot write to standard output", "No space left on device"]);
}

#[test]
fn help_into_a_closed_pipe_is_fine_and_into_a_full_device_is_not() {
    let folder = tempfile::tempdir().unwrap();
    for line in ASKED {
        is_quiet(&to_closed_pipe(folder.path(), line), line);
        says_what_is_lost(to_full_device(folder.path(), line), line);
    }
    let wrong = "walk";
    to_full_device(folder.path(), wrong).fails(2, &["unrecognized subcommand"]);
}

#[test]
fn a_reader_who_has_heard_enough_is_no_failure() {
    let Some(guests) = with_library() else { return };
    for line in PRINTING {
        is_quiet(&to_closed_pipe(guests.path(), line), line);
    }
    // The outcome stays what it was.
    to_closed_pipe(guests.path(), "run m.cwasm --invoke answer 1").fails(2, &["takes 0 arguments"]);
}

#[test]
fn a_lost_result_is_a_failure() {
    let Some(guests) = with_library() else { return };
    for line in PRINTING {
        says_what_is_lost(to_full_device(guests.path(), line), line);
    }
    is_quiet(&to_full_device(guests.path(), "run m.cwasm --invoke nothing"), "nothing is printed, so nothing is lost");
}

/// Neither the program's own words nor the trace, which is written from inside the device, may end it.
#[test]
fn nobody_needs_to_hear_the_errors() {
    let Some(guests) = with_library() else { return };
    let deaf =
        |line: &str| -> Said { host(guests.path()).args(line.split(' ')).stderr(closed()).output().unwrap().into() };
    deaf("run m.cwasm --trace --stats --verbose --invoke answer").prints("42");
    assert_eq!(deaf("run m.cwasm --invoke missing").code, 2);
    assert_eq!(deaf("run nowhere.cwasm").code, 1);
    assert_eq!(deaf("info nowhere").code, 1);
}

/// Who reads JSON finds the error there, too.
#[test]
fn json_says_what_failed() {
    let folder = tempfile::tempdir().unwrap();
    for line in [
        "info --json nope",
        "info --json --library nope.so",
        "stack --json nope",
        "check-platform --json nope",
        "run --json nope",
    ] {
        let said: Said = host(folder.path()).args(line.split(' ')).output().unwrap().into();
        assert_eq!(said.code, 1, "{line}: {said:?}");
        let json: serde_json::Value =
            serde_json::from_str(&said.out).unwrap_or_else(|e| panic!("{line}: {e}: {said:?}"));
        assert!(json["error"]["message"].as_str().unwrap().contains("nope"), "{line}: {json}");
    }
}
