//! What is no file: standard input and output, FIFOs, links.

mod common;

use std::path::Path;

fn inspect(dir: &Path, args: &[&str], stdin: &[u8]) -> common::Said {
    common::run(env!("CARGO_BIN_EXE_minplat-inspect"), dir, args, stdin)
}

#[test]
fn inspect_reads_standard_input() {
    let dir = tempfile::tempdir().unwrap();
    common::write(dir.path(), "m.wat", common::ALL_KINDS);
    common::compile(dir.path(), ["m.wat", "--debug-file", "m.debug"]).ok();
    let bytes = std::fs::read(dir.path().join("m.cwasm")).unwrap();
    // Each question has the answer that it has about the file, but for the name.
    for args in [&["m.cwasm"][..], &["m.cwasm", "--json"], &["m.cwasm", "--disasm", "fib"], &["--disasm", "m.cwasm"]]
        .into_iter()
        .chain([&["m.cwasm", "--platform", "x86_64-minplat"][..], &["m.cwasm", "--symbolize", "m.debug", "0x23"]])
    {
        let of_file = inspect(dir.path(), args, b"").ok().text();
        let streamed: Vec<&str> = args.iter().map(|arg| if *arg == "m.cwasm" { "-" } else { arg }).collect();
        let of_stream = inspect(dir.path(), &streamed, &bytes).ok().text();
        assert_eq!(of_stream, of_file.replace("m.cwasm", "<stdin>"), "{args:?}");
    }
    let debug = std::fs::read(dir.path().join("m.debug")).unwrap();
    inspect(dir.path(), &["m.cwasm", "--symbolize", "-", "0x23"], &debug).ok();
    inspect(dir.path(), &["-"], b"").fails(1, &["<stdin>: is empty"]);
    inspect(dir.path(), &["-"], b"(module)").fails(1, &["<stdin>: is WebAssembly text", "minplat-compile"]);
}

#[test]
fn json_ends_with_a_line_end() {
    let dir = tempfile::tempdir().unwrap();
    common::write(dir.path(), "m.wat", common::ALL_KINDS);
    let compiled = common::compile(dir.path(), ["m.wat", "--json", "--debug-file", "m.debug"]).ok().text();
    let said = ["--json", "--json --platform x86_64-minplat", "--json --symbolize m.debug 0x23"]
        .map(|args| inspect(dir.path(), &["m.cwasm"].into_iter().chain(args.split(' ')).collect::<Vec<_>>(), b"").ok());
    for text in said.iter().map(common::Said::text).chain([compiled]) {
        assert!(text.ends_with("}\n") || text.ends_with("]\n"), "{text}");
        serde_json::from_str::<serde_json::Value>(&text).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn outputs_go_through_links_and_into_fifos() {
    use std::os::unix::fs::{FileTypeExt, symlink};
    let dir = tempfile::tempdir().unwrap();
    common::write(dir.path(), "m.wat", "(module)");
    common::compile(dir.path(), ["m.wat", "-o", "expected"]).ok();
    let expected = std::fs::read(dir.path().join("expected")).unwrap();

    std::fs::create_dir(dir.path().join("store")).unwrap();
    symlink("store/real", dir.path().join("link")).unwrap();
    common::compile(dir.path(), ["m.wat", "-o", "link"]).ok();
    assert!(dir.path().join("link").is_symlink());
    assert!(std::fs::read(dir.path().join("store/real")).unwrap() == expected);

    let fifo = dir.path().join("fifo");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let reader = std::thread::spawn({
        let fifo = fifo.clone();
        move || std::fs::read(fifo).unwrap()
    });
    common::compile(dir.path(), ["m.wat", "-o", "fifo"]).ok();
    assert!(reader.join().unwrap() == expected);
    assert!(std::fs::symlink_metadata(&fifo).unwrap().file_type().is_fifo());

    // Everything but the check that it compiles is thrown away.
    let null = ["m.wat", "-o", "/dev/null", "--debug-file", "/dev/null", "--depfile", "/dev/null"];
    common::compile(dir.path(), null).ok();
    assert!(std::fs::symlink_metadata("/dev/null").unwrap().file_type().is_char_device());
}

#[test]
fn json_says_what_failed() {
    let dir = tempfile::tempdir().unwrap();
    common::write(dir.path(), "m.wat", "(module)");
    let all = [
        common::inspect(dir.path(), ["--json", "nope"]),
        common::compile(dir.path(), ["--json", "-p", "nope", "m.wat"]),
    ];
    for said in all {
        assert_eq!(said.code, 1, "{said:?}");
        let json: serde_json::Value = serde_json::from_str(&said.text()).unwrap();
        assert!(json["error"].as_str().unwrap().contains("nope"), "{json}");
    }
}
