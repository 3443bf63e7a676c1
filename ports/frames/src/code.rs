//! Protections and codes of errors, as the functions of `wasmtime-platform.h` pass them.

use page_table_entry::MappingFlags;

/// Why a function refuses: the numbers that Linux has for it, so that "os error 12" says the same on every machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Error {
    /// No frames, or no address space, are left (ENOMEM).
    OutOfMemory = 12,
    /// The range was not given out, or is not the machine's to protect (EFAULT).
    NotMapped = 14,
    /// An address that is no multiple of a page, a size of zero, WRITE and EXEC together (EINVAL).
    Argument = 22,
}

/// What may be done with pages. Never writing and executing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    /// Nothing.
    None,
    /// Reading.
    Read,
    /// Reading and writing.
    ReadWrite,
    /// Reading and executing.
    ReadExecute,
}

impl Protection {
    /// From `WASMTIME_PROT_*`. WRITE alone or EXEC alone includes READ: not every architecture has less.
    ///
    /// # Errors
    /// [`Error::Argument`]: WRITE and EXEC together, or bits that mean nothing.
    pub fn from_bits(bits: u32) -> Result<Self, Error> {
        match bits {
            0 => Ok(Self::None),
            1 => Ok(Self::Read),
            2 | 3 => Ok(Self::ReadWrite),
            4 | 5 => Ok(Self::ReadExecute),
            _ => Err(Error::Argument),
        }
    }

    /// As flags of an entry.
    pub(crate) fn flags(self) -> MappingFlags {
        match self {
            Self::None => MappingFlags::empty(),
            Self::Read => MappingFlags::READ,
            Self::ReadWrite => MappingFlags::READ | MappingFlags::WRITE,
            Self::ReadExecute => MappingFlags::READ | MappingFlags::EXECUTE,
        }
    }
}
