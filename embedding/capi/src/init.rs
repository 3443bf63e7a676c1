//! What a program decides before it uses the library: where the heap's memory comes from, and who hears of panics and logs.

use core::ffi::c_void;

use crate::args::{items, required};
use crate::error::{Failure, Fixed, minplat_error_code_t as code, minplat_error_t, report};
use crate::log::{minplat_log_hook_t, set_log_hook};
use crate::panic::{minplat_panic_hook_t, set_hook};
use crate::turn::{minplat_current_task_t, set_task_hook};

/// Memory that the program gives the heap.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct minplat_pool_t {
    /// Its first byte; any alignment.
    pub start: *mut c_void,
    /// Bytes.
    pub size: usize,
}

/// Gives memory of this size and alignment (a power of two); NULL if there is none.
pub type minplat_alloc_t = Option<unsafe extern "C" fn(env: *mut c_void, size: usize, align: usize) -> *mut c_void>;

/// Changes the size of memory that `minplat_alloc_t` gave, where it is or elsewhere with its contents; NULL if it cannot, and
/// then the memory stays as it was.
pub type minplat_realloc_t = Option<
    unsafe extern "C" fn(
        env: *mut c_void,
        ptr: *mut c_void,
        old_size: usize,
        align: usize,
        new_size: usize,
    ) -> *mut c_void,
>;

/// Takes memory back; size and alignment are those that it has.
pub type minplat_free_t = Option<unsafe extern "C" fn(env: *mut c_void, ptr: *mut c_void, size: usize, align: usize)>;

/// What `minplat_init` is told. Fill it with zeros first: zero is the default of every field, and later versions may have
/// more.
///
/// The heap has one source: the platform's pages (the default, where the platform has virtual memory), the pools, or the
/// program's functions. With either of the last two the heap takes no pages from the platform; what Wasmtime maps by itself
/// it still asks for with wasmtime_mmap_new: copies of modules, and linear memories where the platform has traps,
/// reservations or images.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct minplat_config_t {
    /// Pools for the heap, which must stay for as long as the library is used, and which nobody else may use.
    pub pools: *const minplat_pool_t,
    /// How many.
    pub pools_len: usize,
    /// The program's heap, instead of pools. The functions are called on every thread that uses the library, one at a time,
    /// and must not call it.
    pub alloc: minplat_alloc_t,
    /// NULL: the library allocates anew, copies, and frees.
    pub realloc: minplat_realloc_t,
    /// Needed with `alloc`.
    pub free: minplat_free_t,
    /// Handed to the three.
    pub alloc_env: *mut c_void,
    /// Hears that the library stops; NULL: nobody.
    pub panic: minplat_panic_hook_t,
    /// Handed to it.
    pub panic_env: *mut c_void,
    /// Hears what Wasmtime logs, where the platform's `build.log-level` is not "off"; NULL: nobody.
    pub log: minplat_log_hook_t,
    /// Handed to it.
    pub log_env: *mut c_void,
    /// Says which task calls, so that a library built with `build.debug-assertions` for a platform without multi-thread finds
    /// every call that does not wait for its turn; else it is not used. NULL: those alone that come while the library works.
    pub current_task: minplat_current_task_t,
    /// Handed to it.
    pub current_task_env: *mut c_void,
}

#[cfg(feature = "allocator")]
static TWO_SOURCES: Fixed = Fixed::new(
    code::MINPLAT_ERROR_ARGUMENT,
    "minplat_init was given pools and functions: the heap has one source, so leave one of them out",
);
#[cfg(feature = "allocator")]
static NO_FREE: Fixed = Fixed::new(
    code::MINPLAT_ERROR_ARGUMENT,
    "minplat_init was given some of alloc, realloc and free: give alloc and free, and realloc if there is one",
);
#[cfg(feature = "allocator")]
static NO_POOL: Fixed = Fixed::new(
    code::MINPLAT_ERROR_ARGUMENT,
    "this platform has no virtual memory, so the heap has none: give minplat_init pools, or alloc and free",
);
#[cfg(feature = "allocator")]
static TOO_LATE: Fixed = Fixed::new(
    code::MINPLAT_ERROR_ARGUMENT,
    "the heap has its memory already: call minplat_init once, before anything else of the library (more pools may follow)",
);
#[cfg(feature = "allocator")]
static TOO_SMALL: Fixed = Fixed::new(
    code::MINPLAT_ERROR_OUT_OF_MEMORY,
    "the pool is too small for a heap: a small guest needs some 16 KiB besides its memory and stack",
);
#[cfg(not(feature = "allocator"))]
static NO_HEAP: Fixed = Fixed::new(
    code::MINPLAT_ERROR_UNSUPPORTED,
    "the library was built without its allocator (Cargo feature `allocator`): the program has the heap",
);

/// Prepares the library. Call it before anything else, on one thread, where the defaults do not do; a platform without
/// virtual memory needs it for the heap's memory. `config` is copied; the pools are the library's from then on.
///
/// MINPLAT_ERROR_ARGUMENT if two sources are given, none where the platform has none, or if the heap has one already (more
/// pools may be given to a heap of pools at any time); MINPLAT_ERROR_OUT_OF_MEMORY if a pool is too small;
/// MINPLAT_ERROR_UNSUPPORTED for a log hook where `build.log-level` is "off". The hooks are set first, and stay set if the
/// rest fails; a later call sets them anew. Errors of this function take no memory. Stack: 1 KiB.
/// Tasks: one task alone, before others call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_init(config: *const minplat_config_t) -> *mut minplat_error_t {
    report(|| {
        // SAFETY: NULL, or a configuration.
        let config = unsafe { required(config) }?;
        set_hook(config.panic, config.panic_env);
        set_task_hook(config.current_task, config.current_task_env);
        set_log_hook(config.log, config.log_env)?;
        // SAFETY: NULL, or so many pools.
        let pools = unsafe { items(config.pools, config.pools_len) }?;
        memory(config, pools)
    })
}

/// Gives the heap its source.
#[cfg(feature = "allocator")]
fn memory(config: &minplat_config_t, pools: &[minplat_pool_t]) -> Result<(), Failure> {
    use crate::allocator::{Refused, add_pool, set_program};
    use crate::sources::Program;

    let refused = |why| match why {
        Refused::TooLate => Failure::fixed(&TOO_LATE),
        Refused::TooSmall => Failure::fixed(&TOO_SMALL),
    };
    match (config.alloc, config.free) {
        (Some(_), Some(_)) if !pools.is_empty() => return Err(Failure::fixed(&TWO_SOURCES)),
        (Some(alloc), Some(free)) => {
            let program = Program { alloc, realloc: config.realloc, free, env: config.alloc_env };
            return set_program(program).map_err(refused);
        }
        (None, None) if config.realloc.is_none() => {}
        _ => return Err(Failure::fixed(&NO_FREE)),
    }
    if pools.is_empty() && cfg!(not(feature = "virtual-memory")) && !crate::allocator::has_source() {
        return Err(Failure::fixed(&NO_POOL));
    }
    for pool in pools {
        if pool.start.is_null() {
            return Err(Failure::NULL);
        }
        // SAFETY: the program gives the pool away for good.
        unsafe { add_pool(pool.start.cast(), pool.size) }.map_err(refused)?;
    }
    Ok(())
}

#[cfg(not(feature = "allocator"))]
fn memory(config: &minplat_config_t, pools: &[minplat_pool_t]) -> Result<(), Failure> {
    if pools.is_empty() && config.alloc.is_none() && config.realloc.is_none() && config.free.is_none() {
        return Ok(());
    }
    Err(Failure::fixed(&NO_HEAP))
}
