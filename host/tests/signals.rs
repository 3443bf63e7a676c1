//! Faults that are no trap of a guest's go to whoever took them before: each case is a process of its own, this program again.

mod common;

use std::env;
use std::os::unix::process::ExitStatusExt;
use std::process::Command;

use common::{Guests, library, start};
use minplat_host::Value;

const PLATFORM: &str = "x86_64-minplat-traps";
const GUEST: &str = r#"(module (memory 1) (func (export "load") (param i32) (result i32) (i32.load (local.get 0))))"#;

/// Runs one test of this file alone, with `MINPLAT_CASE` in its environment.
fn alone(test: &str, case: &str) -> std::process::Output {
    let mut child = Command::new(env::current_exe().unwrap());
    child.args(["--exact", test, "--nocapture", "--test-threads=1"]).env("MINPLAT_CASE", case).output().unwrap()
}

/// A trap through a guard page, to have the handlers installed and used.
fn trap_once() -> Option<()> {
    let (guests, library) = (Guests::new()?, library(PLATFORM)?);
    let common::Running { mut store, instance, .. } = start(&library, &guests.compile("m", GUEST, &["-p", PLATFORM]));
    let load = instance.func(&mut store, "load").unwrap();
    for _ in 0..2 {
        let error = load.call(&mut store, &[Value::I32(-4)]).unwrap_err();
        assert_eq!(error.trap.unwrap().code, 1);
    }
    Some(())
}

fn fault() {
    // SAFETY: it is not: that is what the test is about.
    unsafe { std::ptr::without_provenance_mut::<u8>(16).write_volatile(1) };
}

extern "C" fn previous(_signal: libc::c_int) {
    // SAFETY: ends the process.
    unsafe { libc::_exit(42) }
}

#[test]
fn a_fault_of_the_hosts_reaches_the_handler_before() {
    match env::var("MINPLAT_CASE").as_deref() {
        Ok("handler") => {
            // SAFETY: the handler ends the process.
            unsafe { libc::signal(libc::SIGSEGV, previous as *const () as usize) };
            trap_once();
            fault();
        }
        Ok("default") => {
            // SAFETY: the default kills the process.
            unsafe { libc::signal(libc::SIGSEGV, libc::SIG_DFL) };
            trap_once();
            fault();
        }
        _ => {
            if Guests::new().is_none() || library(PLATFORM).is_none() {
                return;
            }
            let test = "a_fault_of_the_hosts_reaches_the_handler_before";
            let output = alone(test, "handler");
            assert_eq!(output.status.code(), Some(42), "{output:?}");
            let output = alone(test, "default");
            assert_eq!(output.status.signal(), Some(libc::SIGSEGV), "{output:?}");
        }
    }
}
