//! The whole.

use core::fmt;

use crate::cursor::Cursor;
use crate::step::{Step, Steps};

/// How a bundle begins.
pub const MAGIC: [u8; 16] = *b"minplat bundle 1";

/// Bytes before the table of modules.
pub(crate) const HEADER: usize = 36;

/// Stands for an offset where the module is the firmware's own.
pub(crate) const LINKED: u32 = u32::MAX;

/// Why bytes are no bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// None begins here.
    None,
    /// It is longer than the memory that it lies in, or a part is longer than the whole.
    Cut,
    /// A number or a text makes no sense.
    Damaged,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Problem::None => "no bundle lies there",
            Problem::Cut => "the bundle is cut: it is longer than the memory that it lies in",
            Problem::Damaged => "the bundle is damaged: a number or a text makes no sense",
        })
    }
}

/// A module of a bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Module<'a> {
    /// Its artifact.
    Bytes(&'a [u8]),
    /// The firmware has it: its number there.
    Linked(u32),
}

/// A bundle, where it lies.
#[derive(Clone, Copy, Debug)]
pub struct Bundle<'a> {
    bytes: &'a [u8],
    steps: &'a [u8],
    modules: &'a [u8],
    memory_limit: usize,
}

impl<'a> Bundle<'a> {
    /// Reads the header of the bundle that `memory` begins with; what is behind the bundle does not matter.
    ///
    /// # Errors
    /// There is none, or it is cut.
    pub fn read(memory: &'a [u8]) -> Result<Self, Problem> {
        let mut header = Cursor(memory);
        if header.bytes(MAGIC.len()) != Ok(&MAGIC) {
            return Err(Problem::None);
        }
        let mut number = || usize::try_from(header.u32()?).map_err(|_| Problem::Cut);
        let (len, steps_at, steps_len, modules) = (number()?, number()?, number()?, number()?);
        let memory_limit = number()?;
        let bytes = memory.get(..len).ok_or(Problem::Cut)?;
        let part = |at: usize, len: usize| bytes.get(at..at.checked_add(len)?);
        let table = modules.checked_mul(8).and_then(|len| part(HEADER, len)).ok_or(Problem::Cut)?;
        Ok(Self { bytes, steps: part(steps_at, steps_len).ok_or(Problem::Cut)?, modules: table, memory_limit })
    }

    /// How many bytes of memory the library may have, if fewer than there are.
    pub fn memory_limit(&self) -> Option<usize> {
        Some(self.memory_limit).filter(|limit| *limit > 0)
    }

    /// A module by its number.
    ///
    /// # Errors
    /// There is none with this number, or it is cut.
    pub fn module(&self, number: u32) -> Result<Module<'a>, Problem> {
        let at = usize::try_from(number).ok().and_then(|number| number.checked_mul(8)).ok_or(Problem::Damaged)?;
        let mut entry = Cursor(self.modules.get(at..).ok_or(Problem::Damaged)?);
        let (offset, len) = (entry.u32()?, entry.u32()?);
        if offset == LINKED {
            return Ok(Module::Linked(len));
        }
        let (offset, len) = (offset as usize, len as usize);
        let end = offset.checked_add(len).ok_or(Problem::Cut)?;
        self.bytes.get(offset..end).map(Module::Bytes).ok_or(Problem::Cut)
    }

    /// What there is to do.
    pub fn steps(&self) -> impl Iterator<Item = Result<Step<'a>, Problem>> + Clone + use<'a> {
        Steps(Cursor(self.steps))
    }
}
