//! Whether a Rust target passes floats in general registers. Cranelift never does, so the library and the native code that
//! it runs would not understand each other.

use serde_json::Value;

use crate::settings::Architecture;
use crate::target::RustTarget;

/// Whether the target is one of soft floats; for 32-bit machines, which have no native code, never.
pub(crate) fn is_soft(target: &RustTarget, arch: Architecture) -> bool {
    match target {
        RustTarget::BuiltIn(triple) => built_in(triple, arch),
        // What is no JSON is refused by the build of the library.
        RustTarget::Json { contents, .. } => serde_json::from_str(contents).is_ok_and(|json| described(&json, arch)),
    }
}

/// The targets that rustc knows by name; a test asks rustc.
fn built_in(triple: &str, arch: Architecture) -> bool {
    match arch {
        Architecture::X86_64 => matches!(triple, "x86_64-unknown-none" | "x86_64-unknown-uefi"),
        Architecture::Aarch64 => triple.ends_with("-softfloat"),
        // riscv64im, riscv64imac; with d or g there is an FPU, and rustc's targets then use it.
        Architecture::Riscv64 => {
            triple.split('-').next().is_some_and(|isa| isa.starts_with("riscv64im") && !isa.contains('d'))
        }
        Architecture::Arm | Architecture::Riscv32 => false,
    }
}

/// A target that a JSON file describes, in the keys of rustc.
fn described(json: &Value, arch: Architecture) -> bool {
    let text = |key: &str| json[key].as_str().unwrap_or_default();
    // `+x` or `-x`; the last one counts.
    let switched = |feature: &str, sign: char| {
        let mut mentions = text("features").split(',').map(str::trim).rev();
        mentions.find_map(|f| f.strip_prefix(['+', '-']).filter(|name| *name == feature).map(|_| f.starts_with(sign)))
            == Some(true)
    };
    let named_so = ["rustc-abi", "abi", "cfg-abi"].iter().any(|key| text(key).ends_with("softfloat"));
    let soft = named_so || text("llvm-floatabi") == "soft";
    match arch {
        Architecture::X86_64 => soft || switched("soft-float", '+'),
        Architecture::Aarch64 => soft || switched("neon", '-') || switched("fp-armv8", '-'),
        // lp64 and lp64f pass doubles in general registers. Without the key rustc takes no such file.
        Architecture::Riscv64 => text("llvm-abiname") != "lp64d",
        Architecture::Arm | Architecture::Riscv32 => false,
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::string::String;
    use std::vec::Vec;

    use super::*;

    /// rustc describes its own targets in the same JSON: both ways of telling agree, for each.
    #[test]
    fn built_in_targets_are_told_as_rustc_describes_them() {
        let output = Command::new("rustc")
            .env("RUSTC_BOOTSTRAP", "1")
            .args(["-Zunstable-options", "--print", "all-target-specs-json"])
            .output()
            .unwrap();
        let all: Value = serde_json::from_slice(&output.stdout).unwrap();
        let mut soft: Vec<&String> = Vec::new();
        for (triple, spec) in all.as_object().unwrap() {
            let Some(arch) = spec["arch"].as_str().and_then(Architecture::from_name) else { continue };
            assert_eq!(built_in(triple, arch), described(spec, arch), "{triple}: {spec:#}");
            if built_in(triple, arch) {
                soft.push(triple);
            }
        }
        for triple in ["aarch64-unknown-none-softfloat", "riscv64imac-unknown-none-elf", "x86_64-unknown-none"] {
            assert!(soft.iter().any(|name| *name == triple), "{triple} is not in {soft:?}");
        }
    }

    #[test]
    fn the_last_mention_of_a_feature_counts() {
        let soft = |features: &str| described(&serde_json::json!({ "features": features }), Architecture::Aarch64);
        assert!(soft("+v8a,-neon"));
        assert!(soft("+neon, -fp-armv8"));
        assert!(!soft("-neon,+neon"));
        assert!(!soft("+v8a,-neon-extra"));
        assert!(!soft(""));
    }
}
