//! Tags of exceptions.

use core::mem::MaybeUninit;

use minplat::wasmtime::{FuncType, Tag, TagType};

use crate::args::{place, required};
use crate::error::{minplat_error_t, report};
use crate::handle::handle;
use crate::host_func::Kinds;
use crate::store::{context, minplat_context_t};
use crate::types::{MINPLAT_EXTERN_TAG, minplat_kind_t};

/// A tag of exceptions, valid with its store. `minplat_extern_type` gives its type.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct minplat_tag_t {
    /// The number of the store, with the kind of handle in the topmost byte.
    pub store: u64,
    /// Which; opaque.
    pub opaque: [MaybeUninit<u64>; 2],
}
handle!(minplat_tag_t, Tag, MINPLAT_EXTERN_TAG);

/// Makes a tag that modules can import; `params` are what an exception of it carries. Every call makes another tag.
/// MINPLAT_ERROR_UNSUPPORTED where the platform has no runtime.gc. Stack: 6 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_tag_new(
    context: *mut minplat_context_t,
    params: *const minplat_kind_t,
    params_len: usize,
    tag: *mut minplat_tag_t,
) -> *mut minplat_error_t {
    report(|| {
        crate::reference::needs_gc()?;
        let (mut context, kinds) =
            // SAFETY: pointers are NULL or point to what their types say, as many as the lengths say.
            unsafe { (self::context(context)?, Kinds::of(params, params_len, core::ptr::null(), 0)?) };
        let place = place(tag)?;
        let ty: FuncType = kinds.signature(context.engine())?;
        let new = Tag::new(&mut context, &TagType::new(ty))?;
        let new = minplat_tag_t::new(&mut context, new);
        // SAFETY: the place has room for a handle.
        unsafe { place.write(new) };
        Ok(())
    })
}

/// Whether two tags are one; false if an argument is not valid. Stack: 6 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_tag_equal(
    context: *const minplat_context_t,
    one: *const minplat_tag_t,
    other: *const minplat_tag_t,
) -> bool {
    let _turn = crate::turn::take();
    let compare = || {
        // SAFETY: pointers are NULL or point to what their types say.
        let (context, one, other) = unsafe { (self::context(context)?, required(one)?, required(other)?) };
        Ok::<_, crate::error::Failure>(Tag::eq(&one.get(&context)?, &other.get(&context)?, &context))
    };
    compare().unwrap_or(false)
}
