//! Arguments, and what results must be.

use crate::Problem;
use crate::cursor::Cursor;

/// The kinds of `minplat_kind_t` that a bundle has values of.
pub mod kind {
    /// 32-bit integers.
    pub const I32: u8 = 0;
    /// 64-bit integers.
    pub const I64: u8 = 1;
    /// 32-bit floats.
    pub const F32: u8 = 2;
    /// 64-bit floats.
    pub const F64: u8 = 3;
    /// Vectors.
    pub const V128: u8 = 4;
    /// An i32 that was kept: the bits say where. An argument alone.
    pub const KEPT: u8 = 0xf0;
}

/// Bytes of a number of this kind in a bundle; 0 for references.
pub fn width(kind: u8) -> usize {
    match kind {
        kind::I32 | kind::F32 => 4,
        kind::I64 | kind::F64 => 8,
        kind::V128 => 16,
        kind::KEPT => 1,
        _ => 0,
    }
}

/// An argument: a number or a vector, or the null of a kind of references.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value {
    /// Its kind, as `minplat_kind_t` numbers it.
    pub kind: u8,
    /// Its bits, the lowest first; 0 for null.
    pub bits: u128,
}

/// What a result must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// A number of this kind whose bits are `bits` where `mask` has ones.
    Bits {
        /// The kind.
        kind: u8,
        /// Which bits count.
        mask: u128,
        /// What they are.
        bits: u128,
    },
    /// A null reference, of this kind if one is given.
    Null(Option<u8>),
    /// A reference of this kind that is not null.
    Reference(u8),
}

/// How a pattern is written.
pub(crate) mod form {
    pub(crate) const EXACT: u8 = 0;
    pub(crate) const MASKED: u8 = 1;
    pub(crate) const NULL: u8 = 2;
    pub(crate) const NULL_OF: u8 = 3;
    pub(crate) const REFERENCE: u8 = 4;
}

fn number(from: &mut Cursor<'_>, kind: u8) -> Result<u128, Problem> {
    let mut bytes = [0; 16];
    let given = from.bytes(width(kind))?;
    bytes[..given.len()].copy_from_slice(given);
    Ok(u128::from_le_bytes(bytes))
}

/// Values, one after the other.
#[derive(Clone, Copy, Debug)]
pub struct Values<'a>(pub(crate) Cursor<'a>);

impl Values<'_> {
    /// None at all.
    pub fn none() -> Self {
        Self(Cursor(&[]))
    }
}

impl Iterator for Values<'_> {
    type Item = Result<Value, Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        let kind = self.0.u8().ok()?;
        Some(number(&mut self.0, kind).map(|bits| Value { kind, bits }))
    }
}

/// Patterns, one after the other.
#[derive(Clone, Copy, Debug)]
pub struct Patterns<'a>(pub(crate) Cursor<'a>);

impl Iterator for Patterns<'_> {
    type Item = Result<Pattern, Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        let (form, from) = (self.0.u8().ok()?, &mut self.0);
        let mut pattern = || {
            let kind = if form == form::NULL { 0 } else { from.u8()? };
            Ok(match form {
                form::EXACT => Pattern::Bits { kind, mask: u128::MAX, bits: number(from, kind)? },
                form::MASKED => Pattern::Bits { kind, mask: number(from, kind)?, bits: number(from, kind)? },
                form::NULL => Pattern::Null(None),
                form::NULL_OF => Pattern::Null(Some(kind)),
                form::REFERENCE => Pattern::Reference(kind),
                _ => return Err(Problem::Damaged),
            })
        };
        Some(pattern())
    }
}
