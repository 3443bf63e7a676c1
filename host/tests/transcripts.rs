//! Golden transcripts of `minplat-host`. `TRYCMD=overwrite cargo test -p minplat-host --test transcripts` writes them anew;
//! put `[..]` back where a number is the machine's.

mod common;

use std::path::Path;

fn cases() -> trycmd::TestCases {
    let cases = trycmd::TestCases::new();
    cases.register_bin("minplat-host", Path::new(env!("CARGO_BIN_EXE_minplat-host")));
    cases
}

#[test]
fn usage() {
    cases().case("tests/transcripts/usage.trycmd");
}

#[test]
fn device() {
    let platforms = ["x86_64-minplat", "x86_64-minplat-traps", "x86_64-minplat-metered", "pulley64-minplat"];
    let libraries = platforms.map(common::library);
    let Some(compiler) = common::compiler().filter(|_| libraries.iter().all(Option::is_some)) else { return };
    let artifacts = common::artifacts().canonicalize().unwrap().display().to_string();
    let cases = cases();
    cases.register_bin("minplat-compile", compiler).env("MINPLAT_ARTIFACTS", &artifacts);
    cases.insert_var("[ARTIFACTS]", artifacts).unwrap();
    cases.case("tests/transcripts/device.trycmd");
}
