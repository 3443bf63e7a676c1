//! Packed artifacts: expanded first, then loaded like any other.

use alloc::vec::Vec;

use minplat_format::Machine;
use minplat_platform::settings::Code;

use crate::PLATFORM;
/// Whether bytes start as a packed artifact does; why one was not expanded.
pub use minplat_format::{UnpackError, is_packed};

/// What this device's artifacts are packed for; nothing else of the expander is linked.
const MACHINE: Machine = match PLATFORM.settings.code {
    Code::Native if cfg!(target_arch = "x86_64") => Machine::X86_64,
    Code::Native if cfg!(target_arch = "aarch64") => Machine::Aarch64,
    Code::Native if cfg!(target_arch = "riscv64") => Machine::Riscv64,
    _ => Machine::Bytecode,
};

/// Expands a packed artifact; nothing where it is not packed. What comes out goes to [`crate::load`], and is free afterwards: it is
/// not on a page, and its digest was not looked at.
///
/// # Errors
/// It is for another machine, or damaged so that nothing comes out; or memory ran out.
pub fn unpack(bytes: &[u8]) -> Result<Option<Vec<u8>>, UnpackError> {
    if !is_packed(bytes) {
        return Ok(None);
    }
    minplat_format::unpack(bytes, MACHINE).map(Some)
}
