//! Debug files: from addresses back to functions, wasm offsets and source lines.

mod common;

use serde_json::Value;

fn place(dir: &std::path::Path, address: &str) -> Value {
    let said = common::inspect(dir, ["m.cwasm", "--json", "--symbolize", "m.debug", address]).ok();
    let json: Value = serde_json::from_str(&said.text()).unwrap();
    json[0]["place"].clone()
}

/// Where a function starts in the code.
fn start_of(dir: &std::path::Path, name: &str) -> (u64, u64) {
    let said = common::inspect(dir, ["m.cwasm", "--json"]).ok();
    let json: Value = serde_json::from_str(&said.text()).unwrap();
    let functions = json["functions"].as_array().unwrap().clone();
    let found = functions.into_iter().find(|f| f["kind"] == "wasm" && f["name"] == name);
    let function = found.unwrap_or_else(|| panic!("no function {name}"));
    (function["start"].as_u64().unwrap(), function["size"].as_u64().unwrap())
}

#[test]
fn text_has_lines_even_where_the_device_carries_no_map() {
    for platform in ["x86_64-minplat", "pulley64-minplat", "aarch64-minplat", "pulley32-thumbv7em", "riscv64-minplat"] {
        let dir = tempfile::tempdir().unwrap();
        common::write(dir.path(), "m.wat", common::ALL_KINDS);
        let args = ["m.wat", "-p", platform, "--set", "compile.address-map=false", "--debug-file", "m.debug"];
        common::compile(dir.path(), args).ok();
        let (start, size) = start_of(dir.path(), "add");
        let mut lines = Vec::new();
        for offset in start..start + size {
            let place = place(dir.path(), &format!("{offset:#x}"));
            assert!(place["function"].as_str().unwrap().starts_with("add ["), "{place}");
            if let Some(line) = place["source"][0]["line"].as_u64() {
                assert!(place["source"][0]["file"].as_str().unwrap().ends_with("m.wat"), "{place}");
                lines.push(line);
            }
        }
        // `(call $log …)` and `(i32.load …)` are lines 16 and 17 of the text.
        assert!(lines.contains(&16) && lines.contains(&17), "{platform}: {lines:?}");
        assert!(lines.iter().all(|line| (15..=17).contains(line)), "{platform}: {lines:?}");
    }
}

#[test]
fn dwarf_of_a_compiled_language_gives_its_lines() {
    // A C program as clang -g makes it; regenerate with the command in tests/data/README.md.
    let dir = tempfile::tempdir().unwrap();
    let data = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/lines.wasm");
    std::fs::copy(data, dir.path().join("m.wasm")).unwrap();
    common::compile(dir.path(), ["m.wasm", "--debug-file", "m.debug"]).ok();
    let (start, size) = start_of(dir.path(), "square_sum");
    let mut seen = Vec::new();
    for offset in start..start + size {
        let place = place(dir.path(), &format!("{offset:#x}"));
        for source in place["source"].as_array().unwrap() {
            let name = source["function"].as_str().unwrap_or("").to_string();
            seen.push((name, source["line"].as_u64().unwrap_or(0)));
            // A function's entry has no line of its own.
            assert!(source["file"].as_str().is_none_or(|file| file.ends_with("lines.c")), "{source}");
        }
    }
    // `square` is inlined into `square_sum`: both are told.
    assert!(seen.iter().any(|(name, line)| name == "square" && *line == 3), "{seen:?}");
    assert!(seen.iter().any(|(name, _)| name == "square_sum"), "{seen:?}");
}

/// What `minplat-host run examples/trap.cwasm --invoke divide 1 0` prints. Another Cranelift may lay the code out anew: then
/// these are to be copied again.
const PASTED: &str = "\
error: divide: trap 7: integer divide by zero
wasm backtrace, innermost first:
  0: function 3 quotient, wasm offset 0xa4, text offset 0x143
  1: function 4 divide, wasm offset 0xac, text offset 0x209
