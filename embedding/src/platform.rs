//! The platform as constants, and proofs that it fits the build.

use minplat_platform::Settings;
use minplat_platform::settings::{Architecture, Code};

/// What a build knows of its platform.
#[derive(Clone, Copy, Debug)]
pub struct PlatformInfo {
    /// The platform's name, with `+key=value` for each passing setting.
    pub name: &'static str,
    /// The digest of every setting that must agree; an artifact carries its platform's.
    pub fingerprint: [u8; 32],
    /// A digest of those that must be equal; the rest are features, of which an artifact may have fewer.
    pub base: [u8; 8],
    /// The resolved settings.
    pub settings: Settings,
}

include!(concat!(env!("OUT_DIR"), "/platform.rs"));

const SETTINGS: &Settings = &PLATFORM.settings;

// A platform file and a build by hand can disagree; each of these would otherwise show as a crash on the device.
const _: () = {
    // The build script holds the features against the platform; `gc` alone, without a collector, is none of those.
    assert!(SETTINGS.gc == cfg!(feature = "gc"), "the platform's runtime.gc and the Cargo feature `gc-*` differ");
    assert!(
        match SETTINGS.architecture {
            Architecture::X86_64 => cfg!(target_arch = "x86_64"),
            Architecture::Aarch64 => cfg!(target_arch = "aarch64"),
            Architecture::Riscv64 => cfg!(target_arch = "riscv64"),
            Architecture::Arm => cfg!(target_arch = "arm"),
            Architecture::Riscv32 => cfg!(target_arch = "riscv32"),
        },
        "Cargo's --target has another architecture than the platform's target.rust"
    );
    // Compiled code and this library hand floats to each other: on x86_64 rustc must pass them in SSE registers, or no
    // call may have any (which the platform file's checks ensure by asking for sse4.1 and fma).
    assert!(
        !cfg!(target_arch = "x86_64") || SETTINGS.soft_float != cfg!(target_feature = "sse2"),
        "Cargo's --target passes floats otherwise than the platform's target.rust"
    );
    // The other two have no such way out: native code passes floats in float registers.
    assert!(
        !matches!(SETTINGS.code, Code::Native)
            || cfg!(target_feature = "neon")
            || !matches!(SETTINGS.architecture, Architecture::Aarch64),
        "native code passes floats in vector registers: give a Cargo --target with neon"
    );
    assert!(
        !matches!(SETTINGS.code, Code::Native)
            || cfg!(target_feature = "d")
            || !matches!(SETTINGS.architecture, Architecture::Riscv64),
        "native code passes floats in float registers: give a Cargo --target with the extension d"
    );
};
