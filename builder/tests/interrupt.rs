//! Ctrl-C in a build: it ends by the signal, Cargo with it, and the folder of results is as it was. With MINPLAT_TEST_DEVICE=1,
//! since it needs a toolchain that can build.

mod common;

use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

#[test]
fn an_interrupted_build_leaves_the_old_library_and_nothing_else() {
    if !common::device::wanted("interrupt") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    common::write(dir, "artifacts/x86_64-minplat/lib/libminplat.a", "as it was");
    let before = common::names(&dir.join("artifacts"));
    let mut child = common::command(dir, ["x86_64-minplat"]).stderr(Stdio::piped()).spawn().unwrap();
    let pid = Pid::from_child(&child);
    let mut said = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    assert!(line.contains("building with"), "{line}");
    let cargo = cargo_of(pid);
    kill_process(pid, Signal::INT).unwrap();
    let asked = Instant::now();
    let mut rest = String::new();
    std::io::Read::read_to_string(&mut said, &mut rest).unwrap();
    let status = child.wait().unwrap();
    assert!(asked.elapsed() < Duration::from_secs(20), "it took {:?} to end", asked.elapsed());
    assert_eq!(status.signal(), Some(Signal::INT.as_raw()), "{rest}");
    assert_eq!(rest, "error: interrupted; a platform that was not done is as it was\n");
    assert_eq!(common::names(&dir.join("artifacts")), before);
    assert_eq!(std::fs::read(dir.join("artifacts/x86_64-minplat/lib/libminplat.a")).unwrap(), b"as it was");
    let junk: Vec<_> = common::names(&dir.join("target")).into_iter().filter(|name| name.contains("/link-")).collect();
    assert_eq!(junk, Vec::<String>::new());
    assert!(test_kill_process(cargo).is_err(), "cargo still runs");
}

/// The cargo that it has started, once it has.
fn cargo_of(parent: Pid) -> Pid {
    let path = format!("/proc/{0}/task", parent.as_raw_nonzero());
    for _ in 0..200 {
        for task in std::fs::read_dir(&path).unwrap().flatten() {
            let children = std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
            if let Some(pid) = children.split_whitespace().next() {
                return Pid::from_raw(pid.parse().unwrap()).unwrap();
            }
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("it has started no cargo");
}
