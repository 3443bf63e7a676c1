//! A platform with a collector.

use alloc::vec::Vec;
use core::ffi::c_void;
use core::mem::MaybeUninit;

use minplat::wasmtime::{
    AnyRef, AsContext, AsContextMut, Error, ExnRef, ExnRefPre, ExnType, ExternRef, GcHeapOutOfMemory, HeapType, I31,
    OwnedRooted, RootScope, Rooted, StoreContext, Tag, Val,
};

use crate::args::{boxed, items, out, place, required, required_mut};
use crate::error::{Failure, minplat_error_code_t as code};
use crate::host_func::Env;
use crate::raw::minplat_raw_t;
use crate::reference::{minplat_root_t, minplat_scope_t};
use crate::store::{Context, Data, attempt, context, minplat_context_t};
use crate::tag::minplat_tag_t;
use crate::types::{MINPLAT_ANYREF, MINPLAT_EXNREF, MINPLAT_EXTERNREF, heap_of, minplat_heap_t, minplat_kind_t};
use crate::value::gc::{Kind, stale};
use crate::value::{from_val, lift, minplat_ref_t, minplat_value_t, mismatch, val};

fn full(error: Error) -> Failure {
    Failure::wasmtime(error, code::MINPLAT_ERROR_OUT_OF_MEMORY)
}

/// Makes something on the collector's heap. The first makes the heap, too: if that fails, it does not count. One that is
/// full stays.
fn allocate<T>(
    context: &mut Context<'_>,
    make: impl FnOnce(&mut Context<'_>) -> Result<T, Error>,
) -> Result<T, Failure> {
    let made = attempt(context, |context| match make(context) {
        Err(error) if error.is::<GcHeapOutOfMemory<Env>>() || error.is::<GcHeapOutOfMemory<()>>() => Ok(Err(error)),
        made => made.map(Ok),
    });
    made.and_then(|made| made).map_err(full)
}

fn wrong() -> Failure {
    Failure::new(code::MINPLAT_ERROR_TYPE, "the reference refers to something else: see minplat_anyref_heap")
}

fn none() -> Failure {
    Failure::new(code::MINPLAT_ERROR_NOT_FOUND, "there is no field, element or value with this index")
}

/// # Safety
/// Pointers are NULL or point to what their types say.
unsafe fn both<'a, T: Kind>(
    context: *const minplat_context_t,
    reference: *const minplat_ref_t,
) -> Result<(Context<'a>, Rooted<T>), Failure> {
    // SAFETY: the caller's contract is the function's own.
    let (context, reference) = unsafe { (self::context(context)?, required(reference)?) };
    let rooted = reference.rooted(&context)?;
    Ok((context, rooted))
}

/// # Safety
/// Pointers are NULL or point to what their types say.
pub(crate) unsafe fn externref_new(
    context: *mut minplat_context_t,
    data: Env,
    reference: *mut minplat_ref_t,
) -> Result<(), Failure> {
    // SAFETY: the caller's contract is the function's own.
    let mut context = unsafe { self::context(context) }?;
    if reference.is_null() {
        return Err(Failure::NULL);
    }
    let new = allocate(&mut context, |context| ExternRef::new(context, data))?;
    let new = minplat_ref_t::of(&mut context, Some(new));
    // SAFETY: room for a reference.
    unsafe { out(reference, new) }
}

/// # Safety
/// Pointers are NULL or point to what their types say.
pub(crate) unsafe fn externref_data(
    context: *const minplat_context_t,
    reference: *const minplat_ref_t,
    data: *mut *mut c_void,
) -> Result<(), Failure> {
    // SAFETY: the caller's contract is the function's own.
    let (context, rooted) = unsafe { both::<ExternRef>(context, reference) }?;
    let found = rooted.data(&context).map_err(stale)?.and_then(|found| found.downcast_ref::<Env>());
    // SAFETY: NULL, or room for a pointer.
    unsafe { out(data, found.ok_or_else(wrong)?.env) }
}

/// # Safety
/// Pointers are NULL or point to what their types say.
pub(crate) unsafe fn anyref_heap(
    context: *const minplat_context_t,
    reference: *const minplat_ref_t,
    heap: *mut minplat_heap_t,
) -> Result<(), Failure> {
    // SAFETY: the caller's contract is the function's own.
    let (context, any) = unsafe { both::<AnyRef>(context, reference) }?;
    // SAFETY: NULL, or room for a number.
    unsafe { out(heap, heap_of(&any.ty(&context).map_err(stale)?)) }
}

