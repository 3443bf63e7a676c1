//! Values, in C's form, as compiled code passes them (`ValRaw`), and as Wasmtime's globals and tables take them (`Val`).

use core::mem::MaybeUninit;
use core::ptr;

use minplat::wasmtime::{Func, HeapType, Ref, RefType, Val, ValRaw, ValType};

use crate::error::{Failure, minplat_error_code_t as code};
use crate::func::minplat_func_t;
use crate::store::Context;
use crate::types::{
    MINPLAT_ANYREF, MINPLAT_EXNREF, MINPLAT_EXTERNREF, MINPLAT_F32, MINPLAT_F64, MINPLAT_FUNCREF, MINPLAT_I32,
    MINPLAT_I64, MINPLAT_OTHERREF, MINPLAT_V128, kind_of, minplat_kind_t,
};

/// A reference to something that a collector owns, valid with its store. All zeros: null. It keeps the kind of the value that it
/// came in. What it refers to is kept alive until the innermost scope ends that was open when the handle came to be: a
/// host function's call, or `minplat_scope_enter`'s; without one, until the store is deleted. A handle from a scope that
/// ended is MINPLAT_ERROR_ARGUMENT. To keep something longer: `minplat_root_new`, or a global or table of the host's own.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct minplat_ref_t {
    /// The store's number, with the kind of reference in the topmost byte; 0 for null, and for a reference that the library does not keep: any without runtime.gc, and a
    /// MINPLAT_OTHERREF.
    pub store: u64,
    /// Which; opaque. 0 for null; not 0 for a reference that is not kept.
    pub opaque: MaybeUninit<u64>,
}

impl minplat_ref_t {
    #[cfg(feature = "gc")]
    pub(crate) const NULL: Self = Self { store: 0, opaque: MaybeUninit::new(0) };

    pub(crate) fn is_null(&self) -> bool {
        // SAFETY: a handle without a store was written as numbers.
        self.store == 0 && unsafe { self.opaque.assume_init() } == 0
    }
}

/// What a value is, by its kind.
#[repr(C)]
#[derive(Clone, Copy)]
pub union minplat_value_union_t {
    /// MINPLAT_I32.
    pub i32: i32,
    /// MINPLAT_I64.
    pub i64: i64,
    /// MINPLAT_F32.
    pub f32: f32,
    /// MINPLAT_F64.
    pub f64: f64,
    /// MINPLAT_V128: the bytes in little-endian order, lane 0 first.
    pub v128: [u8; 16],
    /// MINPLAT_FUNCREF; all zeros: null.
    pub funcref: minplat_func_t,
    /// MINPLAT_EXTERNREF, MINPLAT_ANYREF, MINPLAT_EXNREF and MINPLAT_OTHERREF.
    pub reference: minplat_ref_t,
}

/// A value with its kind.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct minplat_value_t {
    /// Which member of `of` it is.
    pub kind: minplat_kind_t,
    /// The value.
    pub of: minplat_value_union_t,
}

impl minplat_value_t {
    /// The kind's zero, or null.
    pub(crate) const fn zero(kind: minplat_kind_t) -> Self {
        Self { kind, of: minplat_value_union_t { v128: [0; 16] } }
    }

    /// A reference of a kind.
    #[cfg(feature = "gc")]
    pub(crate) const fn reference(kind: minplat_kind_t, reference: minplat_ref_t) -> Self {
        Self { kind, of: minplat_value_union_t { reference } }
    }
}

#[cold]
pub(crate) fn mismatch() -> Failure {
    Failure::new(
        code::MINPLAT_ERROR_TYPE,
        "a value does not fit its type: see the kinds of the function, global or table",
    )
}

/// The type behind a kind that the host can make values of.
pub(crate) fn type_of(kind: minplat_kind_t) -> Option<ValType> {
    Some(match kind {
        MINPLAT_I32 => ValType::I32,
        MINPLAT_I64 => ValType::I64,
        MINPLAT_F32 => ValType::F32,
        MINPLAT_F64 => ValType::F64,
        MINPLAT_V128 => ValType::V128,
        MINPLAT_FUNCREF => ValType::FUNCREF,
        #[cfg(feature = "gc")]
        MINPLAT_EXTERNREF => ValType::EXTERNREF,
        #[cfg(feature = "gc")]
        MINPLAT_ANYREF => ValType::ANYREF,
        #[cfg(feature = "gc")]
        MINPLAT_EXNREF => ValType::EXNREF,
        _ => return None,
    })
}

