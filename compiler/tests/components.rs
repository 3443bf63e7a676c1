//! Components: refused where the platform has them off, else compiled in every form, described, and compared with devices.

mod common;

use std::path::Path;

const ON: [&str; 2] = ["--set", "runtime.component-model=true"];

/// The component of the kernel in Rust: two functions with text and numbers, one import, one core module.
fn greet() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/rust-kernel/guests/greet.wat");
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn a_component_needs_the_key() {
    let dir = tempfile::tempdir().unwrap();
    common::write(dir.path(), "greet.wat", greet());
    common::compile(dir.path(), ["greet.wat"])
        .fails(1, &["greet.wat", "is a component", "core module", "--set runtime.component-model=true"]);
    assert!(!dir.path().join("greet.cwasm").exists());
}

#[test]
fn text_and_binary_give_one_artifact_in_every_form() {
    let dir = tempfile::tempdir().unwrap();
    common::write(dir.path(), "greet.wat", greet());
    common::write(dir.path(), "greet.wasm", wat::parse_str(greet()).unwrap());
    let read = |name: &str| std::fs::read(dir.path().join(name)).unwrap();
    for platform in ["x86_64-minplat", "pulley32-thumbv7em"] {
        let compile = |args: &[&str]| common::compile(dir.path(), [&["-p", platform], &ON[..], args].concat()).ok();
        compile(&["greet.wat", "-o", "text.cwasm"]);
        compile(&["greet.wasm", "-o", "binary.cwasm"]);
        assert!(read("text.cwasm") == read("binary.cwasm"), "{platform}");
        compile(&["--emit", "rust", "greet.wat", "-o", "greet.rs"]);
        assert!(read("greet.cwasm") == read("text.cwasm"), "{platform}");
        compile(&["--emit", "obj", "greet.wat", "-o", "greet.o"]);
        let (object, artifact) = (read("greet.o"), read("text.cwasm"));
        assert!(object.windows(artifact.len()).any(|bytes| bytes == artifact), "{platform}");
    }
}

#[test]
fn its_functions_are_listed_with_their_types() {
    let dir = tempfile::tempdir().unwrap();
    common::write(dir.path(), "greet.wat", greet());
    common::compile(dir.path(), [&ON[..], &["greet.wat", "--json"]].concat()).ok();
    let text = common::inspect(dir.path(), ["greet.cwasm"]).ok().text();
    for words in [
        "a component compiled to machine code (x86_64)",
        "imports: 1\n  next-number  func() -> u32\n",
        "exports: 2\n  greet  func(name: string) -> string\n  sum  func(count: u32) -> u32\n",
        "core modules: 1\n  0 module: 1 imports, 4 exports, 1 memories\n",
        "glue of the component",
        "module 0, room [1]",
    ] {
        assert!(text.contains(words), "{words} is not in {text}");
    }
    let json: serde_json::Value =
        serde_json::from_str(&common::inspect(dir.path(), ["greet.cwasm", "--json"]).ok().text()).unwrap();
    assert_eq!(json["component"]["exports"][1]["name"], "sum");
    assert!(json["module"].is_null());
    let code = common::inspect(dir.path(), ["greet.cwasm", "--disasm=room"]).ok().text();
    assert!(code.starts_with("00000000 module 0, room [1]: ") && code.contains("ret"), "{code}");
}

#[test]
fn types_of_every_kind_are_told() {
    let dir = tempfile::tempdir().unwrap();
    let text = r#"(component
        (type $point' (record (field "x" u32) (field "y" f64)))
        (import "shapes" (instance $shapes
            (export "point" (type (eq $point')))
            (type $color' (enum "red" "green"))
            (export "color" (type (eq $color')))
            (export "pen" (type (sub resource)))))
        (import "draw" (func (param "all" (list (tuple char bool))) (param "last" (option s8)) (result (result string (error u16))))))"#;
    common::write(dir.path(), "types.wat", text);
    common::compile(dir.path(), [&ON[..], &["types.wat"]].concat()).ok();
    let text = common::inspect(dir.path(), ["types.cwasm"]).ok().text();
    for words in [
        "  shapes  instance\n    point  type = record { x: u32, y: f64 }\n    color  type = enum { red, green }\n    pen  resource\n",
        "  draw  func(all: list<tuple<char, bool>>, last: option<s8>) -> result<string, u16>\n",
    ] {
        assert!(text.contains(words), "{words} is not in {text}");
    }
}

#[test]
fn a_device_without_components_is_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    common::write(dir.path(), "greet.wat", greet());
    common::compile(dir.path(), [&ON[..], &["greet.wat"]].concat()).ok();
    let said = common::inspect(dir.path(), ["greet.cwasm", "--platform", "x86_64-minplat"]);
    assert_eq!(said.code, 1);
    let text = said.text();
    for words in ["1 difference", "runtime.component-model", "module: true", "device: false"] {
        assert!(text.contains(words), "{words} is not in {text}");
    }
    let same = [&["greet.cwasm", "--platform", "x86_64-minplat"], &ON[..]].concat();
    assert!(common::inspect(dir.path(), same).ok().text().contains("loads it"));
}

#[test]
fn what_cannot_be_is_refused_with_the_reason() {
    let dir = tempfile::tempdir().unwrap();
    common::write(dir.path(), "greet.wat", greet());
    common::compile(dir.path(), [&ON[..], &["greet.wat", "--debug-file", "greet.debug"]].concat())
        .fails(1, &["greet.wat", "is a component", "without --debug-file"]);
    let waits = r#"(component (import "f" (func async (result u32))))"#;
    common::write(dir.path(), "waits.wat", waits);
    common::compile(dir.path(), [&ON[..], &["waits.wat"]].concat())
        .fails(1, &["waits.wat", "cm-async", "no platform has it"]);
    common::write(dir.path(), "cut.wasm", &wat::parse_str(greet()).unwrap()[..200]);
    common::compile(dir.path(), [&ON[..], &["cut.wasm"]].concat())
        .fails(1, &["cut.wasm", "is not a valid component", "of the component"]);
    for name in ["greet.cwasm", "greet.debug", "waits.cwasm", "cut.cwasm"] {
        assert!(!dir.path().join(name).exists(), "{name}");
    }
}
