//! What this machine's CPU has, by the names that platform files use.

use minplat_platform::cpu::CPU_FEATURES;
use minplat_platform::settings::Architecture;

/// The standard library answers for literals only. The test below compares these with the platforms' table.
macro_rules! ask_std {
    ($names:ident $arch:literal $detected:ident: $($name:tt)*) => {
        #[cfg(test)]
        const $names: &[&str] = &[$($name),*];

        #[cfg(target_arch = $arch)]
        fn has(name: &str) -> bool {
            match name {
                $($name => std::arch::$detected!($name),)*
                _ => false,
            }
        }
    };
}
ask_std!(X86_64 "x86_64" is_x86_feature_detected:
    "sse3" "ssse3" "sse4.1" "sse4.2" "popcnt" "cmpxchg16b" "avx" "avx2" "fma" "bmi1" "bmi2" "lzcnt" "avxvnni"
    "avx512f" "avx512dq" "avx512vl" "avx512bitalg" "avx512vbmi" "avx512vnni");
ask_std!(AARCH64 "aarch64" is_aarch64_feature_detected: "lse" "paca" "fp16" "dotprod" "i8mm");

/// Not told apart on this machine.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn has(_: &str) -> bool {
    false
}

const HERE: Architecture = if cfg!(target_arch = "aarch64") {
    Architecture::Aarch64
} else if cfg!(target_arch = "riscv64") {
    Architecture::Riscv64
} else {
    Architecture::X86_64
};

/// The features of this CPU that code can be compiled for.
pub(crate) fn features() -> Vec<&'static str> {
    of(HERE).filter(|name| has(name)).collect()
}

fn of(arch: Architecture) -> impl Iterator<Item = &'static str> {
    CPU_FEATURES.iter().filter(move |feature| feature.arch == arch).map(|feature| feature.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_feature_of_the_platforms_table_is_asked_for() {
        assert_eq!(X86_64, of(Architecture::X86_64).collect::<Vec<_>>());
        assert_eq!(AARCH64, of(Architecture::Aarch64).collect::<Vec<_>>());
    }
}
