//! The types of `minplat.h`, by their C names.
#![expect(non_camel_case_types, reason = "the names of the C header")]

use core::ffi::c_void;

macro_rules! opaque {
    ($($(#[$doc:meta])* $name:ident)*) => { $($(#[$doc])* #[repr(C)] pub struct $name { _private: [u8; 0] })* };
}
opaque! {
    /// An error; owned by whoever received it.
    minplat_error_t
    /// An engine; owned.
    minplat_engine_t
    /// A store; owned.
    minplat_store_t
    /// What a store or a caller lends.
    minplat_context_t
    /// The caller of a host function, during the call.
    minplat_caller_t
    /// A loaded module; owned.
    minplat_module_t
    /// A linker; owned.
    minplat_linker_t
    /// An import or export with its type; owned.
    minplat_externtype_t
    /// Something that is kept alive; owned.
    minplat_root_t
}

macro_rules! handles {
    ($($(#[$doc:meta])* $name:ident: $opaque:ty;)*) => { $(
        $(#[$doc])*
        #[repr(C)]
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $name {
            /// The store's number, with the kind of handle in the topmost byte; 0: null.
            pub store: u64,
            /// Which; the library's business.
            pub opaque: $opaque,
        }
    )* };
}
handles! {
    /// An instance of a store.
    minplat_instance_t: u64;
    /// A function of a store, or null.
    minplat_func_t: u64;
    /// A reference to something of the host or of a collector, or null.
    minplat_ref_t: u64;
    /// A memory of a store.
    minplat_memory_t: [u64; 2];
    /// A table of a store.
    minplat_table_t: [u64; 2];
    /// A global of a store.
    minplat_global_t: [u64; 2];
    /// A tag of a store.
    minplat_tag_t: [u64; 2];
}

macro_rules! constants {
    ($($(#[$doc:meta])* $name:ident: $ty:ty = $value:literal;)*) => {
        $($(#[$doc])* pub const $name: $ty = $value;)*
        /// The constants by name, for the test.
        pub const CONSTANTS: &[(&str, u64)] = &[$((stringify!($name), $value)),*];
    };
}
constants! {
    /// 32-bit integers.
    MINPLAT_I32: minplat_kind_t = 0;
    /// 64-bit integers.
    MINPLAT_I64: minplat_kind_t = 1;
    /// 32-bit floats.
    MINPLAT_F32: minplat_kind_t = 2;
    /// 64-bit floats.
    MINPLAT_F64: minplat_kind_t = 3;
    /// 128-bit vectors.
    MINPLAT_V128: minplat_kind_t = 4;
    /// References to functions.
    MINPLAT_FUNCREF: minplat_kind_t = 5;
    /// References to things of the host.
    MINPLAT_EXTERNREF: minplat_kind_t = 6;
    /// References that the library has no form for.
    MINPLAT_OTHERREF: minplat_kind_t = 7;
    /// References of the garbage collection proposal.
    MINPLAT_ANYREF: minplat_kind_t = 8;
    /// References to exceptions.
    MINPLAT_EXNREF: minplat_kind_t = 9;
    /// A check begins.
    MINPLAT_CHECK_BEGINS: minplat_check_outcome_t = 0;
    /// The platform keeps its promise.
    MINPLAT_CHECK_PASSED: minplat_check_outcome_t = 1;
    /// It does not.
    MINPLAT_CHECK_FAILED: minplat_check_outcome_t = 2;
    /// It cannot be told.
    MINPLAT_CHECK_NOT_CHECKABLE: minplat_check_outcome_t = 3;
    /// No type.
    MINPLAT_NO_KIND: minplat_kind_t = 255;
    /// Functions.
    MINPLAT_HEAP_FUNC: minplat_heap_t = 0;
    /// Functions of one type that the module defines.
    MINPLAT_HEAP_TYPED_FUNC: minplat_heap_t = 1;
    /// No function: null alone.
    MINPLAT_HEAP_NOFUNC: minplat_heap_t = 2;
    /// Things of the host.
    MINPLAT_HEAP_EXTERN: minplat_heap_t = 3;
    /// Nothing of the host's: null alone.
    MINPLAT_HEAP_NOEXTERN: minplat_heap_t = 4;
    /// Everything that the collector knows, but exceptions.
    MINPLAT_HEAP_ANY: minplat_heap_t = 5;
    /// What can be compared.
    MINPLAT_HEAP_EQ: minplat_heap_t = 6;
    /// 31-bit integers.
    MINPLAT_HEAP_I31: minplat_heap_t = 7;
    /// Structs.
    MINPLAT_HEAP_STRUCT: minplat_heap_t = 8;
    /// Structs of one type that the module defines.
    MINPLAT_HEAP_TYPED_STRUCT: minplat_heap_t = 9;
    /// Arrays.
    MINPLAT_HEAP_ARRAY: minplat_heap_t = 10;
    /// Arrays of one type that the module defines.
    MINPLAT_HEAP_TYPED_ARRAY: minplat_heap_t = 11;
    /// Nothing of the collector's: null alone.
    MINPLAT_HEAP_NONE: minplat_heap_t = 12;
    /// Exceptions.
    MINPLAT_HEAP_EXN: minplat_heap_t = 13;
    /// Exceptions of one type.
    MINPLAT_HEAP_TYPED_EXN: minplat_heap_t = 14;
    /// No exception: null alone.
    MINPLAT_HEAP_NOEXN: minplat_heap_t = 15;
    /// What this list does not have.
    MINPLAT_HEAP_OTHER: minplat_heap_t = 254;
    /// What stands where there is no reference.
    MINPLAT_NO_HEAP: minplat_heap_t = 255;
    /// A function.
    MINPLAT_EXTERN_FUNC: minplat_extern_kind_t = 0;
    /// A table.
    MINPLAT_EXTERN_TABLE: minplat_extern_kind_t = 1;
    /// A memory.
    MINPLAT_EXTERN_MEMORY: minplat_extern_kind_t = 2;
    /// A global.
    MINPLAT_EXTERN_GLOBAL: minplat_extern_kind_t = 3;
    /// A tag of exceptions.
    MINPLAT_EXTERN_TAG: minplat_extern_kind_t = 4;
    /// A panic.
    MINPLAT_FATAL_PANIC: minplat_fatal_t = 1;
    /// Two threads in a library without threads.
    MINPLAT_FATAL_CONCURRENT_CALL: minplat_fatal_t = 2;
    /// Something went wrong.
    MINPLAT_LOG_ERROR: minplat_log_level_t = 1;
    /// Something looks wrong.
    MINPLAT_LOG_WARN: minplat_log_level_t = 2;
    /// Worth knowing.
    MINPLAT_LOG_INFO: minplat_log_level_t = 3;
    /// For whoever looks for a fault.
    MINPLAT_LOG_DEBUG: minplat_log_level_t = 4;
    /// Every step.
    MINPLAT_LOG_TRACE: minplat_log_level_t = 5;
    /// Nothing.
    MINPLAT_EXTERN_NONE: minplat_extern_kind_t = 255;
}

/// Kind of a value: `MINPLAT_I32` and so on.
pub type minplat_kind_t = u8;
/// What a reference refers to: `MINPLAT_HEAP_FUNC` and so on.
pub type minplat_heap_t = u8;
/// Kind of an import or export: `MINPLAT_EXTERN_FUNC` and so on.
pub type minplat_extern_kind_t = u8;
/// Why a call failed: `MINPLAT_OK` and so on.
pub type minplat_error_code_t = u32;
/// Why the library stops: `MINPLAT_FATAL_PANIC` and so on.
pub type minplat_fatal_t = u32;
/// How far a check of the platform is: `MINPLAT_CHECK_PASSED` and so on.
pub type minplat_check_outcome_t = u32;
/// How important a logged line is: `MINPLAT_LOG_ERROR` and so on.
pub type minplat_log_level_t = u32;
/// Which trap.
pub type minplat_trap_code_t = u32;

/// The payload of a value, by its kind. Floats are their bits here: a NaN stays the NaN that it is.
#[repr(C)]
#[derive(Clone, Copy)]
#[expect(missing_docs, reason = "named by kind")]
pub union minplat_value_union_t {
    pub i32: i32,
    pub i64: i64,
    pub f32: u32,
    pub f64: u64,
    pub v128: [u8; 16],
    pub funcref: minplat_func_t,
    pub reference: minplat_ref_t,
}

/// A value.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct minplat_value_t {
    /// Which field of `of` counts.
    pub kind: minplat_kind_t,
    /// The payload.
    pub of: minplat_value_union_t,
}

/// A value without its kind, as compiled code passes it. Floats are their bits here.
#[repr(C)]
#[derive(Clone, Copy)]
#[expect(missing_docs, reason = "named by kind")]
pub union minplat_raw_t {
    pub i32: i32,
    pub i64: i64,
    pub f32: u32,
    pub f64: u64,
    pub v128: [u8; 16],
    pub funcref: *mut c_void,
    pub reference: u32,
}

/// A type of values, whole.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct minplat_valtype_t {
    /// The kind.
    pub kind: minplat_kind_t,
    /// Of references: to what.
    pub heap: minplat_heap_t,
    /// Of references: whether null is one of them.
    pub is_nullable: bool,
}

/// A custom section that came with a module.
#[repr(C)]
pub struct minplat_section_t {
    /// Its name, borrowed from the module.
    pub name: *const u8,
    /// Its length.
    pub name_len: usize,
    /// Its bytes, borrowed from the module or the artifact.
    pub data: *const u8,
    /// How many.
    pub data_len: usize,
}

/// A part of a program after which references are released.
#[repr(C)]
#[derive(Debug, Default)]
pub struct minplat_scope_t {
    /// The library's business.
    pub opaque: [usize; 2],
    /// Whether it is open.
    pub is_open: bool,
}

/// A function whose type was checked.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct minplat_prepared_t {
    /// The store's number.
    pub store: u64,
    /// Which; the library's business.
    pub opaque: u64,
    /// Room that a call needs, in values.
    pub slots: usize,
}

/// The item of an extern, by its kind.
#[repr(C)]
#[derive(Clone, Copy)]
#[expect(missing_docs, reason = "named by kind")]
pub union minplat_extern_union_t {
    pub func: minplat_func_t,
    pub table: minplat_table_t,
    pub memory: minplat_memory_t,
    pub global: minplat_global_t,
    pub tag: minplat_tag_t,
}

/// Something exported or to be imported.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct minplat_extern_t {
    /// Which field of `of` counts.
    pub kind: minplat_extern_kind_t,
    /// The item.
    pub of: minplat_extern_union_t,
}

impl Default for minplat_extern_t {
    /// Nothing, with every byte set.
    fn default() -> Self {
        Self { kind: MINPLAT_EXTERN_NONE, of: minplat_extern_union_t { tag: minplat_tag_t::default() } }
    }
}

/// Memory for the heap.
#[repr(C)]
pub struct minplat_pool_t {
    /// Its first byte.
    pub start: *mut c_void,
    /// Bytes.
    pub size: usize,
}

/// What the library is told at first; zero is the default of every field.
#[repr(C)]
pub struct minplat_config_t {
    /// Memory for the heap.
    pub pools: *const minplat_pool_t,
    /// How many.
    pub pools_len: usize,
    /// The program's heap.
    pub alloc: Option<minplat_alloc_t>,
    /// Changes a size.
    pub realloc: Option<minplat_realloc_t>,
    /// Takes memory back.
    pub free: Option<minplat_free_t>,
    /// Handed to the three.
    pub alloc_env: *mut c_void,
    /// Hears that the library stops.
    pub panic: Option<minplat_panic_hook_t>,
    /// Handed to it.
    pub panic_env: *mut c_void,
    /// Hears what Wasmtime logs.
    pub log: Option<minplat_log_hook_t>,
    /// Handed to it.
    pub log_env: *mut c_void,
    /// Says which task calls.
    pub current_task: Option<minplat_current_task_t>,
    /// Handed to it.
    pub current_task_env: *mut c_void,
}

/// Why the library stops.
#[repr(C)]
pub struct minplat_panic_t {
    /// The reason.
    pub code: minplat_fatal_t,
    /// The line of `file`; 0: unknown.
    pub line: u32,
    /// A text.
    pub message: *const u8,
    /// Its length.
    pub message_len: usize,
    /// The library's source file.
    pub file: *const u8,
    /// Its length.
    pub file_len: usize,
}

/// A check of the platform, and what came of it. Texts are valid until the hook returns.
#[repr(C)]
pub struct minplat_check_t {
    /// How far it is.
    pub outcome: minplat_check_outcome_t,
    /// Its name.
    pub name: *const u8,
    /// Its length.
    pub name_len: usize,
    /// What holds where it passes.
    pub meaning: *const u8,
    /// Its length.
    pub meaning_len: usize,
    /// What to do where it fails.
    pub remedy: *const u8,
    /// Its length.
    pub remedy_len: usize,
    /// What was seen, or why it is not checkable.
    pub detail: *const u8,
    /// Its length.
    pub detail_len: usize,
}

/// What the checks are given; zero is the default of every field.
#[repr(C)]
pub struct minplat_check_config_t {
    /// Hears of each check.
    pub hook: Option<minplat_check_hook_t>,
    /// Handed to it.
    pub env: *mut c_void,
    /// The name of the one check to run; null: all.
    pub only: *const u8,
    /// Its length.
    pub only_len: usize,
    /// Lends threads.
    pub run_threads: Option<minplat_run_threads_t>,
    /// Handed to it.
    pub threads_env: *mut c_void,
    /// `wasmtime_mmap_remap`.
    pub mmap_remap: Option<minplat_mmap_remap_t>,
    /// Whether the machine has no caches.
    pub is_emulated: bool,
}

/// What an engine may have of its own.
#[repr(C)]
pub struct minplat_engine_config_t {
    /// Bytes of the native stack for wasm; 0: the platform's.
    pub native_stack: usize,
}

/// What the library has, by purpose, bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct minplat_stats_t {
    /// Copies of modules.
    pub code: usize,
    /// Linear memories.
    pub memories: usize,
    /// Tables.
    pub tables: usize,
    /// Instances.
    pub instances: usize,
    /// Types that the program defined.
    pub types: usize,
    /// What is kept of modules besides code.
    pub metadata: usize,
    /// Everything else in use.
    pub other: usize,
    /// Taken for the heap and not in use.
    pub waste: usize,
    /// The sum.
    pub total: usize,
    /// What of it is on the heap.
    pub heap: usize,
    /// The most that was in use on the heap.
    pub heap_peak: usize,
}

/// What a store's guests have.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct minplat_store_stats_t {
    /// Bytes of its memories.
    pub memory_bytes: u64,
    /// Elements of its tables.
    pub table_elements: u64,
    /// Instances made in it.
    pub instances: u64,
}

/// The library's heap, bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct minplat_heap_stats_t {
    /// Allocated now.
    pub used: usize,
    /// The most that was ever allocated.
    pub peak: usize,
    /// Taken from the machine.
    pub mapped: usize,
}

/// A frame of a wasm backtrace.
#[repr(C)]
pub struct minplat_frame_t {
    /// Index in the module's function space.
    pub function_index: u32,
    /// Offset in the `.wasm` file; `u32::MAX`: unknown.
    pub module_offset: u32,
    /// Offset in the image's `.text`; `u32::MAX`: unknown.
    pub text_offset: u32,
    /// Name of the function, borrowed from the error; null: none.
    pub function_name: *const u8,
    /// Its length.
    pub function_name_len: usize,
    /// Name of the module, borrowed from the error; null: none.
    pub module_name: *const u8,
    /// Its length.
    pub module_name_len: usize,
}

/// Limits of what a store's instances may use; `u64::MAX`: none.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct minplat_limits_t {
    /// Bytes of each memory.
    pub memory_bytes: u64,
    /// Elements of each table.
    pub table_elements: u64,
    /// Instances.
    pub instances: u64,
    /// Tables.
    pub tables: u64,
    /// Memories.
    pub memories: u64,
    /// Bytes of all memories.
    pub total_memory_bytes: u64,
}

/// The type of a memory or table.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct minplat_limits_type_t {
    /// Pages or elements at first.
    pub minimum: u64,
    /// Pages or elements at most; `u64::MAX`: no limit.
    pub maximum: u64,
    /// Logarithm of the size of a page (memories).
    pub page_size_log2: u32,
    /// Whether addresses are 64 bits wide.
    pub is_64: bool,
    /// Whether threads can share it.
    pub is_shared: bool,
}

