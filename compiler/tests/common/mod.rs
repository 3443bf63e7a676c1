//! What the tests share: running the two programs, and modules to run them on.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use minplat_platform::Platform;

/// What a program said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: Vec<u8>,
    pub(crate) err: String,
}

impl Said {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.out).into_owned()
    }

    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }

    #[track_caller]
    pub(crate) fn fails(self, code: i32, words: &[&str]) -> Self {
        assert_eq!(self.code, code, "{}{}", self.text(), self.err);
        for word in words {
            assert!(self.err.contains(word), "{word:?} is not in: {}", self.err);
        }
        assert!(!self.err.contains("panicked"), "{}", self.err);
        self
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Said {
            code: output.status.code().expect("it was not killed"),
            out: output.stdout,
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

pub(crate) fn compile(dir: &Path, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Said {
    run(env!("CARGO_BIN_EXE_minplat-compile"), dir, args, b"")
}

pub(crate) fn inspect(dir: &Path, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Said {
    run(env!("CARGO_BIN_EXE_minplat-inspect"), dir, args, b"")
}

pub(crate) fn run(program: &str, dir: &Path, args: impl IntoIterator<Item = impl AsRef<OsStr>>, stdin: &[u8]) -> Said {
    use std::io::Write;
    let mut child = Command::new(program)
        .args(args)
        .current_dir(dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{program}: {error}"));
    // A program that reads nothing may be gone already.
    let _ = child.stdin.take().unwrap().write_all(stdin);
    child.wait_with_output().unwrap().into()
}

pub(crate) fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples")
}

pub(crate) fn write(dir: &Path, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = dir.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, bytes).unwrap();
    path
}

/// A module that has one of most things.
pub(crate) const ALL_KINDS: &str = r#"(module $all
  (import "host" "log" (func $log (param i32 f64)))
  (import "host" "limit" (global $limit i64))
  (memory (export "memory") 2 17)
  (table (export "table") 3 funcref)
  (global $count (export "count") (mut i32) (i32.const 0))
  (data (i32.const 8) "some data")
  (elem (i32.const 0) $fib $add)
  (func $fib (export "fib") (param $n i32) (result i32)
    (if (result i32) (i32.lt_u (local.get $n) (i32.const 2))
      (then (local.get $n))
      (else (i32.add
        (call $fib (i32.sub (local.get $n) (i32.const 1)))
        (call $fib (i32.sub (local.get $n) (i32.const 2)))))))
  (func $add (param i32 i32) (result i32)
    (call $log (local.get 0) (f64.const 1))
    (i32.load (i32.add (local.get 0) (local.get 1))))
  (func (export "trap") unreachable)
  (func $start (global.set $count (i32.const 1)))
  (start $start))
"#;

/// A guest of the examples, a platform, changes to it, and the bytes that the guest may have there.
pub(crate) type Budget = (&'static str, &'static str, &'static [&'static str], usize);

/// A guest that `examples/build-guests.sh` makes; nothing where it is not built, and the tests need not be complete.
pub(crate) fn built(guest: &str) -> Option<Vec<u8>> {
    let artifacts = std::env::var_os("MINPLAT_ARTIFACTS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../artifacts"), Into::into);
    let path = artifacts.join("examples").join(guest);
    if !path.exists() && std::env::var_os("MINPLAT_TEST_DEVICE").is_none() {
        eprintln!("left out: {} is not built: examples/build-guests.sh", path.display());
        return None;
    }
    Some(std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

/// Prints what guests take by `measure`, with what else that tells, and fails where one is larger than its budget. A guest that
/// is not built is left out, where the tests need not be complete.
#[track_caller]
pub(crate) fn keep(budgets: &[Budget], measure: impl Fn(&Platform, &[u8]) -> (usize, String)) {
    for (guest, name, sets, budget) in budgets {
        let of_the_checkout = examples().join(guest);
        let wasm = if of_the_checkout.exists() { std::fs::read(of_the_checkout).ok() } else { built(guest) };
        let Some(wasm) = wasm else { continue };
        let sets: Vec<String> = sets.iter().map(ToString::to_string).collect();
        let platform = Platform::load(name, &sets).unwrap();
        let (bytes, more) = measure(&platform, &wat::parse_bytes(&wasm).unwrap());
        println!("{guest} for {name}: {bytes} of {budget} bytes, {more}");
        assert!(bytes <= *budget, "{guest} for {name}: {bytes} bytes, {budget} allowed");
    }
}
