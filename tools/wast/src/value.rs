//! Arguments of a script.

use minplat_host::{Kind, Value};
use wast::core::{AbstractHeapType, HeapType, WastArgCore};

/// An argument as the script has it.
#[derive(Debug)]
pub(crate) enum Arg {
    /// A number or a vector.
    Value(Value),
    /// Null of a kind; none for a type that a module defines: the parameter says what it is.
    Null(Option<Kind>),
    /// An externref to the host's thing of this number.
    Extern(u32),
    /// The same as anyref.
    Host(u32),
}

impl Arg {
    /// Reads an argument.
    pub(crate) fn of(arg: &WastArgCore<'_>) -> Self {
        match arg {
            WastArgCore::I32(v) => Arg::Value(Value::I32(*v)),
            WastArgCore::I64(v) => Arg::Value(Value::I64(*v)),
            WastArgCore::F32(v) => Arg::Value(Value::F32(v.bits)),
            WastArgCore::F64(v) => Arg::Value(Value::F64(v.bits)),
            WastArgCore::V128(v) => Arg::Value(Value::V128(u128::from_le_bytes(v.to_le_bytes()))),
            WastArgCore::RefNull(ty) => Arg::Null(kind(ty)),
            WastArgCore::RefExtern(number) => Arg::Extern(*number),
            WastArgCore::RefHost(number) => Arg::Host(*number),
        }
    }
}

/// The kind of the references to a heap type; none for a type that a module defines.
pub(crate) fn kind(ty: &HeapType<'_>) -> Option<Kind> {
    let HeapType::Abstract { ty, .. } = ty else { return None };
    Some(match ty {
        AbstractHeapType::Func | AbstractHeapType::NoFunc => Kind::FuncRef,
        AbstractHeapType::Extern | AbstractHeapType::NoExtern => Kind::ExternRef,
        AbstractHeapType::Exn | AbstractHeapType::NoExn => Kind::ExnRef,
        AbstractHeapType::Cont | AbstractHeapType::NoCont => Kind::OtherRef,
        AbstractHeapType::Any
        | AbstractHeapType::Eq
        | AbstractHeapType::Struct
        | AbstractHeapType::Array
        | AbstractHeapType::I31
        | AbstractHeapType::None => Kind::AnyRef,
    })
}
