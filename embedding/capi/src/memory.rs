//! Linear memories.

use core::mem::MaybeUninit;
use core::ptr;

use minplat::wasmtime::{Memory, MemoryTypeBuilder};

use crate::args::{place, required};
use crate::error::{Failure, minplat_error_code_t as code, minplat_error_t, report};
use crate::handle::handle;
use crate::heap::{grow, texts};
use crate::store::{Context, attempt, context, minplat_context_t};
use crate::types::{MINPLAT_EXTERN_MEMORY, minplat_limits_type_t};

/// A memory, valid with its store.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct minplat_memory_t {
    /// The number of the store, with the kind of handle in the topmost byte.
    pub store: u64,
    /// Which; opaque.
    pub opaque: [MaybeUninit<u64>; 2],
}
handle!(minplat_memory_t, Memory, MINPLAT_EXTERN_MEMORY);

/// # Safety
/// Pointers are NULL or point to what their types say.
unsafe fn both<'a>(
    context: *const minplat_context_t,
    memory: *const minplat_memory_t,
) -> Result<(Context<'a>, Memory), Failure> {
    // SAFETY: the caller's contract is the function's own.
    let (context, memory) = unsafe { (self::context(context)?, required(memory)?) };
    let memory = memory.get(&context)?;
    Ok((context, memory))
}

/// The memory's bytes; `*len` says how many. NULL if an argument is not valid; `len` may be NULL.
///
/// The pointer goes stale when the memory grows, by `minplat_memory_grow` or the guest's `memory.grow`: the bytes may then lie
/// elsewhere, and there are more of them. So ask again after every call that may have run a guest. Nothing else moves
/// them; they are gone with the store. Stack: 1 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_memory_data(
    context: *mut minplat_context_t,
    memory: *const minplat_memory_t,
    len: *mut usize,
) -> *mut u8 {
    let _turn = crate::turn::take();
    // SAFETY: pointers are NULL or point to what their types say.
    let Ok((context, memory)) = (unsafe { both(context, memory) }) else { return ptr::null_mut() };
    // SAFETY: NULL, or room for a length.
    if let Some(len) = unsafe { len.as_mut() } {
        *len = memory.data_size(&context);
    }
    memory.data_ptr(&context)
}

/// The `len` bytes at a guest's `address`, or NULL if they are not all inside the memory (or an argument is not valid): what a
/// host function does with the pointers that a guest gives it. No sum overflows. It goes stale as
/// `minplat_memory_data`'s does. Zero bytes at the memory's end are inside. Stack: 1 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_memory_range(
    context: *mut minplat_context_t,
    memory: *const minplat_memory_t,
    address: u64,
    len: u64,
) -> *mut u8 {
    let _turn = crate::turn::take();
    // SAFETY: pointers are NULL or point to what their types say.
    let Ok((context, memory)) = (unsafe { both(context, memory) }) else { return ptr::null_mut() };
    let is_inside = address.checked_add(len).is_some_and(|end| end <= memory.data_size(&context) as u64);
    if is_inside { memory.data_ptr(&context).wrapping_add(address as usize) } else { ptr::null_mut() }
}

/// The memory's size in its own pages (64 KiB unless the module says otherwise); 0 if an argument is not valid.
/// Stack: 1 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_memory_size(
    context: *const minplat_context_t,
    memory: *const minplat_memory_t,
) -> u64 {
    let _turn = crate::turn::take();
    // SAFETY: pointers are NULL or point to what their types say.
    unsafe { both(context, memory) }.map_or(0, |(context, memory)| memory.size(&context))
}

/// Grows a memory by so many pages, filled with zeros. `previous`, unless NULL, gets the size before.
/// MINPLAT_ERROR_LIMIT if the memory's maximum, a limit of the store, or the platform does not allow it. Stack: 2 KiB.
/// Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_memory_grow(
    context: *mut minplat_context_t,
    memory: *const minplat_memory_t,
    delta: u64,
    previous: *mut u64,
) -> *mut minplat_error_t {
    report(|| {
        // SAFETY: pointers are NULL or point to what their types say.
        let (mut context, memory) = unsafe { both(context, memory) }?;
        let _texts = texts();
        let grown = memory.grow(&mut context, delta);
        grow(false);
        let grown = grown.map_err(|error| Failure::wasmtime(error, code::MINPLAT_ERROR_LIMIT))?;
        // SAFETY: NULL, or room for a size.
        if let Some(previous) = unsafe { previous.as_mut() } {
            *previous = grown;
        }
        Ok(())
    })
}

/// Makes a memory that modules can import. MINPLAT_ERROR_TYPE if the limits make no memory, MINPLAT_ERROR_LIMIT if a limit of the
/// store or the platform does not allow it. Stack: 5 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_memory_new(
    context: *mut minplat_context_t,
    limits: *const minplat_limits_type_t,
    memory: *mut minplat_memory_t,
) -> *mut minplat_error_t {
    report(|| {
        // SAFETY: pointers are NULL or point to what their types say.
        let (mut context, limits) = unsafe { (self::context(context)?, required(limits)?) };
        let place = place(memory)?;
        let ty = MemoryTypeBuilder::new()
            .min(limits.minimum)
            .max((limits.maximum != u64::MAX).then_some(limits.maximum))
            .memory64(limits.is_64)
            .page_size_log2(u8::try_from(limits.page_size_log2).unwrap_or(u8::MAX))
            .shared(limits.is_shared)
            .build()
            .map_err(|error| Failure::wasmtime(error, code::MINPLAT_ERROR_TYPE))?;
        let _texts = texts();
        let new = attempt(&mut context, |context| Memory::new(context, ty));
        let new = new.map_err(|error| Failure::wasmtime(error, code::MINPLAT_ERROR_LIMIT))?;
        let new = minplat_memory_t::new(&mut context, new);
        // SAFETY: the place has room for a handle.
        unsafe { place.write(new) };
        Ok(())
    })
}
