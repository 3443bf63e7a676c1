//! Types of values, imports and exports, copied out of the library.

use std::fmt;

use super::api::Api;
use super::error::string;
use super::ffi;

pub use super::ffi::minplat_limits_type_t as LimitsType;

/// The kind of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Kind {
    /// A 32-bit integer.
    I32 = ffi::MINPLAT_I32,
    /// A 64-bit integer.
    I64 = ffi::MINPLAT_I64,
    /// A 32-bit float.
    F32 = ffi::MINPLAT_F32,
    /// A 64-bit float.
    F64 = ffi::MINPLAT_F64,
    /// 128 bits.
    V128 = ffi::MINPLAT_V128,
    /// A reference to a function.
    FuncRef = ffi::MINPLAT_FUNCREF,
    /// A reference to something of the host's.
    ExternRef = ffi::MINPLAT_EXTERNREF,
    /// A reference that the library has no form for.
    OtherRef = ffi::MINPLAT_OTHERREF,
    /// A reference of the GC proposal.
    AnyRef = ffi::MINPLAT_ANYREF,
    /// A reference to an exception.
    ExnRef = ffi::MINPLAT_EXNREF,
}

impl Kind {
    const ALL: [Kind; 10] = [
        Kind::I32,
        Kind::I64,
        Kind::F32,
        Kind::F64,
        Kind::V128,
        Kind::FuncRef,
        Kind::ExternRef,
        Kind::OtherRef,
        Kind::AnyRef,
        Kind::ExnRef,
    ];

    /// The C API's number.
    pub fn number(self) -> ffi::minplat_kind_t {
        self as ffi::minplat_kind_t
    }

    /// The kind with this number; numbers that are not known are other references.
    #[must_use]
    pub fn from_number(number: ffi::minplat_kind_t) -> Self {
        Self::ALL.into_iter().find(|kind| kind.number() == number).unwrap_or(Kind::OtherRef)
    }

    /// The name that WebAssembly text has for it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::I32 => "i32",
            Kind::I64 => "i64",
            Kind::F32 => "f32",
            Kind::F64 => "f64",
            Kind::V128 => "v128",
            Kind::FuncRef => "funcref",
            Kind::ExternRef => "externref",
            Kind::OtherRef => "ref",
            Kind::AnyRef => "anyref",
            Kind::ExnRef => "exnref",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The type of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FuncType {
    /// What it takes.
    pub params: Vec<Kind>,
    /// What it gives.
    pub results: Vec<Kind>,
}

impl fmt::Display for FuncType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |kinds: &[Kind]| kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", ");
        write!(f, "({}) -> ({})", list(&self.params), list(&self.results))
    }
}

/// What an import or export is, with its type.
#[derive(Clone, Debug)]
pub enum ExternKind {
    /// A function.
    Func(FuncType),
    /// A table of elements of a kind.
    Table(Kind, LimitsType),
    /// A linear memory.
    Memory(LimitsType),
    /// A global, and whether it can change.
    Global(Kind, bool),
    /// An exception tag.
    Tag,
}

/// An import or an export.
#[derive(Clone, Debug)]
pub struct ExternType {
    /// The module that an import names; empty for an export.
    pub module: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: ExternKind,
}

impl fmt::Display for ExternKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let limits = |limits: &LimitsType| match limits.maximum {
            u64::MAX => format!("{}", limits.minimum),
            maximum => format!("{} {maximum}", limits.minimum),
        };
        match self {
            ExternKind::Func(ty) => write!(f, "func {ty}"),
            ExternKind::Table(element, ty) => write!(f, "table {} {element}", limits(ty)),
            ExternKind::Memory(ty) => {
                let shared = if ty.is_shared { " shared" } else { "" };
                write!(f, "memory {}{}{shared}", if ty.is_64 { "i64 " } else { "" }, limits(ty))
            }
            ExternKind::Global(content, true) => write!(f, "global (mut {content})"),
            ExternKind::Global(content, false) => write!(f, "global {content}"),
            ExternKind::Tag => f.write_str("tag"),
        }
    }
}

impl ExternType {
    /// Copies a type, and gives the original back to the library.
    ///
    /// # Safety
    /// `raw` is an owned type of `api`'s library.
    pub(super) unsafe fn take(api: &Api, raw: *mut ffi::minplat_externtype_t) -> Self {
        // SAFETY: the type is alive until it is deleted below; everything borrowed from it is copied before.
        unsafe {
            let mut len = 0;
            let module = api.externtype_module(raw, &mut len);
            let module = string(module, len).unwrap_or_default();
            let name = api.externtype_name(raw, &mut len);
            let name = string(name, len).unwrap_or_default();
            let content = Kind::from_number(api.externtype_content(raw));
            let mut limits = LimitsType::default();
            api.externtype_limits(raw, &mut limits);
            let kind = match api.externtype_kind(raw) {
                ffi::MINPLAT_EXTERN_FUNC => ExternKind::Func(FuncType {
                    params: (0..api.externtype_param_count(raw))
                        .map(|i| Kind::from_number(api.externtype_param(raw, i)))
                        .collect(),
                    results: (0..api.externtype_result_count(raw))
                        .map(|i| Kind::from_number(api.externtype_result(raw, i)))
                        .collect(),
                }),
                ffi::MINPLAT_EXTERN_TABLE => ExternKind::Table(content, limits),
                ffi::MINPLAT_EXTERN_MEMORY => ExternKind::Memory(limits),
                ffi::MINPLAT_EXTERN_GLOBAL => ExternKind::Global(content, api.externtype_mutable(raw)),
                _ => ExternKind::Tag,
            };
            api.externtype_delete(raw);
            Self { module, name, kind }
        }
    }
}
