//! `--emit rust`: rustc takes the file, as a module and included, and the bytes are aligned.

mod common;

use std::process::Command;

#[test]
fn a_rust_program_embeds_artifacts() {
    let dir = tempfile::tempdir().unwrap();
    common::write(dir.path(), "guest.wat", common::ALL_KINDS);
    common::write(dir.path(), "2nd-guest.wat", "(module)");
    common::compile(dir.path(), ["guest.wat", "2nd-guest.wat", "--emit", "rust", "-o", "gen"]).ok();
    let main = r#"#![deny(warnings)]
        #[path = "gen/guest.rs"]
        mod guest;
        mod second { include!("gen/2nd-guest.rs"); }
        // The macro, for an artifact of one's own.
        static AGAIN: &[u8] = guest::include_cwasm!("gen/guest.cwasm");
        fn main() {
            for artifact in [guest::GUEST, second::_2ND_GUEST, AGAIN] {
                assert_eq!(artifact.as_ptr() as usize % 4096, 0);
                assert_eq!(&artifact[..4], b"\x7fELF");
            }
            assert_eq!(guest::GUEST, AGAIN);
            assert_eq!(guest::GUEST_FINGERPRINT, second::_2ND_GUEST_FINGERPRINT);
            println!("{} {}", guest::GUEST.len(), guest::GUEST_FINGERPRINT.map(|b| format!("{b:02x}")).concat());
        }"#;
    common::write(dir.path(), "main.rs", main);
    let output = Command::new("rustc").current_dir(dir.path()).args(["--edition", "2024", "main.rs"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = common::run(dir.path().join("main").to_str().unwrap(), dir.path(), [""; 0], b"").ok();
    let len = std::fs::metadata(dir.path().join("gen/guest.cwasm")).unwrap().len();
    let json = common::inspect(dir.path(), ["gen/guest.cwasm", "--json"]).ok().text();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(said.text().trim(), format!("{len} {}", json["fingerprint"].as_str().unwrap()));
}

#[test]
fn without_any_use_nothing_warns() {
    let dir = tempfile::tempdir().unwrap();
    common::write(dir.path(), "a.wat", "(module)");
    common::compile(dir.path(), ["a.wat", "--emit", "rust", "-p", "pulley32-thumbv7em"]).ok();
    common::write(dir.path(), "lib.rs", "#![no_std]\n#![deny(warnings)]\nmod a;\n");
    let output = Command::new("rustc")
        .current_dir(dir.path())
        .args(["--edition", "2024", "--crate-type", "lib", "lib.rs"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(std::fs::read_to_string(dir.path().join("a.rs")).unwrap().contains("align(16)"));
}
