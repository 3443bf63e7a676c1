//! Hands what the library says of itself on to the assembler, as its section `.minplat.platform`.

use std::path::PathBuf;

fn main() {
    let identity = std::env::var("DEP_MINPLAT_IDENTITY").expect("the build script of `minplat` gives it");
    let text = std::fs::read_to_string(&identity).expect("the build script of `minplat` wrote it");
    // Without the flag `a` the section is in the file and never in memory.
    let mut section = String::from(".pushsection .minplat.platform,\"\",%progbits\n");
    for line in text.lines() {
        section += &format!(".ascii \"{}\\n\"\n", line.escape_default());
    }
    section += ".popsection\n";
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("Cargo sets OUT_DIR")).join("identity.s");
    std::fs::write(out, section).expect("OUT_DIR is writable");
    println!("cargo::rerun-if-changed={identity}");
}