/// # Safety
/// Pointers are NULL or point to what their types say.
pub(crate) unsafe fn i31_new(
    context: *mut minplat_context_t,
    value: i32,
    reference: *mut minplat_ref_t,
) -> Result<(), Failure> {
    // SAFETY: the caller's contract is the function's own.
    let mut context = unsafe { self::context(context) }?;
    let new = AnyRef::from_i31(&mut context, I31::wrapping_i32(value));
    let new = minplat_ref_t::of(&mut context, Some(new));
    // SAFETY: NULL, or room for a reference.
    unsafe { out(reference, new) }
}

/// # Safety
/// Pointers are NULL or point to what their types say.
pub(crate) unsafe fn i31_get(
    context: *const minplat_context_t,
    reference: *const minplat_ref_t,
    value: *mut i32,
) -> Result<(), Failure> {
    // SAFETY: the caller's contract is the function's own.
    let (context, any) = unsafe { both::<AnyRef>(context, reference) }?;
    let i31 = any.as_i31(&context).map_err(stale)?.ok_or_else(wrong)?;
    // SAFETY: NULL, or room for a number.
    unsafe { out(value, i31.get_i32()) }
}

fn len(context: &Context<'_>, any: &Rooted<AnyRef>) -> Result<u32, Failure> {
    if let Some(array) = any.as_array(context).map_err(stale)? {
        return array.len(context).map_err(stale);
    }
    match any.ty(context).map_err(stale)? {
        HeapType::ConcreteStruct(ty) => Ok(ty.fields().len() as u32),
        _ => Err(wrong()),
    }
}

/// # Safety
/// Pointers are NULL or point to what their types say.
pub(crate) unsafe fn anyref_len(
    context: *const minplat_context_t,
    reference: *const minplat_ref_t,
    to: *mut u32,
) -> Result<(), Failure> {
    // SAFETY: the caller's contract is the function's own.
    let (context, any) = unsafe { both::<AnyRef>(context, reference) }?;
    // SAFETY: NULL, or room for a number.
    unsafe { out(to, len(&context, &any)?) }
}

/// # Safety
/// Pointers are NULL or point to what their types say.
pub(crate) unsafe fn anyref_get(
    context: *mut minplat_context_t,
    reference: *const minplat_ref_t,
    index: u32,
    value: *mut minplat_value_t,
) -> Result<(), Failure> {
    // SAFETY: the caller's contract is the function's own.
    let (mut context, any) = unsafe { both::<AnyRef>(context, reference) }?;
    if index >= len(&context, &any)? {
        return Err(none());
    }
    let found = if let Some(array) = any.as_array(&context).map_err(stale)? {
        array.get(&mut context, index)
    } else {
        let fields = any.as_struct(&context).map_err(stale)?.ok_or_else(wrong)?;
        fields.field(&mut context, index as usize)
    };
    let found = from_val(&mut context, &found.map_err(stale)?);
    // SAFETY: NULL, or room for a value.
    unsafe { out(value, found) }
}

/// # Safety
/// Pointers are NULL or point to what their types say.
pub(crate) unsafe fn ref_equal(
    context: *const minplat_context_t,
    one: *const minplat_ref_t,
    other: *const minplat_ref_t,
    equal: *mut bool,
) -> Result<(), Failure> {
    // SAFETY: the caller's contract is the function's own.
    let (context, one, other) = unsafe { (self::context(context)?, required(one)?, required(other)?) };
    let is_equal = if one.is_null() || other.is_null() {
        one.is_null() && other.is_null()
    } else {
        // What they refer to is compared, whatever it is.
        let (one, other) = (one.rooted_any(&context)?, other.rooted_any(&context)?);
        Rooted::ref_eq(&context, &one, &other).map_err(stale)?
    };
    // SAFETY: NULL, or room for an answer.
    unsafe { out(equal, is_equal) }
}

/// # Safety
/// Pointers are NULL or point to what their types say.
pub(crate) unsafe fn ref_to_raw(
    context: *mut minplat_context_t,
    reference: *const minplat_ref_t,
    raw: *mut minplat_raw_t,
) -> Result<(), Failure> {
    // SAFETY: the caller's contract is the function's own.
    let (mut context, reference) = unsafe { (self::context(context)?, required(reference)?) };
    let converted = if reference.is_null() {
        0
    } else {
        // The raw form of every kind is alike.
        reference.rooted_any(&context)?.to_raw(&mut context).map_err(stale)?
    };
    // SAFETY: NULL, or room for a value.
    unsafe { out(raw, minplat_raw_t { reference: converted }) }
}

/// # Safety
/// Pointers are NULL or point to what their types say.
pub(crate) unsafe fn ref_from_raw(
    context: *mut minplat_context_t,
    kind: minplat_kind_t,
    raw: *const minplat_raw_t,
    value: *mut minplat_value_t,
) -> Result<(), Failure> {
    // SAFETY: the caller's contract is the function's own.
    let (mut context, raw) = unsafe { (self::context(context)?, required(raw.cast())?) };
    if !matches!(kind, MINPLAT_EXTERNREF | MINPLAT_ANYREF | MINPLAT_EXNREF) {
        return Err(mismatch());
    }
    // SAFETY: the program says that compiled code passed it.
    let found = unsafe { lift(&mut context, raw, kind) }?;
    // SAFETY: NULL, or room for a value.
    unsafe { out(value, found) }
}

