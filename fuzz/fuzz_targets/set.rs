//! Any lines as `--set` arguments on the default platform.
#![no_main]

use libfuzzer_sys::fuzz_target;
use minplat_platform::{DEFAULT, Platform};

fuzz_target!(|text: &str| {
    let sets: Vec<String> = text.lines().map(str::to_string).collect();
    match Platform::load(DEFAULT, &sets) {
        Ok(platform) => drop(platform.fingerprint()),
        Err(problems) => assert!(!problems.to_string().is_empty()),
    }
});
