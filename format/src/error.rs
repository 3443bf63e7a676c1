//! What can be wrong with the bytes of an artifact.

use core::fmt;

/// Why bytes are not an artifact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormatError {
    /// Nothing at all.
    Empty,
    /// A binary WebAssembly module, not compiled.
    Wasm,
    /// A binary WebAssembly component, not compiled.
    Component,
    /// No ELF file.
    NotElf,
    /// Packed for transport, where an artifact should be.
    Packed,
    /// An ELF file of another kind: not 64-bit little-endian, or not written by Wasmtime.
    NotWasmtime,
    /// The ELF's headers point outside the file, so its end is unknown.
    BrokenElf,
    /// The file ends before the artifact does.
    Truncated,
    /// A Wasmtime ELF without minplat's trailer.
    NoTrailer,
    /// A trailer of a later version.
    Version(u16),
    /// The trailer contradicts itself or the image.
    BrokenTrailer,
    /// The digest does not match the bytes.
    Digest,
    /// Packed for a machine that this reader is not, or does not know.
    Packing(u8),
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Empty => "the file is empty; compile the module again with minplat-compile",
            Self::Wasm => "it is a WebAssembly module that is not compiled yet; run minplat-compile on it",
            Self::Component => "it is a WebAssembly component that is not compiled yet",
            Self::NotElf => "it is no .cwasm file; give one that minplat-compile wrote",
            Self::Packed => {
                "it is packed, and nothing here expands it (build.unpack): run minplat-compile --unpack on it"
            }
            Self::NotWasmtime => {
                "it is an ELF file, but not one that Wasmtime wrote; give a .cwasm that minplat-compile wrote"
            }
            Self::BrokenElf => "its ELF headers point outside the file: it is damaged; copy it again",
            Self::Truncated => "it ends too early: it is damaged; copy it again",
            Self::NoTrailer => {
                "it was compiled by a bare Wasmtime and names no platform; compile the module with minplat-compile"
            }
            Self::Version(v) => {
                return write!(
                    f,
                    "its trailer has version {v}, and this minplat reads version 1; use one release for both sides"
                );
            }
            Self::BrokenTrailer => "its trailer contradicts itself: it is damaged; copy it again",
            Self::Digest => "its digest does not match its bytes: it is damaged; copy it again",
            Self::Packing(p) => {
                return write!(
                    f,
                    "it is packed for another machine ({p}), or by another release; compile the module for this platform, with one release for both sides"
                );
            }
        };
        f.write_str(text)
    }
}

impl core::error::Error for FormatError {}
