//! The commands that `examples/README.md` and the examples themselves tell readers to try, run as written.
//!
//! What needs a device library runs where `MINPLAT_TEST_DEVICE` is set, as `./build.sh test` does.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the checkout is there")
}

/// The first and the last cell of each row of the table.
fn table() -> Vec<(String, String)> {
    let text = fs::read_to_string(root().join("examples/README.md")).expect("examples/README.md is there");
    let rows = text.lines().filter_map(|line| {
        let cells: Vec<_> = line.trim_matches('|').split(" | ").map(|cell| cell.trim()).collect();
        let [file, _, command] = cells.as_slice() else { return None };
        Some((file.to_string(), command.trim_matches('`').to_string()))
    });
    rows.collect()
}

/// File and command of each row that has a command.
fn rows() -> Vec<(String, String)> {
    let rows = table().into_iter().filter(|(_, command)| command.starts_with("minplat-"));
    rows.map(|(file, command)| (file.trim_matches('`').to_string(), command)).collect()
}

/// The results that `examples.toml` knows of a call, and its trap.
fn known(file: &str, invoke: &str, args: &[&str]) -> (Option<String>, Option<String>) {
    let text = fs::read_to_string(root().join("examples/examples.toml")).expect("examples.toml is there");
    let table: toml::Table = text.parse().expect("examples.toml is TOML");
    let examples = table["example"].as_array().expect("it lists examples");
    let example = examples.iter().find(|example| example.get("file").and_then(|f| f.as_str()) == Some(file));
    let calls = example.unwrap_or_else(|| panic!("no example {file}"))["call"].as_array().expect("it lists calls");
    let call = calls.iter().find(|call| {
        let theirs = call.get("args").and_then(|args| args.as_array()).cloned().unwrap_or_default();
        call["invoke"].as_str() == Some(invoke) && theirs.iter().filter_map(|arg| arg.as_str()).eq(args.iter().copied())
    });
    let call = call.unwrap_or_else(|| panic!("examples.toml has no {file}: {invoke} {args:?}"));
    let text = |key| call.get(key).and_then(|value| value.as_str()).map(String::from);
    (text("result"), text("trap"))
}

/// Runs a command of the documentation in the checkout; the programs lie where this test's own does.
fn run(words: &[&str]) -> Output {
    let programs = Path::new(env!("CARGO_BIN_EXE_minplat-tour")).parent().expect("a program lies in a folder");
    let program = programs.join(words[0]);
    assert!(program.exists(), "{} is not built; run cargo build --release first", program.display());
    Command::new(program).args(&words[1..]).current_dir(root()).output().expect("it can be run")
}

#[test]
fn every_wat_file_has_the_command_of_its_row() {
    for (file, command) in rows().into_iter().filter(|(file, _)| file.ends_with(".wat")) {
        let text = fs::read_to_string(root().join("examples").join(&file)).expect("the file is there");
        let commands: Vec<_> = text.lines().filter_map(|line| line.strip_prefix(";;   ")).collect();
        let bare = |line: &&str| line.split(" # ").next().unwrap_or(line).trim() == command;
        assert!(commands.iter().any(bare), "{file}: its comment has not the command {command:?}");
    }
}

#[test]
fn every_file_has_a_row() {
    let listed: String = table().into_iter().map(|(file, _)| file).collect();
    for entry in fs::read_dir(root().join("examples")).expect("examples/ is there") {
        let name = entry.expect("it can be read").file_name().into_string().expect("names are UTF-8");
        if [".wat", ".c"].iter().any(|end| name.ends_with(end)) {
            assert!(listed.contains(&format!("`{name}`")), "examples/README.md has no row for {name}");
        }
    }
}

#[test]
fn the_commands_work_as_written() {
    if std::env::var_os("MINPLAT_TEST_DEVICE").is_none() {
        eprintln!("left out: MINPLAT_TEST_DEVICE is not set; ./build.sh test sets it when the libraries are built");
        return;
    }
    for (file, command) in rows() {
        let words: Vec<_> = command.split_whitespace().collect();
        if file.ends_with(".wat") {
            let compiled = run(&["minplat-compile", &format!("examples/{file}")]);
            assert!(compiled.status.success(), "{file}: {}", String::from_utf8_lossy(&compiled.stderr));
        }
        let output = run(&words);
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let invoke = words.iter().position(|word| *word == "--invoke");
        match invoke.filter(|_| !words.contains(&"--stub-imports")) {
            Some(at) => match known(&file, words[at + 1], &words[at + 2..]) {
                (_, Some(trap)) => {
                    assert_eq!(output.status.code(), Some(1), "{command}: {err}");
                    assert!(err.contains(&trap), "{command}: no {trap:?} in {err:?}");
                }
                (result, None) => {
                    assert!(output.status.success(), "{command}: {err}");
                    let got = out.split_whitespace().collect::<Vec<_>>().join(" ");
                    assert_eq!(got, result.unwrap_or_default(), "{command}");
                }
            },
            None => assert!(output.status.success(), "{command}: {out}{err}"),
        }
    }
}
