//! Bad input to both programs: an error that names the file and the remedy, exit code 1 (2 for a wrong command line), no
//! panic, and no file written or changed.

mod common;

use std::path::Path;

/// The names below a directory.
fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn the_compiler_names_mistaken_files_for_what_they_are() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    common::write(dir, "good.wat", "(module)");
    common::compile(dir, ["good.wat", "-o", "good.cwasm"]).ok();
    let elf = std::fs::read(env!("CARGO_BIN_EXE_minplat-compile")).unwrap();
    let cases: &[(&str, &[u8], &[&str])] = &[
        ("empty.wasm", b"", &["is empty"]),
        ("blank.wat", b" \n\n", &["is blank"]),
        ("component.wasm", b"\0asm\x0d\0\x01\0", &["is a component", "core module"]),
        ("component.wat", b"(component)", &["is a component"]),
        ("packed.wasm", b"\x1f\x8b\x08\0\0\0\0\0", &["compressed with gzip", "unpack it first"]),
        ("program.wasm", &elf[..4096], &["an ELF program"]),
        ("prose.wat", b"Dear reader,", &["not WebAssembly text", "Dear reader"]),
        ("page.wat", b"<!doctype html>", &["HTML"]),
        ("other.wasm", b"\0aot\x03\0\0\0", &["WAMR"]),
        ("library.wasm", b"!<arch>\n", &["static library"]),
        ("cut.wasm", b"\0asm\x01\0\0\0\x01", &["not a valid module", "byte 0x9"]),
        ("cut-magic.wasm", b"\0asm\x01", &["cut off"]),
        ("future.wasm", b"\0asm\x02\0\0\0", &["version 2"]),
        ("noise.wasm", &[0xff, 0x00, 0x13, 0x37], &["binary data of an unknown kind"]),
        ("syntax.wat", b"(module\n  (func (i32.cnst 1)))", &["syntax.wat:2:", "i32.cnst", "(func (i32.cnst 1))"]),
        ("latin1.wat", b"(module ;; \xe9\n)", &["latin1.wat", "valid utf-8"]),
        ("type.wat", b"(module (func $f (result i32)))", &["not a valid module", "function 0 \"f\""]),
    ];
    for (name, bytes, words) in cases {
        common::write(dir, name, bytes);
        let before = names(dir);
        let said = common::compile(dir, [name]).fails(1, words);
        assert!(said.err.contains(name), "{}", said.err);
        assert_eq!(names(dir), before, "{name}: something was written");
    }
    common::compile(dir, ["good.cwasm", "-o", "x.cwasm"])
        .fails(1, &["good.cwasm: is compiled already", "minplat-inspect"]);
    common::compile(dir, ["missing.wat"]).fails(1, &["missing.wat: cannot read it", "check the path"]);
    common::compile(dir, ["."]).fails(1, &["is a directory", "--recursive"]);
    std::fs::create_dir(dir.join("hollow")).unwrap();
    common::compile(dir, ["hollow", "--recursive"]).fails(1, &["hollow: holds no .wat or .wasm file"]);
    common::compile(dir, ["good.wat", "-o", "no/such/dir.cwasm"])
        .fails(1, &["no/such/dir.cwasm", "make the directory"]);
    common::compile(dir, ["good.wat", "-p", "no-such-platform"]).fails(1, &["no-such-platform"]);
    common::compile(dir, ["good.wat", "--set", "wasm.simdd=true"]).fails(1, &["wasm.simdd", "wasm.simd"]);
}

#[test]
fn one_bad_module_does_not_hold_up_the_others() {
    let dir = tempfile::tempdir().unwrap();
    common::write(dir.path(), "a.wat", "(module)");
    common::write(dir.path(), "b.wat", "(modul)");
    common::write(dir.path(), "c.wat", "(module)");
    let said = common::compile(dir.path(), ["a.wat", "b.wat", "c.wat", "--depfile", "d"]);
    said.fails(1, &["b.wat:1:", "1 of 3 modules failed"]);
    // A depfile for what was not made would make make believe it.
    assert_eq!(names(dir.path()), ["a.cwasm", "a.wat", "b.wat", "c.cwasm", "c.wat"]);
}