/// A store by its address, borrowed anew for each use: between entering and leaving a scope others use it too.
struct Pointer(*mut minplat_context_t);

impl AsContext for Pointer {
    type Data = Data;

    fn as_context(&self) -> StoreContext<'_, Data> {
        // SAFETY: `scope_enter` found that it is a store, and the program does not delete that before it leaves the scope.
        unsafe { context(self.0).unwrap_unchecked() }.into()
    }
}

impl AsContextMut for Pointer {
    fn as_context_mut(&mut self) -> Context<'_> {
        // SAFETY: as above.
        unsafe { context(self.0).unwrap_unchecked() }
    }
}

type Scope = RootScope<Pointer>;
const _: () = assert!(size_of::<Scope>() == size_of::<[usize; 2]>() && align_of::<Scope>() == align_of::<usize>());

/// # Safety
/// Pointers are NULL or point to what their types say.
pub(crate) unsafe fn scope_enter(context: *mut minplat_context_t, scope: *mut minplat_scope_t) -> Result<(), Failure> {
    if context.is_null() {
        return Err(Failure::NULL);
    }
    let place = place(scope)?;
    let mut opaque = [MaybeUninit::uninit(); 2];
    // SAFETY: size and alignment fit.
    unsafe { opaque.as_mut_ptr().cast::<Scope>().write(RootScope::new(Pointer(context))) };
    // SAFETY: room for a scope.
    unsafe { place.write(minplat_scope_t { opaque, is_open: true }) };
    Ok(())
}

/// # Safety
/// `scope` is NULL or a scope.
pub(crate) unsafe fn scope_leave(scope: *mut minplat_scope_t) {
    // SAFETY: the caller's contract is the function's own.
    let Ok(scope) = (unsafe { required_mut(scope) }) else { return };
    if core::mem::take(&mut scope.is_open) {
        // SAFETY: an open scope was written by `scope_enter`, and is left once.
        drop(unsafe { scope.opaque.as_ptr().cast::<Scope>().read() });
    }
}

/// What is kept, by its kind.
pub(crate) enum Root {
    Extern(OwnedRooted<ExternRef>),
    Any(OwnedRooted<AnyRef>),
    Exn(OwnedRooted<ExnRef>),
}

/// # Safety
/// Pointers are NULL or point to what their types say.
pub(crate) unsafe fn root_new(
    context: *mut minplat_context_t,
    value: *const minplat_value_t,
    root: *mut *mut minplat_root_t,
) -> Result<(), Failure> {
    // SAFETY: the caller's contract is the function's own.
    let (mut context, value, place) = unsafe { (self::context(context)?, required(value)?, place(root)?) };
    // SAFETY: handles take any bits.
    let reference = unsafe { value.of.reference };
    let root = match value.kind {
        MINPLAT_EXTERNREF if !reference.is_null() => {
            Root::Extern(reference.rooted::<ExternRef>(&context)?.to_owned_rooted(&mut context).map_err(stale)?)
        }
        MINPLAT_ANYREF if !reference.is_null() => {
            Root::Any(reference.rooted::<AnyRef>(&context)?.to_owned_rooted(&mut context).map_err(stale)?)
        }
        MINPLAT_EXNREF if !reference.is_null() => {
            Root::Exn(reference.rooted::<ExnRef>(&context)?.to_owned_rooted(&mut context).map_err(stale)?)
        }
        _ => return Err(mismatch()),
    };
    // SAFETY: the place has room for a pointer.
    unsafe { place.write(boxed(minplat_root_t { root, store: reference.owner() })?) };
    Ok(())
}

/// # Safety
/// Pointers are NULL or point to what their types say.
pub(crate) unsafe fn root_get(
    context: *mut minplat_context_t,
    root: *const minplat_root_t,
    value: *mut minplat_value_t,
) -> Result<(), Failure> {
    // SAFETY: the caller's contract is the function's own.
    let (mut context, root) = unsafe { (self::context(context)?, required(root)?) };
    crate::store::owns(&context, root.store)?;
    let found = match &root.root {
        Root::Extern(root) => Val::ExternRef(Some(root.to_rooted(&mut context))),
        Root::Any(root) => Val::AnyRef(Some(root.to_rooted(&mut context))),
        Root::Exn(root) => Val::ExnRef(Some(root.to_rooted(&mut context))),
    };
    let found = from_val(&mut context, &found);
    // SAFETY: NULL, or room for a value.
    unsafe { out(value, found) }
}

