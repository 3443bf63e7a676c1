//! CPUID, and XGETBV for what the kernel must have switched on as well. The bits are those of Intel's manual, volume 2A,
//! CPUID, tables 3-8 to 3-11, and AMD's, volume 3, appendix E.

use core::arch::x86_64::{__cpuid, __cpuid_count};
use core::sync::atomic::{AtomicU32, Ordering};

/// Where a feature's bit is: leaf, sub-leaf, and register of CPUID.
#[derive(Clone, Copy)]
enum At {
    /// Leaf 1, ECX.
    Basic,
    /// Leaf 7, EBX.
    Ebx7,
    /// Leaf 7, ECX.
    Ecx7,
    /// Leaf 7, sub-leaf 1, EAX.
    Eax71,
    /// Leaf 8000_0001h, ECX.
    Extended,
}

/// State that the kernel must save and restore, as bits of XCR0; an instruction faults where they are not all set.
const NONE: u8 = 0;
const SSE: u8 = 1 << 1;
const AVX: u8 = SSE | 1 << 2;
const AVX512: u8 = AVX | 1 << 5 | 1 << 6 | 1 << 7;

/// Bytes of the longest name.
const LONGEST: usize = 12;

/// A name with zeros behind it: in a table shorter than text, which is a pointer and a length besides.
const fn padded(name: &str) -> [u8; LONGEST] {
    let (mut padded, name) = ([0; LONGEST], name.as_bytes());
    let mut i = 0;
    while i < name.len() {
        padded[i] = name[i];
        i += 1;
    }
    padded
}

static FEATURES: [([u8; LONGEST], At, u8, u8); 19] = [
    (padded("sse3"), At::Basic, 0, NONE),
    (padded("ssse3"), At::Basic, 9, NONE),
    (padded("fma"), At::Basic, 12, AVX),
    (padded("cmpxchg16b"), At::Basic, 13, NONE),
    (padded("sse4.1"), At::Basic, 19, NONE),
    (padded("sse4.2"), At::Basic, 20, NONE),
    (padded("popcnt"), At::Basic, 23, NONE),
    (padded("avx"), At::Basic, 28, AVX),
    (padded("bmi1"), At::Ebx7, 3, NONE),
    (padded("avx2"), At::Ebx7, 5, AVX),
    (padded("bmi2"), At::Ebx7, 8, NONE),
    (padded("avx512f"), At::Ebx7, 16, AVX512),
    (padded("avx512dq"), At::Ebx7, 17, AVX512),
    (padded("avx512vl"), At::Ebx7, 31, AVX512),
    (padded("avx512vbmi"), At::Ecx7, 1, AVX512),
    (padded("avx512vnni"), At::Ecx7, 11, AVX512),
    (padded("avx512bitalg"), At::Ecx7, 12, AVX512),
    (padded("avxvnni"), At::Eax71, 4, AVX),
    (padded("lzcnt"), At::Extended, 5, NONE),
];

const OSXSAVE: u8 = 27;

/// What was found, once it was looked for: a bit for each of [`FEATURES`], and `LOOKED`. Under a hypervisor each CPUID costs
/// as much as loading a small module.
static FOUND: AtomicU32 = AtomicU32::new(0);
const LOOKED: u32 = 1 << 31;

const _: () = assert!(FEATURES.len() < 31);

pub(super) fn detect(name: &str) -> Option<bool> {
    if name.len() > LONGEST {
        return None;
    }
    let name = padded(name);
    let index = FEATURES.iter().position(|feature| feature.0 == name)?;
    let mut found = FOUND.load(Ordering::Relaxed);
    if found & LOOKED == 0 {
        found = look();
        FOUND.store(found, Ordering::Relaxed);
    }
    Some(found >> index & 1 == 1)
}

fn look() -> u32 {
    let enabled = enabled();
    FEATURES.iter().enumerate().fold(LOOKED, |found, (index, &(_, at, bit, state))| {
        let is_on = register(at) >> bit & 1 == 1 && enabled & state == state;
        found | u32::from(is_on) << index
    })
}

/// The 32 bits that a feature's bit is among; none are set in a leaf that this CPU does not have.
fn register(at: At) -> u32 {
    let highest = __cpuid(0).eax;
    match at {
        At::Basic => __cpuid(1).ecx,
        At::Ebx7 if highest >= 7 => __cpuid_count(7, 0).ebx,
        At::Ecx7 if highest >= 7 => __cpuid_count(7, 0).ecx,
        At::Eax71 if highest >= 7 && __cpuid_count(7, 0).eax >= 1 => __cpuid_count(7, 1).eax,
        At::Extended if __cpuid(0x8000_0000).eax >= 0x8000_0001 => __cpuid(0x8000_0001).ecx,
        _ => 0,
    }
}

/// The low byte of XCR0: the state that the kernel saves. Nothing where it does not use XSAVE.
fn enabled() -> u8 {
    if register(At::Basic) >> OSXSAVE & 1 == 0 {
        return 0;
    }
    let low: u32;
    // SAFETY: OSXSAVE is set, so the instruction exists and is enabled; it reads a register and nothing else.
    unsafe {
        core::arch::asm!("xgetbv", in("ecx") 0, out("eax") low, out("edx") _, options(nomem, nostack, preserves_flags));
    }
    low as u8
}

/// Code for a target with hard floats runs only where vector state is on; a kernel's target proves nothing.
pub(super) fn vector_state_is_on() -> bool {
    cfg!(target_feature = "sse2") || enabled() & SSE != 0
}