#[test]
fn a_failure_leaves_the_old_output() {
    let dir = tempfile::tempdir().unwrap();
    common::write(dir.path(), "a.wat", "(modul)");
    common::write(dir.path(), "a.cwasm", "as it was");
    common::compile(dir.path(), ["a.wat"]).fails(1, &["a.wat:1:"]);
    assert_eq!(std::fs::read(dir.path().join("a.cwasm")).unwrap(), b"as it was");
}

#[test]
fn a_wrong_command_line_is_exit_code_2() {
    let dir = tempfile::tempdir().unwrap();
    common::write(dir.path(), "a.wat", "(module)");
    common::write(dir.path(), "a.wasm", "\0asm\x01\0\0\0");
    let cases: &[(&[&str], &str)] = &[
        (&[], "no input"),
        (&["-"], "-o FILE"),
        (&["-", "-", "-o", "d"], "once only"),
        (&["a.wat", "a.wasm"], "would be written over the output of a.wat"),
        (&["a.wasm", "-o", "a.wasm"], "would be written over the input a.wasm"),
        (&["a.wat", "--debug-file", "a.cwasm"], "would be written over the output"),
        (&["a.wat", "a.wasm", "-o", "-"], "standard output"),
        (&["a.wat", "-o", "-", "--json"], "--json"),
        (&["a.wat", "--section", ".x"], "--emit obj"),
        (&["a.wat", "--emit", "obj", "--symbol", "a b"], "no C identifier"),
        (&["a.wat", "--emit", "obj", "--symbol", "a-b"], "as in a_b"),
        (&["a.wat", "--emit", "obj", "--symbol", "7up"], "as in _7up"),
        (&["a.wat", "--emit", "obj", "--symbol", "größe"], "no C identifier"),
        (&["a.wat", "--emit", "obj", "--symbol", ""], "needs a name"),
        (&["a.wat", "--emit", "aot"], "possible values: cwasm, obj, rust"),
        (&["a.wat", "-O", "fast"], "possible values: none, speed, size"),
        (&["a.wat", "--jobs", "0"], "at least 1"),
        (&["a.wat", "-q", "-v"], "cannot be used with"),
    ];
    for (args, words) in cases {
        common::compile(dir.path(), *args).fails(2, &[words]);
    }
    assert_eq!(names(dir.path()), ["a.wasm", "a.wat"]);
    common::inspect(dir.path(), [""; 0]).fails(2, &["no file"]);
    common::inspect(dir.path(), ["a", "--platform", "p", "--library", "l"]).fails(2, &["cannot be used with"]);
    common::inspect(dir.path(), ["a", "--set", "k=v"]).fails(2, &["--platform"]);
    for args in [
        &["-", "--symbolize", "d", "-"][..],
        &["-", "--symbolize", "d"],
        &["-", "--symbolize", "-", "0x1"],
        &["a", "--symbolize", "-", "-"],
        &["-", "--library", "-"],
        &["-", "--manifest", "-"],
    ] {
        common::inspect(dir.path(), args).fails(2, &["standard input", "once only"]);
    }
}

#[test]
fn a_feature_that_is_off_is_named_with_place_and_key() {
    let dir = tempfile::tempdir().unwrap();
    let cases = [
        ("gc", "(module (type (struct)) (func $make (result anyref) struct.new 0))", "wasm.gc=true"),
        ("exceptions", "(module (tag) (func $f (throw 0)))", "wasm.exceptions=true"),
        ("externref", "(module (func $f (param externref)))", "--set runtime.gc=true"),
        ("threads", "(module (memory 1 1 shared))", "no platform has it"),
    ];
    for (name, text, remedy) in cases {
        common::write(dir.path(), "m.wat", text);
        let said =
            common::compile(dir.path(), ["m.wat"]).fails(1, &["m.wat", "x86_64-minplat has off", "byte 0x", remedy]);
        assert!(name == "externref" || said.err.contains(name), "{name}: {}", said.err);
    }
    // Following the remedy works, where there is one.
    common::write(dir.path(), "m.wat", "(module (func $v (drop (v128.const i64x2 1 2))))");
    let off = ["m.wat", "--set", "wasm.simd=false", "--set", "wasm.relaxed-simd=false"];
    common::compile(dir.path(), off).fails(1, &["feature simd", "in function 0 \"v\"", "--set wasm.simd=true"]);
    common::compile(dir.path(), ["m.wat", "--set", "wasm.simd=true"]).ok();
    common::write(dir.path(), "m.wat", "(module (type (struct)) (func $make (result anyref) struct.new 0))");
    let said = common::compile(dir.path(), ["m.wat"]);
    let line = said.err.lines().find(|line| line.contains("to try: ")).expect("a remedy to try");
    let sets = line.split("to try: ").nth(1).unwrap().split_whitespace();
    common::compile(dir.path(), ["m.wat"].into_iter().chain(sets)).ok();
}