/// A value as compiled code takes it, if it fits the type.
pub(crate) fn lower(context: &mut Context<'_>, value: &minplat_value_t, ty: &ValType) -> Result<ValRaw, Failure> {
    if value.kind != kind_of(ty) {
        return Err(mismatch());
    }
    // SAFETY: the kind says which member was written; those of numbers take any bits.
    Ok(unsafe {
        match ty {
            ValType::I32 => ValRaw::i32(value.of.i32),
            ValType::I64 => ValRaw::i64(value.of.i64),
            ValType::F32 => ValRaw::f32(value.of.f32.to_bits()),
            ValType::F64 => ValRaw::f64(value.of.f64.to_bits()),
            ValType::V128 => ValRaw::v128(u128::from_le_bytes(value.of.v128)),
            ValType::Ref(ty) => match reference(context, value, ty)? {
                Ref::Func(Some(func)) => ValRaw::funcref(func.to_raw(&mut *context)),
                #[cfg(feature = "gc")]
                Ref::Extern(Some(rooted)) => ValRaw::externref(rooted.to_raw(&mut *context).map_err(gc::stale)?),
                #[cfg(feature = "gc")]
                Ref::Any(Some(rooted)) => ValRaw::anyref(rooted.to_raw(&mut *context).map_err(gc::stale)?),
                #[cfg(feature = "gc")]
                Ref::Exn(Some(rooted)) => ValRaw::exnref(rooted.to_raw(&mut *context).map_err(gc::stale)?),
                // Null of every hierarchy is zero.
                _ => ValRaw::funcref(ptr::null_mut()),
            },
        }
    })
}

/// A value that compiled code passed.
///
/// # Safety
/// `raw` is of this type and came from this store.
pub(crate) unsafe fn lift(
    context: &mut Context<'_>,
    raw: &ValRaw,
    kind: minplat_kind_t,
) -> Result<minplat_value_t, Failure> {
    let mut value = minplat_value_t::zero(kind);
    match kind {
        MINPLAT_I32 => value.of.i32 = raw.get_i32(),
        MINPLAT_I64 => value.of.i64 = raw.get_i64(),
        MINPLAT_F32 => value.of.f32 = f32::from_bits(raw.get_f32()),
        MINPLAT_F64 => value.of.f64 = f64::from_bits(raw.get_f64()),
        MINPLAT_V128 => value.of.v128 = raw.get_v128().to_le_bytes(),
        MINPLAT_FUNCREF => {
            // SAFETY: the caller's contract is the function's own.
            if let Some(func) = unsafe { Func::from_raw(&mut *context, raw.get_funcref()) } {
                value.of.funcref = minplat_func_t::new(context, func);
            }
        }
        #[cfg(feature = "gc")]
        MINPLAT_EXTERNREF => {
            let rooted = minplat::wasmtime::ExternRef::from_raw(&mut *context, raw.get_externref());
            value.of.reference = minplat_ref_t::of(context, rooted);
        }
        #[cfg(feature = "gc")]
        MINPLAT_ANYREF => {
            let rooted = minplat::wasmtime::AnyRef::from_raw(&mut *context, raw.get_anyref());
            value.of.reference = minplat_ref_t::of(context, rooted);
        }
        #[cfg(feature = "gc")]
        MINPLAT_EXNREF => {
            let rooted = minplat::wasmtime::ExnRef::from_raw(&mut *context, raw.get_exnref());
            value.of.reference = minplat_ref_t::of(context, rooted);
        }
        // Only whether it is null.
        _ => value.of.reference.opaque = MaybeUninit::new(u64::from(raw.get_anyref())),
    }
    Ok(value)
}

