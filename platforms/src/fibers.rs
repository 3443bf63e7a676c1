//! Whether Wasmtime can switch stacks by itself on a Rust target, as the build script of `wasmtime` decides it.

use serde_json::Value;

use crate::settings::Architecture;
use crate::target::RustTarget;

/// Whether it can. It has no code for the registers that F and V add to 32-bit RISC-V.
pub(crate) fn built_in(target: &RustTarget, arch: Architecture) -> bool {
    if arch != Architecture::Riscv32 {
        return true;
    }
    let more_registers = match target {
        RustTarget::BuiltIn(triple) => {
            // riscv32imafc: letters of extensions behind the width; g is short for imafd. Names of several letters follow an
            // underscore.
            let isa = triple.split(['-', '_']).next().unwrap_or_default();
            isa.trim_start_matches("riscv32").contains(['f', 'g', 'v'])
        }
        // What is no JSON is refused by the build of the library.
        RustTarget::Json { contents, .. } => serde_json::from_str(contents).is_ok_and(|json: Value| {
            let features = json["features"].as_str().unwrap_or_default();
            features.split(',').map(str::trim).any(|feature| matches!(feature, "+f" | "+d" | "+v"))
        }),
    };
    !more_registers
}

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::string::ToString;

    use super::*;

    /// rustc describes its own targets in the same JSON: both ways of telling agree, for each without an operating system.
    #[test]
    fn rustc_describes_its_targets_as_they_are_called() {
        let output = Command::new("rustc")
            .env("RUSTC_BOOTSTRAP", "1")
            .args(["-Zunstable-options", "--print", "all-target-specs-json"])
            .output()
            .unwrap();
        let all: Value = serde_json::from_slice(&output.stdout).unwrap();
        let mut without = 0;
        for (triple, spec) in all.as_object().unwrap() {
            // Those of operating systems may not name their extensions.
            if spec["arch"] != "riscv32" || spec["os"].is_string() {
                continue;
            }
            let named = built_in(&RustTarget::BuiltIn(triple.clone()), Architecture::Riscv32);
            let file = RustTarget::Json {
                triple: triple.clone(),
                file_name: std::format!("{triple}.json"),
                contents: spec.to_string(),
                path: None,
            };
            assert_eq!(named, built_in(&file, Architecture::Riscv32), "{triple}: {spec:#}");
            without += usize::from(!named);
        }
        assert!(without > 0, "riscv32imafc is told apart from the others");
    }
}
