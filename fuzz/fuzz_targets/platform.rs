//! Any text as a platform file: problems are told, and what loads prints as a file that is the same platform.
#![no_main]

use libfuzzer_sys::fuzz_target;
use minplat_platform::Platform;

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().expect("there is room");
    let file = |name: &str, text: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("there is room");
        Platform::load(path.to_str().expect("a plain name"), &[])
    };
    match file("fuzzed.toml", bytes) {
        Err(problems) => assert!(!problems.to_string().is_empty()),
        Ok(platform) => {
            let printed = platform.to_named_toml();
            let again =
                file("again.toml", printed.as_bytes()).unwrap_or_else(|problems| panic!("{problems}\n{printed}"));
            assert_eq!(again.fingerprint(), platform.fingerprint());
            assert_eq!(again.to_named_toml(), printed);
        }
    }
});