/// A reference, if it fits the type.
pub(crate) fn reference(context: &Context<'_>, value: &minplat_value_t, ty: &RefType) -> Result<Ref, Failure> {
    // SAFETY: the kind says which member was written, and handles take any bits.
    let (function, other) = unsafe { (value.of.funcref, value.of.reference) };
    let is_null = match value.kind {
        MINPLAT_FUNCREF => function.is_null(),
        _ => other.is_null(),
    };
    if is_null {
        return if ty.is_nullable() { Ok(Ref::null(ty.heap_type())) } else { Err(mismatch()) };
    }
    match (value.kind, ty.heap_type()) {
        (MINPLAT_FUNCREF, heap) => {
            let func = function.get(context)?;
            match heap {
                HeapType::Func => Ok(Ref::Func(Some(func))),
                HeapType::ConcreteFunc(ty) if func.matches_ty(context, ty) => Ok(Ref::Func(Some(func))),
                _ => Err(mismatch()),
            }
        }
        #[cfg(feature = "gc")]
        (MINPLAT_EXTERNREF, HeapType::Extern) => Ok(Ref::Extern(Some(other.rooted(context)?))),
        #[cfg(feature = "gc")]
        (MINPLAT_ANYREF, heap) => {
            let any = other.rooted::<minplat::wasmtime::AnyRef>(context)?;
            if any.matches_ty(context, heap).map_err(gc::stale)? { Ok(Ref::Any(Some(any))) } else { Err(mismatch()) }
        }
        #[cfg(feature = "gc")]
        (MINPLAT_EXNREF, heap) => {
            let exn = other.rooted::<minplat::wasmtime::ExnRef>(context)?;
            if exn.matches_ty(context, heap).map_err(gc::stale)? { Ok(Ref::Exn(Some(exn))) } else { Err(mismatch()) }
        }
        _ => Err(Failure::new(
            code::MINPLAT_ERROR_UNSUPPORTED,
            "references of this kind cannot be given by the host, except null, where the platform has no runtime.gc",
        )),
    }
}

/// A value as globals take it, if it fits the type.
pub(crate) fn val(context: &Context<'_>, value: &minplat_value_t, ty: &ValType) -> Result<Val, Failure> {
    if value.kind != kind_of(ty) {
        return Err(mismatch());
    }
    // SAFETY: the kind says which member was written; those of numbers take any bits.
    Ok(unsafe {
        match ty {
            ValType::I32 => Val::I32(value.of.i32),
            ValType::I64 => Val::I64(value.of.i64),
            ValType::F32 => Val::F32(value.of.f32.to_bits()),
            ValType::F64 => Val::F64(value.of.f64.to_bits()),
            ValType::V128 => Val::V128(u128::from_le_bytes(value.of.v128).into()),
            ValType::Ref(ty) => reference(context, value, ty)?.into(),
        }
    })
}

/// A global's value in C's form.
pub(crate) fn from_val(context: &mut Context<'_>, val: &Val) -> minplat_value_t {
    let (kind, of) = match val {
        Val::I32(i32) => (MINPLAT_I32, minplat_value_union_t { i32: *i32 }),
        Val::I64(i64) => (MINPLAT_I64, minplat_value_union_t { i64: *i64 }),
        Val::F32(bits) => (MINPLAT_F32, minplat_value_union_t { f32: f32::from_bits(*bits) }),
        Val::F64(bits) => (MINPLAT_F64, minplat_value_union_t { f64: f64::from_bits(*bits) }),
        Val::V128(v128) => (MINPLAT_V128, minplat_value_union_t { v128: v128.as_u128().to_le_bytes() }),
        Val::FuncRef(func) => return from_ref(context, &Ref::Func(*func)),
        Val::ExternRef(rooted) => return from_ref(context, &Ref::Extern(*rooted)),
        Val::AnyRef(any) => return from_ref(context, &Ref::Any(*any)),
        Val::ExnRef(exn) => return from_ref(context, &Ref::Exn(*exn)),
        Val::ContRef(cont) => return other(cont.is_some()),
    };
    minplat_value_t { kind, of }
}

