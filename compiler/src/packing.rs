//! Artifacts packed for transport.

use minplat_format::{Machine, PackError, UnpackError};
use minplat_platform::Platform;
use minplat_platform::settings::{Architecture, Code};

use crate::refusal::Refusal;

/// What artifacts of a platform are packed for: filter and dictionary.
pub fn machine(platform: &Platform) -> Machine {
    let settings = platform.settings();
    match (settings.code, settings.architecture) {
        (Code::Native, Architecture::X86_64) => Machine::X86_64,
        (Code::Native, Architecture::Aarch64) => Machine::Aarch64,
        (Code::Native, Architecture::Riscv64) => Machine::Riscv64,
        _ => Machine::Bytecode,
    }
}

/// Packs an artifact of a platform.
///
/// # Errors
/// It is no artifact, or cannot be packed.
pub fn pack(platform: &Platform, artifact: &[u8]) -> Result<Vec<u8>, PackError> {
    minplat_format::pack(artifact, machine(platform))
}

/// Expands a packed artifact, and checks what comes out. `name` is used in messages.
///
/// # Errors
/// It is not packed, or damaged.
pub fn unpack(name: &str, packed: &[u8]) -> Result<Vec<u8>, Refusal> {
    if !minplat_format::is_packed(packed) {
        return Err(Refusal::new(name, "is not packed").remedy("name a file that minplat-compile --pack wrote"));
    }
    let artifact = minplat_format::unpack_any(packed).map_err(|error| {
        let why = match error {
            UnpackError::Format(error) => error.to_string(),
            UnpackError::OutOfMemory => {
                "there is no memory for what it says comes out: it is damaged; copy it again".into()
            }
        };
        Refusal::new(name, format!("cannot be expanded: {why}"))
    })?;
    match minplat_format::read(&artifact) {
        Ok(_) => Ok(artifact),
        Err(error) => Err(Refusal::new(name, format!("cannot be used once it is expanded: {error}"))),
    }
}
