//! What the CPU has. Wasmtime asks by name before it loads native code that uses a feature.

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

/// Whether native code may use vector registers, which it does for every float.
pub(crate) fn vector_state_is_on() -> bool {
    arch::vector_state_is_on()
}
