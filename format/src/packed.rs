//! Packed artifacts, for transport: image and trailer, compressed. The digest in the trailer is over what comes out, so it finds
//! damage to what went in.
//!
//! ```text
//! 0                     magic
//! 8                     machine: which filter and which dictionary
//! 9                     binary logarithm of the window, bytes that the expander keeps
//! 10                    2 bytes, nothing yet
//! 12                    bytes of the stream, and of what comes out of it: 4 each
//! 20                    stream: LZMA without a head, of the artifact after the machine's filter
//! ```
//!
//! Filters are those of xz: they write the targets of calls as addresses, so that calls of one function look alike. A
//! dictionary is what an artifact for that machine begins with, and the code that any module has (`compiler/examples/dictionary.rs`):
//! what is the same in all is not sent.

use crate::error::FormatError;

/// How a packed artifact starts.
pub const MAGIC: [u8; 8] = *b"\0minpack";
/// Bytes before the stream.
pub const HEAD: usize = 20;
/// The largest window, as a binary logarithm: 256 KiB.
pub const WINDOW_MAX: u8 = 18;
/// The smallest.
pub const WINDOW_MIN: u8 = 12;

/// Whose code an artifact holds. The numbers are part of the format, and so are filter and dictionary behind each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Machine {
    /// x86_64.
    X86_64 = 1,
    /// aarch64.
    Aarch64 = 2,
    /// riscv64.
    Riscv64 = 3,
    /// Bytecode of any width.
    Bytecode = 4,
}

impl Machine {
    /// The machine of a number.
    pub const fn of(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::X86_64),
            2 => Some(Self::Aarch64),
            3 => Some(Self::Riscv64),
            4 => Some(Self::Bytecode),
            _ => None,
        }
    }

    /// What an expander has seen before the first byte.
    #[cfg(feature = "unpack")]
    pub(crate) const fn dictionary(self) -> &'static [u8] {
        match self {
            Self::X86_64 => include_bytes!("packing/x86_64.bin"),
            Self::Aarch64 => include_bytes!("packing/aarch64.bin"),
            Self::Riscv64 => include_bytes!("packing/riscv64.bin"),
            Self::Bytecode => include_bytes!("packing/bytecode.bin"),
        }
    }
}

/// What the head says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The number of a [`Machine`].
    pub machine: u8,
    /// Bytes of the window.
    pub window: u32,
    /// Bytes of the stream.
    pub packed: usize,
    /// Bytes of the artifact.
    pub expanded: usize,
}

/// Whether bytes start as a packed artifact does.
pub fn is_packed(bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC)
}

/// Reads the head of a packed artifact; bytes may follow it.
///
/// # Errors
/// It is none, ends too early, or says what cannot be.
pub fn head(bytes: &[u8]) -> Result<Head, FormatError> {
    if !is_packed(bytes) {
        return Err(FormatError::NotElf);
    }
    let head = bytes.get(..HEAD).ok_or(FormatError::Truncated)?;
    let number = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]) as usize;
    let (packed, expanded) = (number(12), number(16));
    if !(WINDOW_MIN..=WINDOW_MAX).contains(&head[9]) || head[10..12] != [0, 0] {
        return Err(FormatError::BrokenTrailer);
    }
    if bytes.len() - HEAD < packed {
        return Err(FormatError::Truncated);
    }
    Ok(Head { machine: head[8], window: 1 << head[9], packed, expanded })
}

/// Why a packed artifact was not expanded.
#[cfg(feature = "unpack")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnpackError {
    /// It is none, or damaged.
    Format(FormatError),
    /// There is no memory for it.
    OutOfMemory,
}

#[cfg(feature = "unpack")]
impl From<FormatError> for UnpackError {
    fn from(error: FormatError) -> Self {
        Self::Format(error)
    }
}

/// What the expander may need besides the artifact, bytes: its window, which grows by copies; models, the dictionary, the filter's buffer;
/// and what it reads ahead, in steps that grow with the stream.
#[cfg(feature = "unpack")]
fn needed(head: &Head) -> usize {
    let ahead = match head.packed {
        0..=0x1000 => 0,
        0x1001..=0x5000 => 24 << 10,
        _ => 96 << 10,
    };
    (2 * head.window as usize).saturating_add(ahead + (32 << 10))
}

/// How many bytes can come out of one, as a binary logarithm: a match of 273 bytes takes at least a quarter of a bit.
#[cfg(feature = "unpack")]
const GAIN_MAX: u32 = 14;

/// Expands a packed artifact for this machine. What comes out is to be [read](crate::read).
///
/// It takes memory for the artifact, and, until it is done, for twice the window and 32 to 128 KiB besides: tried before, because the
/// expander asks for a part of it in a way that cannot fail.
///
/// # Errors
/// It is no packed artifact, one for another machine, or damaged so that nothing comes out; or memory ran out.
#[cfg(feature = "unpack")]
pub fn unpack(bytes: &[u8], machine: Machine) -> Result<alloc::vec::Vec<u8>, UnpackError> {
    use lzma_rust2::filter::bcj::BcjReader;
    use lzma_rust2::{Error, LzmaReader, Read};

    let head = head(bytes)?;
    if head.machine != machine as u8 {
        return Err(FormatError::Packing(head.machine).into());
    }
    if head.expanded >> GAIN_MAX > head.packed {
        return Err(FormatError::Digest.into());
    }
    let mut out = alloc::vec::Vec::new();
    out.try_reserve_exact(head.expanded).map_err(|_| UnpackError::OutOfMemory)?;
    {
        let mut room = alloc::vec::Vec::<u8>::new();
        room.try_reserve_exact(needed(&head)).map_err(|_| UnpackError::OutOfMemory)?;
        // Kept from being optimised away: that it could be had is what counts.
        core::hint::black_box(&mut room);
    }
    out.resize(head.expanded, 0);
    let stream = &bytes[HEAD..HEAD + head.packed];
    let failed = |error: Error| match error {
        Error::OutOfMemory(_) => UnpackError::OutOfMemory,
        // The stream makes no sense: something changed it.
        _ => FormatError::Digest.into(),
    };
    let length = head.expanded as u64;
    let reader =
        LzmaReader::new(stream, length, LC, LP, PB, head.window, Some(machine.dictionary())).map_err(failed)?;
    match machine {
        Machine::X86_64 => BcjReader::new_x86(reader, 0).read_exact(&mut out),
        Machine::Aarch64 => BcjReader::new_arm64(reader, 0).read_exact(&mut out),
        Machine::Riscv64 => BcjReader::new_riscv(reader, 0).read_exact(&mut out),
        Machine::Bytecode => { reader }.read_exact(&mut out),
    }
    .map_err(failed)?;
    Ok(out)
}

/// As [`unpack`], for whichever machine it is.
///
/// # Errors
/// As [`unpack`].
#[cfg(feature = "unpack")]
pub fn unpack_any(bytes: &[u8]) -> Result<alloc::vec::Vec<u8>, UnpackError> {
    let number = head(bytes)?.machine;
    unpack(bytes, Machine::of(number).ok_or(FormatError::Packing(number))?)
}

/// Bits of the byte before that choose a model, of the position likewise, and of the position for matches.
#[cfg(feature = "unpack")]
pub(crate) const LC: u32 = 3;
#[cfg(feature = "unpack")]
pub(crate) const LP: u32 = 0;
#[cfg(feature = "unpack")]
pub(crate) const PB: u32 = 0;
