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
fn a_map_is_taken_where_it_is_of_the_same_link() {
    let dir = tempfile::tempdir().unwrap();
    let (elf, map) = common::program(dir.path());
    let library = dir.path().join("libhelper.rlib");
    let [elf, map, library] = [elf, map, library].map(|path| path.to_str().unwrap().to_string());
    let alone = dir.path().join("alone.elf");
    std::fs::copy(&elf, &alone).unwrap();
    let alone = alone.to_str().unwrap();
    // One that lies beside is found; what lies alone can be told its own.
    let method = |args: &[&str]| json(&[&["report", "--json"], args].concat())["method"].to_string();
    assert!(method(&[&elf]).contains("that the linker put together"));
    assert!(method(&[alone]).contains("Without a linker's map"));
    assert!(method(&[alone, "--map", &map]).contains("that the linker put together"));
    // Of a library it tells the crate of what has a plain name.
    let plain = |row: &serde_json::Value| row["item"] == "plain_name" && row["owner"] == "helper";
    assert_eq!(bytes(&json(&["report", &library, "--json"]), plain), 0);
    assert!(bytes(&json(&["report", &library, "--json", "--map", &map]), plain) > 0);

    let write = |name: &str, text: &str| {
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_string()
    };
    let none = write("README.md", "# Nothing\n");
    let head = std::fs::read_to_string(&map).unwrap().lines().next().unwrap().to_string();
    let other = write(
        "other.map",
        &format!("{head}\n   1000   1000   10   4 .text\n   1000   1000   10   4         a.o:(.text.a)\n"),
    );
    let gone = format!("{map}.gone");
    for (args, word) in [
        (vec!["report", &library, "--map", &none], "no map that LLD wrote"),
        (vec!["report", &library, "--map", &other], "map of something else"),
        (vec!["report", &library, "--map", &gone], "cannot read the map"),
        (vec!["report", &elf, "--map", &none], "no map that LLD wrote"),
        (vec!["report", &elf, "--map", &other], "map of another program"),
        (vec!["report", "x86_64-minplat", "--map", &map], "the map of a platform's library is found"),
        (vec!["compare", alone, &elf, "--map-a", &other], "map of another program"),
        (vec!["compare", &elf, alone, "--map-b", &other], "map of another program"),
    ] {
        let (code, out, err) = run(&args);
        assert!(code == Some(1) && out.is_empty() && err.contains(word), "{args:?}: {err}");
    }
    // Both programs are one, and with their maps all is the same.
    let same = json(&["compare", alone, &elf, "--map-a", &map, "--map-b", &map, "--json"]);
    assert_eq!(same["rows"].as_array().map(Vec::len), Some(0), "{same}");
    let different = json(&["compare", alone, &elf, "--json"]);
    assert_eq!(different["total"]["before"], different["total"]["after"]);
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
        (vec!["compare", &text, &json, "--set", "a=b"], "are files; leave it out"),
    ] {
        let (code, out, err) = run(&args);
        assert_eq!(code, Some(1), "{args:?}");
        assert!(out.is_empty() && err.starts_with("error: ") && err.contains(word), "{args:?}: {err}");
        assert!(!err.contains("panicked"), "{err}");
    }
    assert_eq!(run(&["report"]).0, Some(2));
    assert_eq!(run(&["weigh"]).0, Some(2));
}
