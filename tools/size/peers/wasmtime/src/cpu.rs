//! What the CPU has: Wasmtime asks by name before it loads code that uses a feature.

use core::arch::x86_64::__cpuid;

/// The features of CPUID's leaf 1 that code without AVX uses, with their bits of ECX.
pub(crate) fn detect(name: &str) -> Option<bool> {
    let bit = match name {
        "sse3" => 0,
        "ssse3" => 9,
        "fma" => 12,
        "cmpxchg16b" => 13,
        "sse4.1" => 19,
        "sse4.2" => 20,
        "popcnt" => 23,
        _ => return None,
    };
    Some(__cpuid(1).ecx >> bit & 1 == 1)
}
