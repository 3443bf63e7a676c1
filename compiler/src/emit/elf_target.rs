//! Which object files a Rust target's linker takes: machine and `e_flags`, as rustc writes them for that target. The
//! test `obj` compares with rustc.

use minplat_platform::settings::Architecture;
use minplat_platform::{Platform, RustTarget};
use object::elf;

/// The identity of an object file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ElfTarget {
    /// The machine; it also says whether the ELF has 32 or 64 bits.
    pub architecture: object::Architecture,
    /// `e_flags`.
    pub flags: u32,
}

impl ElfTarget {
    /// What fits the platform's Rust target.
    pub fn of(platform: &Platform) -> Self {
        let (architecture, flags) = match platform.settings().architecture {
            Architecture::X86_64 => (object::Architecture::X86_64, 0),
            Architecture::Aarch64 => (object::Architecture::Aarch64, 0),
            // Whether floats are passed in float registers stands in `.ARM.attributes`, which data does not have.
            Architecture::Arm => (object::Architecture::Arm, elf::EF_ARM_EABI_VER5),
            Architecture::Riscv32 => (object::Architecture::Riscv32, riscv(platform.rust_target(), 32)),
            Architecture::Riscv64 => (object::Architecture::Riscv64, riscv(platform.rust_target(), 64)),
        };
        Self { architecture, flags }
    }
}

/// RISC-V's flags: compressed instructions, float ABI, the small register file. Linkers refuse to mix the last two.
fn riscv(target: &RustTarget, bits: u32) -> u32 {
    let (extensions, abi) = match target {
        RustTarget::BuiltIn(triple) => {
            let letters = triple.split('-').next().unwrap_or_default().trim_start_matches("riscv");
            (letters.trim_start_matches(&bits.to_string()).to_string(), None)
        }
        RustTarget::Json { contents, .. } => {
            let json: serde_json::Value = serde_json::from_str(contents).unwrap_or_default();
            let text = |key: &str| json[key].as_str().unwrap_or_default().to_string();
            let on: Vec<_> =
                text("features").split(',').filter_map(|f| Some(f.strip_prefix('+')?.to_string())).collect();
            let letters = on.iter().filter(|f| f.len() == 1).map(String::as_str).collect();
            (letters, Some(text("llvm-abiname")).filter(|abi| !abi.is_empty()))
        }
    };
    // `g` is shorthand for imafd; the application profiles (riscv64a23) contain gc.
    let profile = extensions.strip_prefix('a').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let has = |letter: char| {
        profile && "imafdc".contains(letter)
            || extensions.contains(letter)
            || extensions.contains('g') && "imafd".contains(letter)
    };
    let abi = abi.unwrap_or_else(|| {
        let float = if has('d') {
            "d"
        } else if has('f') {
            "f"
        } else if has('e') {
            "e"
        } else {
            ""
        };
        float.to_string()
    });
    let mut flags = if has('c') { elf::EF_RISCV_RVC } else { 0 };
    flags |= match abi.chars().last() {
        Some('d') => elf::EF_RISCV_FLOAT_ABI_DOUBLE,
        Some('f') => elf::EF_RISCV_FLOAT_ABI_SINGLE,
        Some('e') => elf::EF_RISCV_RVE,
        _ => elf::EF_RISCV_FLOAT_ABI_SOFT,
    };
    flags
}
