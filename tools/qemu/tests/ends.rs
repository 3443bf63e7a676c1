//! How machines end that do not end by themselves. With MINPLAT_TEST_DEVICE=1: it takes built libraries, and builds firmware.

mod common;

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};

use common::{Bench, artifacts, checkout, limit, ports, printed, wait_for, wanted};
use minplat_bundle::Writer;
use minplat_qemu::machine;
use minplat_qemu::port::Port;

/// What runs: a process's number, its state, its parent, its name.
fn processes() -> Vec<(u32, String, u32, String)> {
    let stats = fs::read_dir("/proc").unwrap().flatten();
    let stats = stats.filter_map(|entry| fs::read_to_string(entry.path().join("stat")).ok());
    let read = stats.filter_map(|stat| {
        let (number, rest) = stat.split_once(" (")?;
        let (name, rest) = rest.rsplit_once(") ")?;
        let mut rest = rest.split(' ');
        Some((number.parse().ok()?, rest.next()?.to_owned(), rest.next()?.parse().ok()?, name.to_owned()))
    });
    read.collect()
}

#[test]
fn a_tool_that_is_ended_leaves_no_machine() {
    if !wanted("signals") {
        return;
    }
    let port = &ports()[0];
    printed(&[&port.name, "build"]);
    for (name, signal) in [("HUP", 1), ("INT", 2), ("TERM", 15)] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_minplat-qemu"));
        command.args([&port.name, "run", "examples/loop.wat", "--invoke", "forever", "--timeout", "200"]);
        command.current_dir(checkout()).env("MINPLAT_ARTIFACTS", artifacts()).stderr(Stdio::null());
        let mut tool = command.spawn().unwrap();
        let machine = wait_for("a machine", || {
            let is =
                |(_, _, parent, name): &(u32, String, u32, String)| *parent == tool.id() && name.starts_with("qemu");
            processes().into_iter().find(is).map(|(number, ..)| number)
        });
        let sent = Command::new("kill").args([&format!("-{name}"), &tool.id().to_string()]).status().unwrap();
        assert!(sent.success());
        let status = wait_for("the tool's end", || tool.try_wait().unwrap());
        assert_eq!(status.signal(), Some(signal), "{status}");
        let left = processes().into_iter().find(|(number, state, ..)| *number == machine && state != "Z");
        assert_eq!(left, None, "after {name}");
    }
}

/// The same machine with another word in QEMU's command line.
fn with(port: &Port, old: &str, new: &str) -> Port {
    let mut other = port.clone();
    let word = other.about.qemu.args.iter_mut().find(|arg| *arg == old);
    *word.unwrap_or_else(|| panic!("{} is started without {old}", port.name)) = new.into();
    other
}

/// Starts a machine that the firmware is not for, with a guest to run; gives the error.
#[track_caller]
fn crash(bench: &Bench, (old, new): (&str, &str), guest: &str) -> String {
    let mut bundle = Writer::default();
    let module = bundle.module(bench.compile(guest), 4096);
    bundle.begin(1, "a guest", None, false).success();
    bundle.instance(2, 0, module, false).success();
    bundle.call(3, 0, "run", &[]).success();
    let (less, firmware) = (with(&bench.port, old, new), bench.firmware(&[]));
    let error = machine::run(&less, &firmware, &bundle.finish(), limit(), |_| ());
    error.expect_err(&less.name).to_string()
}

#[test]
fn a_machine_that_crashes_is_an_error_with_its_last_lines() {
    if !wanted("crashes") {
        return;
    }
    let vectors = "(module (func (export \"run\") (result v128) (i8x16.splat (i32.const 1))))";
    let nothing = "(module (func (export \"run\")))";
    for port in ports() {
        let bench = Bench::new(&port);
        let (error, ended, lines) = match port.name.as_str() {
            // The stack is where this board has no memory, so that not even the fault can be told.
            "cortex-m4" => {
                let error = crash(&bench, ("mps2-an386", "netduinoplus2"), nothing);
                (error, "signal: 6 (SIGABRT)", "; it has said nothing\nqemu: fatal: Lockup")
            }
            // The guest uses vectors, and the core has none.
            "riscv64-virt" => {
                let error = crash(&bench, ("rv64,v=true,vext_spec=v1.0", "rv64,v=false"), vectors);
                (error, "exit status: 101", "\n  begin\ta guest\n  fault: cause 2,")
            }
            // The firmware is larger than the memory. The device that ends this machine doubles the code.
            "x86_64-qemu" => {
                let error = crash(&bench, ("1G", "3M"), nothing);
                (error, "exit status: 203", "; its last lines:\n  fault: the RAM ends within the firmware")
            }
            // With less memory they run, or are not begun at all; tests with a debugger have them crash, and all others too.
            "aarch64-virt" | "riscv32-virt" => continue,
            other => panic!(
                "nothing is known of how {other} crashes: add an arm with a word of its QEMU's arguments to change, how QEMU ends then, and the \
                 last lines; or list it with those that do not, if no change makes it"
            ),
        };
        let begin = format!("{} crashed: QEMU ended with {ended}", port.name);
        assert!(error.starts_with(&begin) && error.contains(lines), "{error}");
    }
}
