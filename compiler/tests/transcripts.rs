//! Golden transcripts of both programs. `TRYCMD=overwrite cargo test` writes them anew.

#[test]
fn transcripts() {
    trycmd::TestCases::new()
        .register_bin("minplat-compile", std::path::Path::new(env!("CARGO_BIN_EXE_minplat-compile")))
        .register_bin("minplat-inspect", std::path::Path::new(env!("CARGO_BIN_EXE_minplat-inspect")))
        .case("tests/transcripts/*.trycmd");
}
