//! What the CPU has. Wasmtime asks by name before it loads native code that uses a feature.

use minplat_platform::cpu::CPU_FEATURES;

use crate::PLATFORM;

#[cfg(target_arch = "aarch64")]
#[path = "aarch64.rs"]
mod arch;
#[cfg(target_arch = "x86_64")]
#[path = "x86_64.rs"]
mod arch;
#[cfg(not(any(target_arch = "aarch64", target_arch = "x86_64")))]
#[path = "other.rs"]
mod arch;

/// Whether this machine has a CPU feature, by the names of `std::arch::is_*_feature_detected`; `None` for one that cannot
/// be found out, which Wasmtime takes as a reason not to load.
pub fn detect_host_feature(name: &str) -> Option<bool> {
    arch::detect(name)
}

/// Why native code of this platform cannot run here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(dead_code, reason = "an architecture knows some of them")]
pub(crate) enum Lack {
    /// The CPU does not have this feature.
    Feature(&'static str),
    /// The CPU's vector registers, which native code uses for every float, are off.
    State,
}

const COUNT: usize = PLATFORM.settings.cpu.0.count_ones() as usize;

/// The names of the platform's `target.cpu`. Not the table that they come from, which is longer.
static FEATURES: [&str; COUNT] = {
    let (mut names, mut count, mut i) = ([""; COUNT], 0, 0);
    while i < CPU_FEATURES.len() {
        if PLATFORM.settings.cpu.0 >> i & 1 == 1 {
            names[count] = CPU_FEATURES[i].name;
            count += 1;
        }
        i += 1;
    }
    names
};

/// Whether one of them needs AVX's state.
#[cfg(target_arch = "x86_64")]
pub(crate) const NEEDS_AVX: bool = {
    let (mut needs, mut i) = (false, 0);
    while i < FEATURES.len() {
        needs |= arch::needs_avx(FEATURES[i]);
        i += 1;
    }
    needs
};
#[cfg(not(target_arch = "x86_64"))]
pub(crate) const NEEDS_AVX: bool = false;

/// What this machine lacks for native code of this platform.
pub(crate) fn lack() -> Option<Lack> {
    arch::lack(&FEATURES)
}