/// # Safety
/// `context` is NULL or a store of this library.
pub(crate) unsafe fn collect(context: *mut minplat_context_t) -> Result<(), Failure> {
    // SAFETY: the caller's contract is the function's own.
    unsafe { self::context(context) }?.gc(None).map_err(full)
}

/// # Safety
/// Pointers are NULL or point to what their types say, as many as the lengths say.
pub(crate) unsafe fn exception_new(
    context: *mut minplat_context_t,
    tag: *const minplat_tag_t,
    values: *const minplat_value_t,
    values_len: usize,
    exception: *mut minplat_ref_t,
) -> Result<(), Failure> {
    // SAFETY: the caller's contract is the function's own.
    let (mut context, tag, values) = unsafe { (self::context(context)?, required(tag)?, items(values, values_len)?) };
    let tag: Tag = tag.get(&context)?;
    let ty = tag.ty(&context);
    if ty.ty().params().len() != values.len() {
        return Err(Failure::new(
            code::MINPLAT_ERROR_TYPE,
            "an exception of this tag carries another number of values: see minplat_extern_type",
        ));
    }
    let mut fields = Vec::new();
    fields.try_reserve_exact(values.len()).map_err(|_| Failure::OUT_OF_MEMORY)?;
    for (value, ty) in values.iter().zip(ty.ty().params()) {
        fields.push(val(&context, value, &ty)?);
    }
    let allocator = ExnRefPre::new(&mut context, ExnType::from_tag_type(&ty)?);
    let new = allocate(&mut context, |context| ExnRef::new(context, &allocator, &tag, &fields))?;
    let new = minplat_ref_t::of(&mut context, Some(new));
    // SAFETY: NULL, or room for a reference.
    unsafe { out(exception, new) }
}

/// # Safety
/// Pointers are NULL or point to what their types say.
pub(crate) unsafe fn throw(context: *mut minplat_context_t, exception: *const minplat_ref_t) -> Result<(), Failure> {
    // SAFETY: the caller's contract is the function's own.
    let (mut context, exception) = unsafe { both::<ExnRef>(context, exception) }?;
    context.throw(exception).map_err(stale)
}

/// # Safety
/// Pointers are NULL or point to what their types say.
pub(crate) unsafe fn take_exception(
    context: *mut minplat_context_t,
    exception: *mut minplat_ref_t,
) -> Result<(), Failure> {
    // SAFETY: the caller's contract is the function's own.
    let mut context = unsafe { self::context(context) }?;
    if exception.is_null() {
        return Err(Failure::NULL);
    }
    let Some(taken) = context.take_pending_exception() else {
        return Err(Failure::new(code::MINPLAT_ERROR_NOT_FOUND, "no exception of this store waits to be taken"));
    };
    let taken = minplat_ref_t::of(&mut context, Some(taken));
    // SAFETY: room for a reference.
    unsafe { out(exception, taken) }
}

/// # Safety
/// Pointers are NULL or point to what their types say.
pub(crate) unsafe fn exception_tag(
    context: *mut minplat_context_t,
    exception: *const minplat_ref_t,
    tag: *mut minplat_tag_t,
) -> Result<(), Failure> {
    // SAFETY: the caller's contract is the function's own.
    let (mut context, exception) = unsafe { both::<ExnRef>(context, exception) }?;
    let found = exception.tag(&mut context).map_err(stale)?;
    let found = minplat_tag_t::new(&mut context, found);
    // SAFETY: NULL, or room for a handle.
    unsafe { out(tag, found) }
}

/// # Safety
/// Pointers are NULL or point to what their types say.
pub(crate) unsafe fn exception_len(
    context: *const minplat_context_t,
    exception: *const minplat_ref_t,
    to: *mut usize,
) -> Result<(), Failure> {
    // SAFETY: the caller's contract is the function's own.
    let (context, exception) = unsafe { both::<ExnRef>(context, exception) }?;
    // SAFETY: NULL, or room for a number.
    unsafe { out(to, exception.ty(&context).map_err(stale)?.fields().len()) }
}

/// # Safety
/// Pointers are NULL or point to what their types say.
pub(crate) unsafe fn exception_get(
    context: *mut minplat_context_t,
    exception: *const minplat_ref_t,
    index: usize,
    value: *mut minplat_value_t,
) -> Result<(), Failure> {
    // SAFETY: the caller's contract is the function's own.
    let (mut context, exception) = unsafe { both::<ExnRef>(context, exception) }?;
    if index >= exception.ty(&context).map_err(stale)?.fields().len() {
        return Err(none());
    }
    let found = exception.field(&mut context, index).map_err(stale)?;
    let found = from_val(&mut context, &found);
    // SAFETY: NULL, or room for a value.
    unsafe { out(value, found) }
}
