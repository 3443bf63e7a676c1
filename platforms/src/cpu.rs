//! CPU features that native code may use: what the platform file calls them, what Cranelift calls them, what the running
//! side asks the machine for.

use crate::settings::Architecture;

/// One CPU feature.
#[derive(Debug)]
pub struct CpuFeature {
    /// The architecture that has it.
    pub arch: Architecture,
    /// The name in `target.cpu`; on x86_64 and aarch64 also the name that Wasmtime asks `detect_host_feature` for.
    pub name: &'static str,
    /// Cranelift's flag, recorded in the artifact.
    pub flag: &'static str,
}

/// A set of [`CPU_FEATURES`], by position in that table.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct CpuFeatures(pub u64);

impl CpuFeatures {
    /// The features of this set, in table order.
    pub fn iter(self) -> impl Iterator<Item = &'static CpuFeature> {
        CPU_FEATURES.iter().enumerate().filter(move |(i, _)| self.0 & (1 << i) != 0).map(|(_, f)| f)
    }

    /// Whether the set has this feature.
    pub fn contains(self, name: &str) -> bool {
        self.iter().any(|f| f.name == name)
    }
}

macro_rules! cpu {
    ($($arch:ident { $($name:literal $flag:literal)* })*) => {
        /// Every CPU feature that Cranelift's back ends know, for the architectures that minplat compiles for.
        pub static CPU_FEATURES: &[CpuFeature] = &[$($(
            CpuFeature { arch: Architecture::$arch, name: $name, flag: $flag },
        )*)*];
    };
}

cpu! {
    X86_64 {
        "sse3" "has_sse3"
        "ssse3" "has_ssse3"
        "sse4.1" "has_sse41"
        "sse4.2" "has_sse42"
        "popcnt" "has_popcnt"
        "cmpxchg16b" "has_cmpxchg16b"
        "avx" "has_avx"
        "avx2" "has_avx2"
        "fma" "has_fma"
        "bmi1" "has_bmi1"
        "bmi2" "has_bmi2"
        "lzcnt" "has_lzcnt"
        "avxvnni" "has_avx_vnni"
        "avx512f" "has_avx512f"
        "avx512dq" "has_avx512dq"
        "avx512vl" "has_avx512vl"
        "avx512bitalg" "has_avx512bitalg"
        "avx512vbmi" "has_avx512vbmi"
        "avx512vnni" "has_avx512vnni"
    }
    Aarch64 {
        "lse" "has_lse"
        "paca" "has_pauth"
        "fp16" "has_fp16"
        "dotprod" "has_dotprod"
        "i8mm" "has_i8mm"
    }
    Riscv64 {
        "m" "has_m"
        "a" "has_a"
        "f" "has_f"
        "d" "has_d"
        "v" "has_v"
        "zicsr" "has_zicsr"
        "zifencei" "has_zifencei"
        "zfa" "has_zfa"
        "zfh" "has_zfh"
        "zfhmin" "has_zfhmin"
        "zca" "has_zca"
        "zcb" "has_zcb"
        "zcd" "has_zcd"
        "zba" "has_zba"
        "zbb" "has_zbb"
        "zbc" "has_zbc"
        "zbs" "has_zbs"
        "zbkb" "has_zbkb"
        "zicond" "has_zicond"
    }
}

/// Names for several features at once, accepted in `target.cpu`: levels and extensions, as far as Cranelift knows their parts.
pub static CPU_LEVELS: &[(&str, &[&str])] = &[
    ("x86-64-v2", &["sse3", "ssse3", "sse4.1", "sse4.2", "popcnt", "cmpxchg16b"]),
    (
        "x86-64-v3",
        &["sse3", "ssse3", "sse4.1", "sse4.2", "popcnt", "cmpxchg16b", "avx", "avx2", "fma", "bmi1", "bmi2", "lzcnt"],
    ),
    // Cranelift knows C by its parts.
    ("c", &["zca", "zcd"]),
    ("rv64gc", &["m", "a", "f", "d", "zca", "zcd", "zicsr", "zifencei"]),
];
