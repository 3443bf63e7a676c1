//! `Platform::agreement` is what Wasmtime records: for every shipped platform a module is compiled, and the record in it
//! compared with the list, both ways. `minplat_compiler::engine_section` names each of Wasmtime's fields.

use std::collections::BTreeMap;

use minplat_compiler::check::recorded;
use minplat_compiler::compile::{Options, compile};
use minplat_platform::Platform;

const EMPTY: &[u8] = b"\0asm\x01\0\0\0";

/// What is the same on every platform, so that no file has a key for it: from Wasmtime's documentation and
/// `minplat_platform::engine`.
const ALWAYS: &[(&str, &str)] = &[
    ("concurrency_support", "false"),
    ("debug_guest", "false"),
    ("debug_native", "false"),
    ("inlining_small_callee_size", "50"),
    ("inlining_sum_size_threshold", "2000"),
    ("operator_cost", "default"),
    ("parse_wasm_debuginfo", "false"),
    ("recording", "false"),
    ("winch_callable", "false"),
    // WebAssembly 1.0.
    ("wasm_feature.floats", "true"),
    ("wasm_feature.mutable_global", "true"),
];

fn record(platform: &Platform) -> BTreeMap<String, String> {
    let compiled = compile(platform, EMPTY, Options::default()).unwrap();
    recorded(&compiled.image().unwrap().engine)
}

fn promised(platform: &Platform) -> BTreeMap<String, String> {
    let always = ALWAYS.iter().map(|(name, value)| (name.to_string(), value.to_string()));
    always.chain(platform.agreement().into_iter().map(|setting| (setting.name, setting.value))).collect()
}

#[test]
fn every_shipped_platform_agrees_to_what_wasmtime_records() {
    let mut count = 0;
    for name in Platform::shipped() {
        let platform = Platform::load(name, &[]).unwrap();
        assert_eq!(record(&platform), promised(&platform), "{name}");
        count += 1;
    }
    assert!(count >= 11, "only {count} platforms are shipped");
}

#[test]
fn settings_in_passing_are_recorded_too() {
    for set in [
        "wasm.interruption=fuel",
        "wasm.interruption=epoch",
        "compile.symbols=true",
        "wasm.tail-call=false",
        "runtime.component-model=true",
        "runtime.debug=true",
    ] {
        let platform = Platform::load(minplat_platform::DEFAULT, &[set.to_string()]);
        let platform = platform.unwrap_or_else(|problems| panic!("{set}: {problems}"));
        assert_eq!(record(&platform), promised(&platform), "{set}");
    }
}

#[test]
fn the_trailer_names_platform_and_fingerprint() {
    let platform = Platform::load("pulley64-minplat", &["wasm.interruption=none".to_string()]).unwrap();
    let compiled = compile(&platform, EMPTY, Options::default()).unwrap();
    let trailer = minplat_format::read(&compiled.artifact).unwrap().trailer;
    assert_eq!(trailer.platform, "pulley64-minplat+wasm.interruption=none");
    assert_eq!(trailer.fingerprint, platform.fingerprint());
    assert_eq!(trailer.wasmtime_major, 48);
}
