//! The pages of `docs/` that readers type along with, as written: their files are written, their commands run and compared.
//!
//! A page's fence says what a block is: "c main.c" is a file; "console" has commands, each behind a "$ ", and what they print.
//! `[..]` in it stands for anything in a line, a line `...` for any lines; `? 1` before it is an exit code. Needs the
//! libraries, so it runs where `MINPLAT_TEST_DEVICE` is set, as `./build.sh test` does.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the checkout is there")
}

/// A block of a page: what its fence says, and its lines.
struct Block {
    fence: String,
    lines: Vec<String>,
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut is_open = false;
    for line in text.lines() {
        match line.strip_prefix("```") {
            Some(_) if is_open => is_open = false,
            Some(fence) => {
                is_open = true;
                blocks.push(Block { fence: fence.to_string(), lines: Vec::new() });
            }
            None if is_open => blocks.last_mut().expect("one is open").lines.push(line.to_string()),
            None => {}
        }
    }
    assert!(!is_open, "a block has no end");
    blocks
}

/// Runs a page in a folder of its own.
fn follow(page: &str) {
    if std::env::var_os("MINPLAT_TEST_DEVICE").is_none() {
        eprintln!("left out: MINPLAT_TEST_DEVICE is not set; ./build.sh test sets it when the libraries are built");
        return;
    }
    let text = fs::read_to_string(root().join("docs").join(page)).expect("the page is there");
    let dir = tempfile::tempdir().expect("a folder");
    // What `export` sets holds for the rest of the page.
    let mut exports = String::new();
    let mut count = 0;
    for block in blocks(&text) {
        if block.fence == "console" {
            for (command, code, wanted) in commands(&block.lines) {
                if command.starts_with("export ") {
                    exports += &format!("{command}\n");
                    continue;
                }
                let (status, said) = run(dir.path(), &format!("{exports}{command}"));
                assert_eq!(status, Some(code), "{page}: {command}\n{said}");
                snapbox::assert_data_eq!(said, wanted);
                count += 1;
            }
        } else if let Some((_, name)) = block.fence.split_once(' ') {
            fs::write(dir.path().join(name), block.lines.join("\n") + "\n").expect("it can be written");
        }
    }
    assert!(count > 1, "{page} has commands");
}

/// The commands of a block, with their exit codes and what they print.
fn commands(lines: &[String]) -> Vec<(String, i32, String)> {
    let mut commands: Vec<(String, i32, String)> = Vec::new();
    for line in lines {
        match (line.strip_prefix("$ "), line.strip_prefix("? "), commands.last_mut()) {
            (Some(command), ..) => commands.push((command.to_string(), 0, String::new())),
            (None, Some(code), Some(last)) if last.2.is_empty() => last.1 = code.parse().expect("an exit code"),
            (None, _, Some(last)) => last.2 += &format!("{line}\n"),
            (None, _, None) => panic!("{line} stands before every command"),
        }
    }
    commands
}

/// Exit code, and what was printed on either stream.
fn run(dir: &Path, command: &str) -> (Option<i32>, String) {
    let programs = Path::new(env!("CARGO_BIN_EXE_minplat-tour")).parent().expect("a program lies in a folder");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::iter::once(programs.to_path_buf()).chain(std::env::split_paths(&path));
    let artifacts = std::env::var_os("MINPLAT_ARTIFACTS").filter(|dir| !dir.is_empty());
    assert!(artifacts.is_none_or(|dir| root().join(dir) == root().join("artifacts")), "the pages name artifacts/");
    let mut sh = Command::new("bash");
    sh.args(["-c", &format!("exec 2>&1\n{command}")]).current_dir(dir);
    sh.env("MINPLAT", root()).env("PATH", std::env::join_paths(path).expect("no colons in it"));
    let output = sh.env_remove("MINPLAT_ARTIFACTS").output().expect("bash can be run");
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn build_systems() {
    follow("build-systems.md");
}

#[test]
fn c() {
    follow("c.md");
}

#[test]
fn guests() {
    follow("guests.md");
}

#[test]
fn symbolize() {
    follow("symbolize.md");
}

#[test]
fn the_quick_start_in_c_is_quick() {
    let text = fs::read_to_string(root().join("docs/c.md")).expect("the page is there");
    let start = text.split("\n## ").find(|part| part.starts_with("Quick start")).expect("it has a quick start");
    let lines: usize = blocks(start).iter().map(|block| block.lines.len()).sum();
    assert!(lines <= 33, "{lines} lines, with what the commands print");
    let program: usize = blocks(start).iter().filter(|b| b.fence != "console").map(|b| b.lines.len()).sum();
    assert!(program < 30, "{program} lines");
}
