//! CPUID, and XGETBV for what the kernel must have switched on as well. The bits are those of Intel's manual, volume 2A,
//! CPUID, tables 3-8 to 3-11, and AMD's, volume 3, appendix E.

use core::arch::x86_64::{__cpuid_count, CpuidResult};
use core::sync::atomic::{AtomicU32, Ordering};

use super::Lack;

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

/// Where the answers come from: the CPU, or a test.
pub(super) trait Machine {
    /// CPUID.
    fn cpuid(leaf: u32, sub_leaf: u32) -> CpuidResult;

    /// The low byte of XCR0.
    ///
    /// # Safety
    /// CPUID says OSXSAVE.
    unsafe fn xcr0() -> u8;
}

struct Cpu;

impl Machine for Cpu {
    fn cpuid(leaf: u32, sub_leaf: u32) -> CpuidResult {
        __cpuid_count(leaf, sub_leaf)
    }

    unsafe fn xcr0() -> u8 {
        let low: u32;
        // SAFETY: OSXSAVE is set, so the instruction exists and is enabled; it reads a register and nothing else.
        unsafe {
            core::arch::asm!("xgetbv", in("ecx") 0, out("eax") low, out("edx") _, options(nomem, nostack, preserves_flags));
        }
        low as u8
    }
}

fn index(name: &str) -> Option<usize> {
    if name.len() > LONGEST {
        return None;
    }
    let name = padded(name);
    FEATURES.iter().position(|feature| feature.0 == name)
}

pub(super) fn detect(name: &str) -> Option<bool> {
    let index = index(name)?;
    Some(found() >> index & 1 == 1)
}

fn found() -> u32 {
    let mut found = FOUND.load(Ordering::Relaxed);
    if found & LOOKED == 0 {
        found = look::<Cpu>();
        FOUND.store(found, Ordering::Relaxed);
    }
    found
}

/// A bit for each of [`FEATURES`] that can be used, and `LOOKED`.
pub(super) fn look<M: Machine>() -> u32 {
    let enabled = enabled::<M>();
    FEATURES.iter().enumerate().fold(LOOKED, |found, (index, &(_, at, bit, state))| {
        let is_on = register::<M>(at) >> bit & 1 == 1 && enabled & state == state;
        found | u32::from(is_on) << index
    })
}

/// The 32 bits that a feature's bit is among; none are set in a leaf that this CPU does not have.
fn register<M: Machine>(at: At) -> u32 {
    let highest = M::cpuid(0, 0).eax;
    match at {
        At::Basic => M::cpuid(1, 0).ecx,
        At::Ebx7 if highest >= 7 => M::cpuid(7, 0).ebx,
        At::Ecx7 if highest >= 7 => M::cpuid(7, 0).ecx,
        At::Eax71 if highest >= 7 && M::cpuid(7, 0).eax >= 1 => M::cpuid(7, 1).eax,
        At::Extended if M::cpuid(0x8000_0000, 0).eax >= 0x8000_0001 => M::cpuid(0x8000_0001, 0).ecx,
        _ => 0,
    }
}

/// The low byte of XCR0: the state that the kernel saves. Nothing where it does not use XSAVE.
fn enabled<M: Machine>() -> u8 {
    // SAFETY: CPUID says so.
    if register::<M>(At::Basic) >> OSXSAVE & 1 == 0 { 0 } else { unsafe { M::xcr0() } }
}

/// Whether a feature needs more state than SSE's.
pub(super) const fn needs_avx(feature: &str) -> bool {
    let (name, mut i) = (padded(feature), 0);
    while i < FEATURES.len() {
        let mut same = 0;
        while same < LONGEST && FEATURES[i].0[same] == name[same] {
            same += 1;
        }
        if same == LONGEST {
            return FEATURES[i].3 & AVX == AVX;
        }
        i += 1;
    }
    false
}

pub(super) fn lack(features: &[&'static str]) -> Option<Lack> {
    // Code for a target with hard floats runs only where vector state is on; a kernel's target proves nothing.
    lack_of::<Cpu>(found(), features, cfg!(target_feature = "sse2"))
}

/// What the machine, as [`look`] found it, lacks for native code with these features.
pub(super) fn lack_of<M: Machine>(found: u32, features: &[&'static str], hard_floats: bool) -> Option<Lack> {
    for feature in features {
        let index = index(feature)?;
        if found >> index & 1 == 0 {
            let (_, at, bit, _) = FEATURES[index];
            // The CPU has it, so it is the state that is off.
            let off = register::<M>(at) >> bit & 1 == 1;
            return Some(if off { Lack::State } else { Lack::Feature(feature) });
        }
    }
    (!hard_floats && enabled::<M>() & SSE == 0).then_some(Lack::State)
}
