//! Values of a bundle and of the library.

use minplat_bundle::value::width;
use minplat_bundle::{Pattern, Value};
use minplat_sys::{MINPLAT_FUNCREF, minplat_value_t, minplat_value_union_t};

use crate::Board;
use crate::record::Record;

/// A place for a result.
pub const NOTHING: minplat_value_t = minplat_value_t { kind: 0, of: minplat_value_union_t { v128: [0; 16] } };

/// An argument as the library takes it.
pub fn argument(value: Value) -> minplat_value_t {
    let mut of = minplat_value_union_t { v128: [0; 16] };
    // All of them start at the first byte, and numbers are little-endian on every machine that modules are compiled for.
    if width(value.kind) > 0 {
        of.v128 = value.bits.to_le_bytes();
    } else {
        of.funcref = minplat_sys::minplat_func_t::default();
    }
    minplat_value_t { kind: value.kind, of }
}

/// The bits of a number.
pub fn bits(value: &minplat_value_t) -> u128 {
    let width = width(value.kind);
    // SAFETY: a value from the library, of a kind that has so many bytes.
    unsafe {
        match width {
            4 => u128::from(value.of.i32.cast_unsigned()),
            8 => u128::from(value.of.i64.cast_unsigned()),
            16 => u128::from_le_bytes(value.of.v128),
            _ => 0,
        }
    }
}

/// Whether a reference is null.
fn is_null(value: &minplat_value_t) -> bool {
    // SAFETY: a value from the library, of a kind of references.
    unsafe { if value.kind == MINPLAT_FUNCREF { value.of.funcref.store == 0 } else { value.of.reference.opaque == 0 } }
}

/// Whether a result is as it must be.
pub fn matches(value: &minplat_value_t, pattern: Pattern) -> bool {
    let is_reference = width(value.kind) == 0;
    match pattern {
        Pattern::Bits { kind, mask, bits: wanted } => {
            !is_reference && kind == value.kind && bits(value) & mask == wanted & mask
        }
        Pattern::Null(kind) => is_reference && kind.is_none_or(|kind| kind == value.kind) && is_null(value),
        Pattern::Reference(kind) => is_reference && kind == value.kind && !is_null(value),
    }
}

/// Tells a value in a record of its own.
pub fn tell(board: &dyn Board, word: &str, value: &minplat_value_t) {
    add(Record::new(board, word), value).end();
}

/// Adds a value to a record: its kind, and its bits in hexadecimal.
pub fn add<'a>(record: Record<'a>, value: &minplat_value_t) -> Record<'a> {
    let record = record.number(value.kind.into());
    match width(value.kind) {
        0 => record.field(if is_null(value) { "null" } else { "ref" }),
        width => {
            let bits = bits(value);
            if width == 16 {
                record.with(format_args!("{:016x}{:016x}", (bits >> 64) as u64, bits as u64))
            } else {
                record.with(format_args!("{:x}", bits as u64))
            }
        }
    }
}
