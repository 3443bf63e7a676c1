//! Why a module was not loaded.

use core::fmt;

use minplat_format::FormatError;
use minplat_platform::features::FeatureBits;

use crate::PLATFORM;

/// Why a module was not loaded; the text says what to do.
#[derive(Debug)]
pub enum LoadError<'a> {
    /// The bytes are no whole artifact of `minplat-compile`.
    Format(FormatError),
    /// The artifact is for a platform whose settings differ.
    OtherPlatform {
        /// The name of the artifact's platform.
        name: &'a str,
        /// Its fingerprint.
        fingerprint: [u8; 32],
    },
    /// The artifact is for a platform that has features which this one has not; all else is alike.
    LacksFeatures {
        /// The name of the artifact's platform.
        name: &'a str,
        /// The features.
        lacking: FeatureBits,
    },
    /// The artifact was made by a compiler with another Wasmtime.
    OtherWasmtime {
        /// The major version in the artifact.
        artifact: u32,
    },
    /// The artifact holds a component and a module was to be loaded, or the other way round.
    #[cfg(feature = "component-model")]
    OtherKind {
        /// What it holds, as `"a component"`.
        found: &'static str,
        /// What loads that.
        remedy: &'static str,
    },
    /// Something is not where the device needs it.
    Misaligned {
        /// What: `"the artifact"`, or the name of a section.
        what: &'static str,
        /// The alignment that it needs, bytes.
        needed: usize,
        /// What to do.
        remedy: &'static str,
    },
    /// The CPU does not have a feature of the platform's `target.cpu`, which native code uses.
    NoCpuFeature(&'static str),
    /// The CPU's vector registers are off (kernels on x86_64 start so), and native code uses them for every float.
    VectorStateOff,
    /// Wasmtime refuses the image.
    Wasmtime(wasmtime::Error),
}

impl From<FormatError> for LoadError<'_> {
    fn from(error: FormatError) -> Self {
        Self::Format(error)
    }
}

impl From<wasmtime::Error> for LoadError<'_> {
    fn from(error: wasmtime::Error) -> Self {
        Self::Wasmtime(error)
    }
}

const STATE_OFF: &str = if crate::cpu::NEEDS_AVX {
    "the CPU's vector state is off: set CR4.OSFXSR, CR4.OSXMMEXCPT and CR4.OSXSAVE, and x87, SSE and AVX in XCR0, before \
     loading"
} else {
    "the CPU's vector state is off: set CR4.OSFXSR, CR4.OSXMMEXCPT and CR4.OSXSAVE, and x87 and SSE in XCR0, before loading"
};

/// The first eight bytes of a fingerprint, as the tools print it.
struct Short<'a>(&'a [u8; 32]);

impl fmt::Display for Short<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0[..8].iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Display for LoadError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Format(error) => error.fmt(f),
            Self::OtherPlatform { name, fingerprint } => write!(
                f,
                "the module was compiled for {name} ({}), and this device is {} ({}): compile it with `minplat-compile \
                 --platform {}`; `minplat-inspect` lists what differs",
                Short(fingerprint),
                PLATFORM.name,
                Short(&PLATFORM.fingerprint),
                PLATFORM.name,
            ),
            Self::LacksFeatures { name, lacking } => write!(
                f,
                "the module was compiled for {name}, and this device has no {}: compile it with `minplat-compile \
                 --platform {}`; `minplat-inspect` lists what differs",
                lacking.first_key().unwrap_or("such feature"),
                PLATFORM.name,
            ),
            Self::OtherWasmtime { artifact } => write!(
                f,
                "the module was compiled by Wasmtime {artifact}, and this device runs Wasmtime {}: compile it with the \
                 minplat-compile of this device's release",
                minplat_platform::WASMTIME_MAJOR,
            ),
            #[cfg(feature = "component-model")]
            Self::OtherKind { found, remedy } => write!(f, "it is {found}: load it with {remedy}"),
            Self::Misaligned { what, needed, remedy } => {
                write!(f, "{what} must be aligned to {needed} bytes: {remedy}")
            }
            Self::NoCpuFeature(feature) => write!(
                f,
                "the CPU has no {feature}, which native code uses: take it out of the platform's target.cpu, and build \
                 library and module again",
            ),
            Self::VectorStateOff => f.write_str(STATE_OFF),
            Self::Wasmtime(error) => write!(f, "{error:#}"),
        }
    }
}

impl core::error::Error for LoadError<'_> {}
