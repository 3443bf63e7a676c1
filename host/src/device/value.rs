//! Values.

use super::error::{Error, ErrorCode};
use super::ffi;
use super::func::Func;
use super::store::StoreId;
use super::types::Kind;

/// A value of a guest. Floats are their bits: a NaN stays the NaN that it is.
#[derive(Clone, Copy, Debug)]
pub enum Value {
    /// A 32-bit integer.
    I32(i32),
    /// A 64-bit integer.
    I64(i64),
    /// The bits of a 32-bit float.
    F32(u32),
    /// The bits of a 64-bit float.
    F64(u64),
    /// 128 bits, lane 0 lowest.
    V128(u128),
    /// A function, or null.
    FuncRef(Option<Func>),
    /// A reference to something of the host's, or null.
    ExternRef(Option<Reference>),
    /// A reference that the library has no form for, or null.
    OtherRef(Option<Reference>),
    /// A reference of the GC proposal, or null.
    AnyRef(Option<Reference>),
    /// A reference to an exception, or null.
    ExnRef(Option<Reference>),
}

/// A reference that a guest gave: to pass on to the same store, nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference {
    raw: ffi::minplat_ref_t,
    store: StoreId,
}

impl Reference {
    /// As C has it, null included, for a store.
    pub(super) fn to_raw(reference: Option<Self>, store: StoreId) -> Result<ffi::minplat_ref_t, Error> {
        match reference {
            None => Ok(ffi::minplat_ref_t::default()),
            Some(reference) if reference.store == store => Ok(reference.raw),
            Some(_) => Err(Error::foreign("reference")),
        }
    }

    /// Null is all zeros; of references that cannot be given back, the library says no more than that they are not null.
    pub(super) fn from_raw(raw: ffi::minplat_ref_t, store: StoreId) -> Option<Self> {
        (raw != ffi::minplat_ref_t::default()).then_some(Self { raw, store })
    }
}

impl From<f32> for Value {
    fn from(float: f32) -> Self {
        Value::F32(float.to_bits())
    }
}

impl From<f64> for Value {
    fn from(float: f64) -> Self {
        Value::F64(float.to_bits())
    }
}

impl PartialEq for Value {
    /// Bit by bit. Two functions are equal only as null: references to them cannot be compared. Other references are equal
    /// if they are one that was copied: the library gives a new one each time.
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Value::I32(a), Value::I32(b)) => a == b,
            (Value::I64(a), Value::I64(b)) => a == b,
            (Value::F32(a), Value::F32(b)) => a == b,
            (Value::F64(a), Value::F64(b)) => a == b,
            (Value::V128(a), Value::V128(b)) => a == b,
            (Value::FuncRef(a), Value::FuncRef(b)) => a.is_none() && b.is_none(),
            (Value::ExternRef(a), Value::ExternRef(b))
            | (Value::OtherRef(a), Value::OtherRef(b))
            | (Value::AnyRef(a), Value::AnyRef(b))
            | (Value::ExnRef(a), Value::ExnRef(b)) => a == b,
            _ => false,
        }
    }
}

impl Value {
    /// Zero, or null.
    pub fn zero(kind: Kind) -> Self {
        match kind {
            Kind::I32 => Value::I32(0),
            Kind::I64 => Value::I64(0),
            Kind::F32 => Value::F32(0),
            Kind::F64 => Value::F64(0),
            Kind::V128 => Value::V128(0),
            Kind::FuncRef => Value::FuncRef(None),
            Kind::ExternRef => Value::ExternRef(None),
            Kind::OtherRef => Value::OtherRef(None),
            Kind::AnyRef => Value::AnyRef(None),
            Kind::ExnRef => Value::ExnRef(None),
        }
    }

    /// Its kind.
    pub fn kind(&self) -> Kind {
        match self {
            Value::I32(_) => Kind::I32,
            Value::I64(_) => Kind::I64,
            Value::F32(_) => Kind::F32,
            Value::F64(_) => Kind::F64,
            Value::V128(_) => Kind::V128,
            Value::FuncRef(_) => Kind::FuncRef,
            Value::ExternRef(_) => Kind::ExternRef,
            Value::OtherRef(_) => Kind::OtherRef,
            Value::AnyRef(_) => Kind::AnyRef,
            Value::ExnRef(_) => Kind::ExnRef,
        }
    }

    /// As C has it, for a store.
    pub(super) fn to_raw(self, store: StoreId) -> Result<ffi::minplat_value_t, Error> {
        // All bytes are set, so that C never sees what Rust would call uninitialised.
        let mut of = ffi::minplat_value_union_t { v128: [0; 16] };
        match self {
            Value::I32(v) => of.i32 = v,
            Value::I64(v) => of.i64 = v,
            Value::F32(v) => of.f32 = v,
            Value::F64(v) => of.f64 = v,
            Value::V128(v) => of.v128 = v.to_le_bytes(),
            Value::FuncRef(None) => of.funcref = ffi::minplat_func_t::default(),
            Value::FuncRef(Some(func)) => {
                if func.store != store {
                    return Err(Error::foreign("function"));
                }
                of.funcref = func.raw;
            }
            Value::ExternRef(v) | Value::OtherRef(v) | Value::AnyRef(v) | Value::ExnRef(v) => {
                of.reference = Reference::to_raw(v, store)?
            }
        }
        Ok(ffi::minplat_value_t { kind: self.kind().number(), of })
    }

    /// From C, out of a store.
    pub(super) fn from_raw(raw: &ffi::minplat_value_t, store: StoreId) -> Result<Self, Error> {
        // SAFETY: the library fills the field that the kind names, and every field takes any bits.
        unsafe {
            Ok(match Kind::from_number(raw.kind) {
                Kind::I32 => Value::I32(raw.of.i32),
                Kind::I64 => Value::I64(raw.of.i64),
                Kind::F32 => Value::F32(raw.of.f32),
                Kind::F64 => Value::F64(raw.of.f64),
                Kind::V128 => Value::V128(u128::from_le_bytes(raw.of.v128)),
                Kind::FuncRef if raw.of.funcref.store == 0 => Value::FuncRef(None),
                Kind::FuncRef => Value::FuncRef(Some(Func { raw: raw.of.funcref, store })),
                Kind::ExternRef => Value::ExternRef(Reference::from_raw(raw.of.reference, store)),
                Kind::OtherRef => Value::OtherRef(Reference::from_raw(raw.of.reference, store)),
                Kind::AnyRef => Value::AnyRef(Reference::from_raw(raw.of.reference, store)),
                Kind::ExnRef => Value::ExnRef(Reference::from_raw(raw.of.reference, store)),
            })
        }
    }

    /// The values as C has them.
    pub(super) fn all_to_raw(values: &[Value], store: StoreId) -> Result<Vec<ffi::minplat_value_t>, Error> {
        values.iter().map(|value| value.to_raw(store)).collect()
    }
}

/// An error about kinds.
pub(super) fn mismatch(what: impl Into<String>) -> Error {
    Error::new(ErrorCode::TYPE, what)
}
