//! Golden transcripts of minplat-build. `TRYCMD=overwrite cargo test` writes them anew.

#[test]
fn transcripts() {
    trycmd::TestCases::new()
        .register_bin("minplat-build", std::path::Path::new(env!("CARGO_BIN_EXE_minplat-build")))
        .case("tests/transcripts/*.trycmd");
}
