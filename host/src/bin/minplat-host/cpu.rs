//! What this machine's CPU has, by the names that platform files use.

/// The features of this CPU that code can be compiled for.
#[cfg(target_arch = "x86_64")]
pub(crate) fn features() -> Vec<&'static str> {
    macro_rules! detected {
        ($($name:tt)*) => { [$(($name, std::is_x86_feature_detected!($name))),*] };
    }
    let all = detected!(
        "sse3" "ssse3" "sse4.1" "sse4.2" "popcnt" "avx" "avx2" "fma" "bmi1" "bmi2" "lzcnt" "cmpxchg16b"
        "avx512bitalg" "avx512dq" "avx512f" "avx512vbmi" "avx512vl"
    );
    all.into_iter().filter_map(|(name, has)| has.then_some(name)).collect()
}

/// The features of this CPU that code can be compiled for.
#[cfg(target_arch = "aarch64")]
pub(crate) fn features() -> Vec<&'static str> {
    macro_rules! detected {
        ($($name:tt)*) => { [$(($name, std::arch::is_aarch64_feature_detected!($name))),*] };
    }
    detected!("lse" "paca" "fp16").into_iter().filter_map(|(name, has)| has.then_some(name)).collect()
}

/// The features of this CPU that code can be compiled for: not told apart on this machine.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(crate) fn features() -> Vec<&'static str> {
    Vec::new()
}