#[test]
fn inspect_names_mistaken_files_for_what_they_are() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    common::write(dir, "m.wat", common::ALL_KINDS);
    common::compile(dir, ["m.wat"]).ok();
    let good = std::fs::read(dir.join("m.cwasm")).unwrap();
    let mut flipped = good.clone();
    flipped[5000] ^= 1;
    let cases: &[(&str, &[u8], &[&str])] = &[
        ("empty", b"", &["is empty"]),
        ("raw.cwasm", b"\0asm\x01\0\0\0", &["not compiled yet", "run minplat-compile on it"]),
        ("text.cwasm", b"(module)", &["WebAssembly text", "run minplat-compile on it"]),
        ("component.cwasm", b"\0asm\x0d\0\x01\0", &["component"]),
        ("packed.cwasm", b"\x1f\x8b\x08", &["gzip"]),
        ("prose.cwasm", b"hello", &["not WebAssembly text"]),
        ("noise.cwasm", &[1, 2, 3, 0xff], &["unknown kind"]),
        ("flipped.cwasm", &flipped, &["digest", "damaged"]),
        ("cut.cwasm", &good[..good.len() - 1], &["ends too early"]),
        ("cut-early.cwasm", &good[..100], &["damaged"]),
        ("header.cwasm", &good[..20], &["cannot be read"]),
    ];
    for (name, bytes, words) in cases {
        common::write(dir, name, bytes);
        let said = common::inspect(dir, [name]).fails(1, words);
        assert!(said.err.contains(name), "{}", said.err);
    }
    common::inspect(dir, ["missing.cwasm"]).fails(1, &["missing.cwasm: cannot read it"]);
    common::inspect(dir, ["."]).fails(1, &["is a directory"]);
    common::inspect(dir, ["m.cwasm", "--disasm", "no-such"])
        .fails(1, &["no function is called \"no-such\"", "fib [1]"]);
    common::inspect(dir, ["m.cwasm", "--library", "m.wat"]).fails(1, &["m.wat", "neither a library"]);
    common::inspect(dir, ["m.cwasm", "--library", "m.cwasm"]).fails(1, &["no section .minplat.platform"]);
    common::inspect(dir, ["m.cwasm", "--manifest", "m.wat"]).fails(1, &["m.wat", "no manifest.json"]);
    common::write(dir, "manifest.json", "{}");
    common::inspect(dir, ["m.cwasm", "--manifest", "manifest.json"]).fails(1, &["\"agreement\" is missing"]);
    common::inspect(dir, ["m.cwasm", "--platform", "nowhere"]).fails(1, &["nowhere"]);
}

/// Every byte of an unsealed image is anybody's: whatever stands there, reading it answers.
#[test]
fn no_damage_makes_inspect_panic() {
    use minplat_compiler::disasm::disassemble;
    use minplat_compiler::image::Image;

    let platform = minplat_platform::Platform::load("pulley32-thumbv7em", &[]).unwrap();
    let wasm = wat::parse_str(common::ALL_KINDS).unwrap();
    let compiled = minplat_compiler::compile(&platform, &wasm, Default::default()).unwrap();
    let image = &compiled.artifact[..compiled.image_len];
    assert!(Image::parse(image).unwrap().contents().is_ok(), "a bare image can be read");
    let mut read = 0;
    for at in 0..image.len() {
        for change in [0x80u8, 0xff] {
            let mut damaged = image.to_vec();
            damaged[at] ^= change;
            if let Ok(opened) = Image::parse(&damaged) {
                let _ = opened.contents();
                let _ = disassemble(&opened, None);
                read += 1;
            }
        }
    }
    assert!(read > 1000, "only {read} damaged images were opened at all");
}
