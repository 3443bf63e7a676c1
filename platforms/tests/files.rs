//! Files outside the checkout: `extends`, `--set`, and every kind of mistake.

use std::fs;
use std::path::Path;

use minplat_platform::{Platform, RustTarget};
use tempfile::TempDir;

fn write(dir: &Path, name: &str, text: &str) -> String {
    let path = dir.join(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().into()
}

fn error(text: &str) -> String {
    let dir = TempDir::new().unwrap();
    let path = write(dir.path(), "mine.toml", text);
    Platform::load(&path, &[]).unwrap_err().to_string().replace(&format!("{}/", dir.path().display()), "")
}

fn load(text: &str) -> Platform {
    let dir = TempDir::new().unwrap();
    Platform::load(&write(dir.path(), "mine.toml", text), &[]).unwrap()
}

#[test]
fn a_file_extends_a_shipped_platform_and_another_file() {
    let dir = TempDir::new().unwrap();
    write(dir.path(), "base.toml", "summary = \"base\"\nextends = \"x86_64-minplat\"\n[memory]\nnative-stack = 8192\n");
    let path = write(dir.path(), "mine.toml", "extends = \"base.toml\"\n[wasm]\nsimd = false\nrelaxed-simd = false\n");
    let platform = Platform::load(&path, &[]).unwrap();
    assert_eq!(platform.name(), "mine");
    assert_eq!(platform.summary(), "base");
    assert_eq!(platform.settings().native_stack, 8192);
    assert!(!platform.settings().features.contains("simd"));
    assert_eq!(platform.files().len(), 2);
}

#[test]
fn a_target_beside_the_file_is_read_from_there() {
    let dir = TempDir::new().unwrap();
    write(dir.path(), "x86_64-mymachine.json", "{}");
    let path =
        write(dir.path(), "mine.toml", "extends = \"x86_64-minplat\"\n[target]\nrust = \"x86_64-mymachine.json\"\n");
    let platform = Platform::load(&path, &[]).unwrap();
    assert_eq!(platform.compile_triple(), "x86_64-mymachine");
    assert!(matches!(platform.rust_target(), RustTarget::Json { contents, .. } if contents == "{}"));
}

#[test]
fn set_goes_on_top_and_into_the_name() {
    let platform = Platform::load("x86_64-minplat", &["wasm.interruption=fuel".into()]).unwrap();
    assert_eq!(platform.name(), "x86_64-minplat+wasm.interruption=fuel");
    let metered = Platform::load("x86_64-minplat-metered", &[]).unwrap();
    assert_eq!(platform.fingerprint(), metered.fingerprint(), "fingerprints are compared, never names");
}

#[test]
fn the_name_of_a_changed_platform_loads_it() {
    let sets = ["wasm.interruption=fuel".to_string(), "build.rustc-flags=[\"-Ctarget-feature=+avx\"]".to_string()];
    let set = Platform::load("x86_64-minplat", &sets).unwrap();
    let named = Platform::load(set.name(), &[]).unwrap();
    assert_eq!(named.name(), set.name());
    assert_eq!(named.to_toml(), set.to_toml());
}

#[test]
fn the_resolved_file_reads_back_as_the_same_platform() {
    for name in Platform::shipped() {
        let platform = Platform::load(name, &[]).unwrap();
        // Nothing beside it: a printed platform that names a shipped target is whole.
        let dir = TempDir::new().unwrap();
        let path = write(dir.path(), &format!("{name}.toml"), &platform.to_toml());
        let again = Platform::load(&path, &[]).unwrap();
        assert_eq!(again.settings(), platform.settings());
        assert_eq!(again.fingerprint(), platform.fingerprint());
        assert_eq!(again.to_toml(), platform.to_toml());
        assert_eq!(again.build(), platform.build());
        assert_eq!(again.rust_target(), platform.rust_target());
    }
}

#[test]
fn a_file_may_name_its_platform() {
    let dir = TempDir::new().unwrap();
    let set = Platform::load("x86_64-minplat", &["wasm.interruption=fuel".into()]).unwrap();
    let path = write(dir.path(), "platform.toml", &set.to_named_toml());
    let named = Platform::load(&path, &[]).unwrap();
    assert_eq!(named.name(), set.name());
    assert_eq!(named.to_named_toml(), set.to_named_toml());
    let more = Platform::load(&path, &["build.opt-level=3".into()]).unwrap();
    assert_eq!(more.name(), format!("{}+build.opt-level=3", set.name()));

    let child = write(dir.path(), "child.toml", &format!("extends = {path:?}\n"));
    assert_eq!(Platform::load(&child, &[]).unwrap().name(), "child", "a name is not inherited");
    for (text, wanted) in
        [("name = \"\"", "not empty"), ("name = \"a\\nb\"", "on one line"), ("name = 3", "takes a text")]
    {
        let bad = write(dir.path(), "bad.toml", &format!("extends = \"x86_64-minplat\"\n{text}\n"));
        let problems = Platform::load(&bad, &[]).unwrap_err().to_string();
        assert!(problems.contains(wanted) && problems.contains("bad.toml:2"), "{problems}");
    }
}

#[test]
fn a_target_beside_the_file_wins_over_a_shipped_one_of_that_name() {
    let dir = TempDir::new().unwrap();
    write(dir.path(), "x86_64-minplat.json", "{}");
    let text = "extends = \"x86_64-minplat\"\n[target]\nrust = \"x86_64-minplat.json\"\n";
    let path = write(dir.path(), "mine.toml", text);
    let platform = Platform::load(&path, &[]).unwrap();
    assert!(matches!(platform.rust_target(), RustTarget::Json { contents, path: Some(_), .. } if contents == "{}"));
    // A folder is meant as it is written.
    let got = error("[target]\nrust = \"their/x86_64-minplat.json\"\n");
    assert!(got.contains("cannot read the Rust target"), "{got}");
}

#[test]
fn soft_floats_are_for_bytecode_only() {
    let dir = TempDir::new().unwrap();
    write(dir.path(), "riscv64-lp64.json", r#"{ "llvm-abiname": "lp64" }"#);
    write(dir.path(), "riscv64-lp64d.json", r#"{ "llvm-abiname": "lp64d" }"#);
    write(dir.path(), "aarch64-soft.json", r#"{ "features": "+v8a,-neon" }"#);
    write(dir.path(), "aarch64-named.json", r#"{ "rustc-abi": "softfloat" }"#);
    write(dir.path(), "aarch64-hard.json", r#"{ "metadata": { "description": "no softfloat" }, "features": "+neon" }"#);
    for (base, target, hard) in [
        ("riscv64-minplat", "riscv64imac-unknown-none-elf", false),
        ("riscv64-minplat", "riscv64gc-unknown-none-elf", true),
        ("riscv64-minplat", "riscv64-lp64.json", false),
        ("riscv64-minplat", "riscv64-lp64d.json", true),
        ("aarch64-minplat", "aarch64-unknown-none-softfloat", false),
        ("aarch64-minplat", "aarch64-unknown-none", true),
        ("aarch64-minplat", "aarch64-soft.json", false),
        ("aarch64-minplat", "aarch64-named.json", false),
        ("aarch64-minplat", "aarch64-hard.json", true),
    ] {
        let native = format!("extends = \"{base}\"\n\n[target]\nrust = \"{target}\"\n");
        let path = write(dir.path(), "mine.toml", &native);
        let got = Platform::load(&path, &[]).map(|_| ()).map_err(|problems| problems.to_string());
        match got {
            Ok(()) => assert!(hard, "{target} was taken"),
            Err(got) => {
                assert!(!hard, "{target}: {got}");
                for words in ["mine.toml:4: target.rust: ", "floating-point registers", "pulley64", "lp64d"] {
                    assert!(got.contains(words), "{target}: {got}");
                }
                assert_eq!(got.lines().count(), 1, "{got}");
            }
        }
        // The remedy works.
        let path = write(dir.path(), "mine.toml", &format!("{native}code = \"pulley64\"\ncpu = []\n"));
        Platform::load(&path, &[]).unwrap_or_else(|problems| panic!("{target}: {problems}"));
    }
}

#[test]
fn pages_are_as_large_as_code_is_aligned() {
    for (base, large) in
        [("x86_64-minplat", false), ("riscv64-minplat", false), ("aarch64-minplat", true), ("pulley64-minplat", true)]
    {
        for size in ["8 KiB", "64 KiB"] {
            let text = format!("extends = \"{base}\"\n[offers]\npage-size = \"{size}\"\n");
            let dir = TempDir::new().unwrap();
            let path = write(dir.path(), "mine.toml", &text);
            match Platform::load(&path, &[]) {
                Ok(_) => assert!(large, "{base} with {size}"),
                Err(problems) => {
                    let got = problems.to_string();
                    assert!(!large && got.contains("mine.toml:3: offers.page-size: "), "{base}: {got}");
                    assert!(got.contains("4 KiB") && got.contains("pulley64"), "{got}");
                }
            }
        }
    }
}

#[test]
fn a_heap_starts_with_what_it_may_have() {
    let traps = "x86_64-minplat-traps";
    for (base, sets, expected) in [
        (traps, "1 MiB", None),
        (traps, "4 GiB", None),
        (traps, "100", Some("100 is no multiple of a wasm page")),
        (traps, "8 GiB", Some("no heap is larger than 4 GiB")),
        (traps, "32 TiB", Some("more than a process can address")),
        ("pulley32-thumbv7em", "3 GiB", Some("do not fit a 32-bit machine")),
        (traps, "1 MiB gc.may-move=false gc.reservation=65536", Some("it is more than gc.reservation")),
        (traps, "1 MiB gc.may-move=false gc.reservation=1048576", None),
        (traps, "1 MiB gc.reservation=65536", None),
    ] {
        let mut parts = sets.split(" gc.");
        let mut all = vec![format!("gc.initial-size={}", parts.next().unwrap())];
        all.extend(parts.map(|set| format!("gc.{set}")));
        let got = Platform::load(base, &all).map(|_| ()).map_err(|problems| problems.to_string());
        match (got, expected) {
            (Ok(()), None) => {}
            (Err(got), Some(words)) => {
                assert!(got.contains(words) && got.contains("gc.initial-size: "), "{sets}: {got}")
            }
            (got, _) => panic!("{base} {sets}: {got:?}"),
        }
    }
}

#[test]
fn mistakes_name_file_line_key_and_remedy() {
    let cases = [
        ("", "target.rust: it is missing; give it, or extend"),
        ("summary = 3\n", "mine.toml:1: summary: takes a text"),
        ("[target\n", "mine.toml:1: not TOML"),
        (
            "extends = \"x86_64-minplt\"\n",
            "mine.toml:1: extends: there is no platform called \"x86_64-minplt\" (did you mean",
        ),
        ("extends = \"mine.toml\"\n", "runs in a circle"),
        (
            "[target]\nrust = \"x86_64-unknown-none\"\ncode = \"jit\"\n",
            "mine.toml:3: target.code: the value \"jit\" does not fit; give one of",
        ),
        (
            "extends = \"x86_64-minplat\"\n\n[wasm]\nsmid = true\n",
            "mine.toml:4: wasm.smid: no such key; did you mean wasm.simd?",
        ),
        (
            "extends = \"x86_64-minplat\"\n[wasmm]\nsimd = true\n",
            "mine.toml:2: wasmm: no such table or key; did you mean wasm?",
        ),
        (
            "extends = \"x86_64-minplat\"\n[memory]\nguard = \"64 KiB\"\n",
            "mine.toml:3: memory.guard: without traps nothing notices a guard page; set it to 0, or",
        ),
        (
            "extends = \"x86_64-minplat\"\n[memory]\nnative-stack = \"64 kilo\"\n",
            "mine.toml:3: memory.native-stack: the value \"64 kilo\" does not fit",
        ),
        (
            "extends = \"x86_64-minplat\"\n[memory]\nnative-stack = -1\n",
            "mine.toml:3: memory.native-stack: the value -1 does not fit",
        ),
        ("[target]\nrust = \"x86_64-nowhere.json\"\n", "mine.toml:2: target.rust: cannot read the Rust target"),
        (
            "[target]\nrust = \"powerpc-unknown-none\"\n",
            "mine.toml:2: target.rust: the architecture powerpc is not one",
        ),
        (
            "[target]\nrust = \"thumbv7em-none-eabi\"\n[offers]\nvirtual-memory = false\n",
            "target.code: Cranelift has no 32-bit back end",
        ),
        ("[target]\nrust = \"x86_64-unknown-none\"\n", "target.cpu: without sse4.1 and fma"),
        (
            "extends = \"pulley64-minplat\"\n[offers]\ntraps = true\n",
            "mine.toml:3: offers.traps: Pulley makes no machine traps",
        ),
        (
            "extends = \"x86_64-minplat\"\n[wasm]\ngc = true\n",
            "mine.toml:3: wasm.gc: the runtime has no garbage collector; set runtime.gc = true too",
        ),
        ("extends = \"x86_64-minplat\"\n[wasm]\nthreads = true\n", "needs std"),
        (
            "extends = \"x86_64-minplat\"\n[target]\ncpu = [\"sse3\", \"neon\"]\n",
            "\"neon\" is no CPU feature of x86_64; x86_64 has: sse3",
        ),
        (
            "extends = \"pulley32-thumbv7em\"\n[wasm]\ninterruption = \"epoch\"\n",
            "epochs need 64-bit atomics; use \"fuel\"",
        ),
    ];
    for (text, expected) in cases {
        let got = error(text);
        assert!(got.contains(expected), "for {text:?}\nexpected {expected}\ngot      {got}");
    }
}

#[test]
fn all_mistakes_of_a_file_are_told_at_once() {
    let got = error("extends = \"x86_64-minplat\"\n[wasm]\nsmid = true\ninterruption = 3\n[budget]\nlibrary = true\n");
    assert_eq!(got.lines().count(), 3, "{got}");
}

#[test]
fn a_budget_is_of_the_file_that_gives_it() {
    assert!(Platform::load("x86_64-minplat", &[]).unwrap().budget(minplat_platform::Budget::Library).is_some());
    let own = load("extends = \"x86_64-minplat\"\n[budget]\nlibrary = \"1 MiB\"\n");
    assert_eq!(own.budget(minplat_platform::Budget::Library), Some(1 << 20));
    assert_eq!(load("extends = \"x86_64-minplat\"\n").budget(minplat_platform::Budget::Library), None);
    assert_eq!(
        Platform::load("x86_64-minplat", &["runtime.gc=true".into()])
            .unwrap()
            .budget(minplat_platform::Budget::Library),
        None
    );
    let set = Platform::load("x86_64-minplat", &["budget.library=2 MiB".into()]).unwrap();
    assert_eq!(set.budget(minplat_platform::Budget::Library), Some(2 << 20));
}

#[test]
fn every_shipped_platform_has_a_budget_of_its_own() {
    for name in Platform::shipped() {
        assert!(Platform::load(name, &[]).unwrap().budget(minplat_platform::Budget::Library).is_some(), "{name}");
    }
}

#[test]
fn bad_sets_are_refused() {
    for (set, expected) in [
        ("simd", "write --set table.key=value"),
        ("wasm.simd=maybe", "give true or false"),
        ("wasm.simdd=true", "did you mean wasm.simd?"),
        ("compile.spectre=true", "without traps nobody catches"),
    ] {
        let got = Platform::load("x86_64-minplat", &[set.into()]).unwrap_err().to_string();
        assert!(got.contains(expected), "{set}: {got}");
    }
    assert!(Platform::load("no-such", &[]).unwrap_err().to_string().contains("there is no platform called"));
}

#[test]
fn what_is_unstable_asks_for_the_source_of_the_standard_library() {
    let is_stable = |sets: &[&str]| {
        let sets: Vec<_> = sets.iter().map(ToString::to_string).collect();
        Platform::load("x86_64-none", &sets).unwrap().build().is_stable()
    };
    const BYTECODE: [&str; 2] = ["target.code=pulley64", "target.cpu="];
    assert!(is_stable(&[]) && is_stable(&BYTECODE));
    for set in [
        "build.panic=immediate-abort",
        "build.location-detail=false",
        "build.format-detail=false",
        "build.optimize-for-size=true",
    ] {
        assert!(!is_stable(&[set]), "{set}");
    }
    // Machine code has no interpreter.
    assert!(is_stable(&["build.fast-interpreter=true"]));
    assert!(!is_stable(&[&BYTECODE[..], &["build.fast-interpreter=true"]].concat()));
}
