//! What the device library finds out about an x86_64 CPU is what the standard library finds.
#![cfg(target_arch = "x86_64")]

use core::arch::x86_64::CpuidResult;

#[path = "../../../src/cpu/x86_64.rs"]
mod x86_64;

/// As `src/cpu/mod.rs` has it.
#[derive(Debug, PartialEq)]
enum Lack {
    Feature(&'static str),
    State,
}

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
    // This program was compiled for hard floats; one for soft floats has to ask.
    assert_eq!(x86_64::lack(&["sse3"]), None);
    assert_eq!(lack::<Off<0>>(&[], true), None);
}

/// What is not known is not guessed: Wasmtime takes it as a reason not to load.
#[test]
fn other_names_have_no_answer() {
    for name in ["", "sse", "sse3 ", "SSE3", "avx512", "avx10.1", "a name that is longer than any other"] {
        assert_eq!(x86_64::detect(name), None, "{name}");
    }
}

/// A CPU with every feature, in a kernel that saves the state of these bits of XCR0; 0: that does not use XSAVE.
struct Off<const XCR0: u8>;

impl<const XCR0: u8> x86_64::Machine for Off<XCR0> {
    fn cpuid(leaf: u32, _: u32) -> CpuidResult {
        const OSXSAVE: u32 = 1 << 27;
        let ecx = if leaf == 1 && XCR0 == 0 { !OSXSAVE } else { !0 };
        CpuidResult { eax: !0, ebx: !0, ecx, edx: !0 }
    }

    unsafe fn xcr0() -> u8 {
        assert_ne!(XCR0, 0, "XGETBV faults without OSXSAVE");
        XCR0
    }
}

/// The first x86_64 CPUs, in a kernel that has switched on what there is.
struct Old;

impl x86_64::Machine for Old {
    fn cpuid(leaf: u32, _: u32) -> CpuidResult {
        let (eax, ecx) = match leaf {
            0 => (1, 0),
            1 => (0, 1 | 1 << 27),
            _ => (0, 0),
        };
        CpuidResult { eax, ebx: 0, ecx, edx: 0 }
    }

    unsafe fn xcr0() -> u8 {
        0b11
    }
}

fn lack<M: x86_64::Machine>(features: &[&'static str], hard_floats: bool) -> Option<Lack> {
    x86_64::lack_of::<M>(x86_64::look::<M>(), features, hard_floats)
}

/// What is off and what is not there have different remedies.
#[test]
fn state_that_is_off_is_told_from_what_the_cpu_lacks() {
    const X87: u8 = 1;
    const SSE: u8 = 1 << 1;
    const AVX: u8 = 1 << 2;
    let platform = &["sse3", "ssse3", "sse4.1", "sse4.2", "popcnt", "fma"];
    assert_eq!(lack::<Off<{ X87 | SSE | AVX }>>(platform, false), None);
    assert_eq!(lack::<Off<{ X87 | SSE }>>(platform, false), Some(Lack::State), "FMA needs AVX's state");
    assert_eq!(lack::<Off<{ X87 | SSE }>>(platform, true), Some(Lack::State));
    assert_eq!(lack::<Off<{ X87 | SSE }>>(&platform[..5], false), None);
    assert_eq!(lack::<Off<X87>>(&[], false), Some(Lack::State));
    assert_eq!(lack::<Off<0>>(&[], false), Some(Lack::State));
    assert_eq!(lack::<Off<0>>(platform, true), Some(Lack::State));
    assert_eq!(lack::<Off<{ X87 | SSE | AVX }>>(&["avx512f"], true), Some(Lack::State));
    assert_eq!(lack::<Old>(&["sse3"], false), None);
    assert_eq!(lack::<Old>(platform, true), Some(Lack::Feature("ssse3")));
    assert_eq!(lack::<Old>(&["avx2"], false), Some(Lack::Feature("avx2")));
}

/// The remedy names AVX's bit where the platform's features need it.
#[test]
fn features_that_need_avx_are_known() {
    for feature in ["fma", "avx", "avx2", "avx512f", "avxvnni"] {
        assert!(x86_64::needs_avx(feature), "{feature}");
    }
    for feature in ["sse3", "sse4.2", "popcnt", "bmi2", "lzcnt", "cmpxchg16b"] {
        assert!(!x86_64::needs_avx(feature), "{feature}");
    }
}