/// A host function.
pub type minplat_callback_t = unsafe extern "C" fn(
    env: *mut c_void,
    caller: *mut minplat_caller_t,
    args: *const minplat_value_t,
    args_len: usize,
    results: *mut minplat_value_t,
    results_len: usize,
) -> *mut minplat_error_t;

/// A host function without conversions.
pub type minplat_raw_callback_t = unsafe extern "C" fn(
    env: *mut c_void,
    caller: *mut minplat_caller_t,
    values: *mut minplat_raw_t,
    values_len: usize,
) -> *mut minplat_error_t;

/// Gives up the `env` of a host function.
pub type minplat_finalizer_t = unsafe extern "C" fn(env: *mut c_void);

/// Gives memory.
pub type minplat_alloc_t = unsafe extern "C" fn(env: *mut c_void, size: usize, align: usize) -> *mut c_void;
/// Changes the size of memory.
pub type minplat_realloc_t = unsafe extern "C" fn(
    env: *mut c_void,
    ptr: *mut c_void,
    old_size: usize,
    align: usize,
    new_size: usize,
) -> *mut c_void;
/// Takes memory back.
pub type minplat_free_t = unsafe extern "C" fn(env: *mut c_void, ptr: *mut c_void, size: usize, align: usize);
/// Hears that the library stops. It should not return.
pub type minplat_panic_hook_t = unsafe extern "C" fn(env: *mut c_void, info: *const minplat_panic_t);
/// Hears of a check, when it begins and when it has ended.
pub type minplat_check_hook_t = unsafe extern "C" fn(env: *mut c_void, check: *const minplat_check_t);
/// What a lent thread does.
pub type minplat_thread_job_t = unsafe extern "C" fn(arg: *mut c_void, number: usize);
/// Runs a job on so many threads at once.
pub type minplat_run_threads_t =
    unsafe extern "C" fn(env: *mut c_void, count: usize, job: Option<minplat_thread_job_t>, arg: *mut c_void) -> bool;
/// `wasmtime_mmap_remap`.
pub type minplat_mmap_remap_t = unsafe extern "C" fn(addr: *mut u8, size: usize, prot_flags: u32) -> i32;
/// Says which task is running.
pub type minplat_current_task_t = unsafe extern "C" fn(env: *mut c_void) -> usize;
/// Hears what Wasmtime logs: level, where, text.
pub type minplat_log_hook_t = unsafe extern "C" fn(
    env: *mut c_void,
    level: minplat_log_level_t,
    target: *const u8,
    target_len: usize,
    message: *const u8,
    message_len: usize,
);
