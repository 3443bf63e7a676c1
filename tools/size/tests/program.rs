//! A small program with debugging information: what was inlined is told apart, and instances are one row.

mod common;

use common::{adds_up, bytes, json, run};

#[test]
fn inlined_code_belongs_to_the_crate_that_it_was_written_in() {
    let dir = tempfile::tempdir().unwrap();
    let (elf, map) = common::program(dir.path());
    let (elf, map) = (elf.to_str().unwrap(), map.to_str().unwrap());
    let inner = json(&["report", elf, "--json"]);
    let outer = json(&["report", elf, "--json", "--by", "symbol"]);
    let mapped = json(&["report", elf, "--json", "--map", map]);
    assert_eq!(inner["by"], "crate");
    assert_eq!(outer["by"], "symbol");
    for report in [&inner, &outer, &mapped] {
        assert_eq!(adds_up(report), adds_up(&inner));
    }
    // `mix` is always inlined: the linker knows nothing of it.
    let mix = |row: &serde_json::Value| row["owner"] == "helper" && row["item"] == "helper::mix";
    assert!(bytes(&inner, mix) > 100, "{inner:#}");
    assert_eq!(bytes(&outer, mix), 0);
    // Two instances of a generic function.
    let sum = outer["rows"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["item"] == "helper::sum::<_>" || row["item"] == "helper::sum");
    let sum = sum.expect("a row of the generic function");
    assert_eq!((&sum["count"], &sum["owner"]), (&2.into(), &"helper".into()));
    // A function without a mangled name is in the crate of its unit; a variable is RAM.
    let entry = |row: &serde_json::Value| row["owner"] == "main" && row["item"] == "entry";
    assert!(bytes(&outer, entry) > bytes(&inner, entry) && bytes(&inner, entry) > 0);
    assert_eq!(bytes(&inner, |row| row["item"] == "main::COUNTER"), 8);
    assert_eq!(inner["ram"], 48);
    // What a table says of itself.
    let (_, text, _) = run(&["report", elf]);
    assert!(text.contains("innermost function"), "{text}");
}

#[test]
fn what_grew_adds_up() {
    let dir = tempfile::tempdir().unwrap();
    let (elf, _) = common::program(dir.path());
    let saved = dir.path().join("before.json");
    std::fs::write(&saved, run(&["report", elf.to_str().unwrap(), "--json"]).1).unwrap();
    // Something else: the library that is a part of it.
    let object = dir.path().join("libhelper.rlib");
    let comparison = json(&["compare", saved.to_str().unwrap(), object.to_str().unwrap(), "--json"]);
    let change = |value: &serde_json::Value| value["after"].as_i64().unwrap() - value["before"].as_i64().unwrap();
    let total = change(&comparison["total"]);
    assert_ne!(total, 0);
    for part in ["sections", "owners", "rows"] {
        let all: Vec<_> = comparison[part].as_array().unwrap().iter().map(change).collect();
        assert_eq!(all.iter().sum::<i64>(), total, "{part}");
        assert!(all.is_sorted_by(|a, b| a >= b), "{part}: what grew most is first");
    }
    // A report is equal to itself.
    let (code, text, _) = run(&["compare", saved.to_str().unwrap(), elf.to_str().unwrap()]);
    assert_eq!(code, Some(0));
    assert!(text.contains("(+0)") && text.contains("what: nothing has changed"), "{text}");
}

#[test]
fn what_cannot_be_read_is_refused_with_a_remedy() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_string()
    };
    let wasm = write("a.wasm", b"\0asm\x01\0\0\0");
    let json = write("a.json", b"{\"format\": 1}");
    let elf = write("a.elf", b"\x7fELF\x02\x01\x01");
    let text = write("a.txt", b"hello");
    let empty = write("empty", b"");
    for (args, word) in [
        (vec!["report", "no-such-platform"], "no-such-platform"),
        (vec!["report", &wasm], "run minplat-compile"),
        (vec!["report", &json], "no saved report"),
        (vec!["report", &elf], "cannot be read"),
        (vec!["report", &text], "name a platform"),
        (vec!["report", &empty], "empty"),
        (vec!["report", &text, "--set", "a=b"], "leave it out"),
        (vec!["compare", &wasm, &json], "run minplat-compile"),
    ] {
        let (code, out, err) = run(&args);
        assert_eq!(code, Some(1), "{args:?}");
        assert!(out.is_empty() && err.starts_with("error: ") && err.contains(word), "{args:?}: {err}");
        assert!(!err.contains("panicked"), "{err}");
    }
    assert_eq!(run(&["report"]).0, Some(2));
    assert_eq!(run(&["weigh"]).0, Some(2));
}