/// A table's element in C's form.
pub(crate) fn from_ref(context: &mut Context<'_>, reference: &Ref) -> minplat_value_t {
    match reference {
        Ref::Func(None) => minplat_value_t::zero(MINPLAT_FUNCREF),
        Ref::Func(Some(func)) => {
            let of = minplat_value_union_t { funcref: minplat_func_t::new(context, *func) };
            minplat_value_t { kind: MINPLAT_FUNCREF, of }
        }
        #[cfg(feature = "gc")]
        Ref::Extern(rooted) => minplat_value_t::reference(MINPLAT_EXTERNREF, minplat_ref_t::of(context, *rooted)),
        #[cfg(feature = "gc")]
        Ref::Any(rooted) => minplat_value_t::reference(MINPLAT_ANYREF, minplat_ref_t::of(context, *rooted)),
        #[cfg(feature = "gc")]
        Ref::Exn(rooted) => minplat_value_t::reference(MINPLAT_EXNREF, minplat_ref_t::of(context, *rooted)),
        // Without a collector there is nothing but null.
        #[cfg(not(feature = "gc"))]
        Ref::Extern(_) => minplat_value_t::zero(MINPLAT_EXTERNREF),
        #[cfg(not(feature = "gc"))]
        Ref::Any(_) => minplat_value_t::zero(MINPLAT_ANYREF),
        #[cfg(not(feature = "gc"))]
        Ref::Exn(_) => minplat_value_t::zero(MINPLAT_EXNREF),
    }
}

fn other(is_some: bool) -> minplat_value_t {
    let mut value = minplat_value_t::zero(MINPLAT_OTHERREF);
    value.of.reference.opaque = MaybeUninit::new(u64::from(is_some));
    value
}

#[cfg(feature = "gc")]
pub(crate) mod gc {
    use minplat::wasmtime::{AnyRef, Error, ExnRef, ExternRef, GcRef, Rooted};

    use super::{Context, minplat_ref_t};
    use crate::error::{Failure, minplat_error_code_t as code};
    use crate::handle::mark;
    use crate::types::{MINPLAT_ANYREF, MINPLAT_EXNREF, MINPLAT_EXTERNREF, minplat_kind_t};

    const fn fits<T: GcRef>() -> bool {
        size_of::<Rooted<T>>() == size_of::<minplat_ref_t>() && align_of::<Rooted<T>>() <= align_of::<minplat_ref_t>()
    }
    const _: () = assert!(fits::<ExternRef>() && fits::<AnyRef>() && fits::<ExnRef>());

    /// What handles of references are marked with: none of an extern's kinds, which share a union with them.
    pub(crate) trait Kind: GcRef {
        const KIND: minplat_kind_t;
    }

    impl Kind for ExternRef {
        const KIND: minplat_kind_t = MINPLAT_EXTERNREF;
    }
    impl Kind for AnyRef {
        const KIND: minplat_kind_t = MINPLAT_ANYREF;
    }
    impl Kind for ExnRef {
        const KIND: minplat_kind_t = MINPLAT_EXNREF;
    }

    impl minplat_ref_t {
        /// The C form of a reference or of null.
        pub(crate) fn of<T: Kind>(context: &mut Context<'_>, rooted: Option<Rooted<T>>) -> Self {
            let Some(rooted) = rooted else { return Self::NULL };
            let mut handle = Self::NULL;
            // SAFETY: size and alignment fit; the store's number is at the front, and the rest may be anything.
            unsafe { (&raw mut handle).cast::<Rooted<T>>().write(rooted) };
            crate::store::give(context, handle.store);
            handle.store ^= mark(T::KIND);
            handle
        }

        /// What it stands for, if it is of this kind and the store owns it.
        pub(crate) fn rooted<T: Kind>(&self, context: &Context<'_>) -> Result<Rooted<T>, Failure> {
            let mut handle = *self;
            handle.store ^= mark(T::KIND);
            crate::store::owns(context, handle.store)?;
            // SAFETY: a reference of this kind that a store owns was made by `of`.
            Ok(unsafe { (&raw const handle).cast::<Rooted<T>>().read() })
        }

        /// What it stands for, whatever kind of reference it is: for what is alike for all of them.
        pub(crate) fn rooted_any(&self, context: &Context<'_>) -> Result<Rooted<AnyRef>, Failure> {
            let kind = (self.store >> 56) as minplat_kind_t;
            let mut handle = *self;
            if let MINPLAT_EXTERNREF | MINPLAT_ANYREF | MINPLAT_EXNREF = kind {
                handle.store ^= mark(kind) ^ mark(AnyRef::KIND);
            }
            handle.rooted(context)
        }

        /// The number of the store that it is of.
        pub(crate) fn owner(&self) -> u64 {
            self.store & !mark(u8::MAX)
        }
    }

    /// What Wasmtime says of a handle whose scope ended.
    #[cold]
    pub(crate) fn stale(error: Error) -> Failure {
        Failure::wasmtime(error, code::MINPLAT_ERROR_ARGUMENT)
    }
}
