//! What the device library finds out about an x86_64 CPU is what the standard library finds.
#![cfg(target_arch = "x86_64")]

#[path = "../../../src/cpu/x86_64.rs"]
mod x86_64;

macro_rules! compare {
    ($($name:tt)*) => {
        $(assert_eq!(x86_64::detect($name), Some(std::is_x86_feature_detected!($name)), "{}", $name);)*
    };
}

#[test]
fn every_feature_is_answered_as_std_does() {
    compare!("sse3" "ssse3" "fma" "cmpxchg16b" "sse4.1" "sse4.2" "popcnt" "avx" "bmi1" "avx2" "bmi2" "avx512f" "avx512dq"
        "avx512vl" "avx512vbmi" "avx512vnni" "avx512bitalg" "avxvnni" "lzcnt");
    // The second time from memory.
    compare!("sse3" "avx2" "lzcnt");
    assert!(x86_64::vector_state_is_on());
}

/// What is not known is not guessed: Wasmtime takes it as a reason not to load.
#[test]
fn other_names_have_no_answer() {
    for name in ["", "sse", "sse3 ", "SSE3", "avx512", "avx10.1", "a name that is longer than any other"] {
        assert_eq!(x86_64::detect(name), None, "{name}");
    }
}