to see it in the source: minplat-inspect FILE.cwasm --symbolize FILE.debug 0x143 0x209
";

fn symbolize_pasted(dir: &std::path::Path, pasted: &str, json: bool) -> String {
    std::fs::copy(common::examples().join("trap.wat"), dir.join("m.wat")).unwrap();
    common::compile(dir, ["m.wat", "--debug-file", "m.debug"]).ok();
    let mut args = vec!["m.cwasm", "--symbolize", "m.debug", "-"];
    if json {
        args.insert(1, "--json");
    }
    common::run(env!("CARGO_BIN_EXE_minplat-inspect"), dir, args, pasted.as_bytes()).ok().text()
}

#[test]
fn the_host_s_backtrace_can_be_pasted() {
    let dir = tempfile::tempdir().unwrap();
    let said = symbolize_pasted(dir.path(), PASTED, false);
    let mut lines = PASTED.lines();
    let mut expect = |count: usize| lines.by_ref().take(count).map(|line| format!("{line}\n")).collect::<String>();
    let expected = [
        expect(3),
        "    quotient [3] + 0x23, wasm 0xa4\n      ./m.wat:17:6 in quotient\n".into(),
        expect(1),
        "    divide [4] + 0x29, wasm 0xac\n      ./m.wat:19:6 in divide\n".into(),
        expect(1),
    ];
    assert_eq!(said, expected.concat());
    let json: Value = serde_json::from_str(&symbolize_pasted(dir.path(), PASTED, true)).unwrap();
    let functions: Vec<_> = json.as_array().unwrap().iter().map(|p| p["place"]["function"].clone()).collect();
    assert_eq!(functions, ["quotient [3]", "divide [4]"]);
}

#[test]
fn wasm_offsets_alone_are_enough() {
    let dir = tempfile::tempdir().unwrap();
    let without_text = PASTED.replace(", text offset 0x143", "").replace(", text offset 0x209", "");
    let wasmtimes = "error while executing at wasm backtrace:\n    0:     0xa4 - <unknown>!quotient\n    1:     0xac - <unknown>!divide\n";
    for pasted in [&*without_text, wasmtimes] {
        let said = symbolize_pasted(dir.path(), pasted, false);
        assert!(said.contains("    quotient [3], wasm 0xa4\n      ./m.wat:17:6 in quotient\n"), "{said}");
        assert!(said.contains("    divide [4], wasm 0xac\n      ./m.wat:19:6 in divide\n"), "{said}");
    }
}

#[test]
fn a_debug_file_belongs_to_one_artifact() {
    let dir = tempfile::tempdir().unwrap();
    common::write(dir.path(), "m.wat", common::ALL_KINDS);
    common::write(dir.path(), "other.wat", "(module (func (export \"f\")))");
    common::compile(dir.path(), ["m.wat", "--debug-file", "m.debug"]).ok();
    common::compile(dir.path(), ["other.wat"]).ok();
    let args = ["other.cwasm", "--symbolize", "m.debug", "0x0"];
    common::inspect(dir.path(), args).fails(1, &["m.debug", "belongs to another artifact", "--debug-file"]);
    let args = ["m.cwasm", "--symbolize", "m.cwasm", "0x0"];
    common::inspect(dir.path(), args).fails(1, &["no debug file of minplat-compile"]);
    let args = ["m.cwasm", "--symbolize", "m.debug", "nonsense"];
    common::inspect(dir.path(), args).fails(1, &["nonsense", "no address", "0x1f"]);
}

#[test]
fn addresses_outside_of_the_code_are_in_no_function() {
    let dir = tempfile::tempdir().unwrap();
    common::write(dir.path(), "m.wat", common::ALL_KINDS);
    common::compile(dir.path(), ["m.wat", "--debug-file", "m.debug"]).ok();
    let place = place(dir.path(), "0xfffffff0");
    assert!(place["function"].is_null() && place["wasm_offset"].is_null(), "{place}");
}
