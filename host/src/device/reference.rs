//! References: to things of the host's, here texts, and what those of the GC proposal refer to.

use std::ffi::c_void;

use super::error::Error;
use super::ffi;
use super::store::AsContext;
use super::value::{Reference, Value};

/// What a reference of the GC proposal refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heap {
    /// A 31-bit integer.
    I31,
    /// A struct.
    Struct,
    /// An array.
    Array,
    /// A thing of the host's, which a guest converted.
    Host,
}

/// `finalizer` of every such reference.
///
/// # Safety
/// `data` is from [`Value::extern_text`] and not used any more.
unsafe extern "C" fn finalize(data: *mut c_void) {
    // SAFETY: the caller's.
    drop(unsafe { Box::from_raw(data.cast::<String>()) });
}

impl Value {
    /// A reference to a text of the host's.
    ///
    /// # Errors
    /// The platform has no collector (`runtime.gc`), or its heap is full.
    pub fn extern_text(cx: &mut impl AsContext, text: &str) -> Result<Value, Error> {
        let cx = cx.context();
        let data = Box::into_raw(Box::new(text.to_owned())).cast();
        let mut raw = ffi::minplat_ref_t::default();
        // SAFETY: the text is the library's until it calls the finalizer, which it does if this fails too.
        unsafe { cx.check(cx.api.externref_new(cx.raw, data, Some(finalize), &mut raw)) }?;
        Ok(Value::ExternRef(Reference::from_raw(raw, cx.id)))
    }

    /// The text behind a reference that [`Value::extern_text`] made; `None` for anything else.
    pub fn text_behind(&self, cx: &mut impl AsContext) -> Option<String> {
        let Value::ExternRef(Some(reference)) = self else { return None };
        let cx = cx.context();
        let raw = Reference::to_raw(Some(*reference), cx.id).ok()?;
        let mut data = std::ptr::null_mut();
        // SAFETY: the reference is the store's; there is room for the answer.
        unsafe { cx.check(cx.api.externref_data(cx.raw, &raw, &mut data)) }.ok()?;
        // SAFETY: every reference with host data of this crate's stores is to a text, alive as long as the reference.
        unsafe { data.cast::<String>().as_ref() }.cloned()
    }

    /// What a reference of the GC proposal refers to; `None` for null, for values that are no such reference, and for those
    /// of another store.
    pub fn heap(&self, cx: &mut impl AsContext) -> Option<Heap> {
        let Value::AnyRef(Some(reference)) = self else { return None };
        let cx = cx.context();
        let raw = Reference::to_raw(Some(*reference), cx.id).ok()?;
        let mut heap = ffi::MINPLAT_NO_HEAP;
        // SAFETY: the reference is the store's; there is room for the answer.
        unsafe { cx.check(cx.api.anyref_heap(cx.raw, &raw, &mut heap)) }.ok()?;
        match heap {
            ffi::MINPLAT_HEAP_I31 => Some(Heap::I31),
            ffi::MINPLAT_HEAP_STRUCT | ffi::MINPLAT_HEAP_TYPED_STRUCT => Some(Heap::Struct),
            ffi::MINPLAT_HEAP_ARRAY | ffi::MINPLAT_HEAP_TYPED_ARRAY => Some(Heap::Array),
            _ => Some(Heap::Host),
        }
    }
}
