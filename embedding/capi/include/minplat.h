/**
 * @file
 * minplat: compiled WebAssembly on a machine that offers little more than pages of memory.
 *
 *   minplat_engine_new -> minplat_store_new, minplat_module_load, minplat_linker_new
 *   minplat_linker_define_func ... minplat_linker_instantiate -> minplat_instance_export -> minplat_func_call
 *
 * Before them minplat_init, where the defaults do not do. What holds everywhere, unless a function says otherwise:
 *
 * - Errors. A function that can fail returns a minplat_error_t *: NULL is success, anything else is the caller's to delete.
 *   What it would have written is then untouched. A NULL argument is MINPLAT_ERROR_ARGUMENT, or the answer "nothing" where a
 *   function cannot fail. MINPLAT_ERROR_OUT_OF_MEMORY can come from every function that returns an error. Pointers that this
 *   library did not make are not found out.
 * - Ownership. Objects (pointers) are owned and deleted once, in any order, but a store outlives the handles from it. Handles
 *   (structs that start with `store`) are copied freely and never deleted; one of another store is MINPLAT_ERROR_ARGUMENT.
 *   What a function is given it copies, or is done with when it returns.
 * - Text is UTF-8 with a length and no terminating zero, but for the few functions that return const char *; it lives as long
 *   as the object that it came from.
 * - Threads. Where the platform offers no multi-thread, one lock of the program's serialises every call of the library, and with it the
 *   guests that run in them: a task waits until another's call has returned. A host function may call the library, as a part
 *   of the call that it serves. Only minplat_engine_increment_epoch may come at any time. A library built with
 *   build.debug-assertions notices a task that did not wait (MINPLAT_FATAL_CONCURRENT_CALL).
 *   Where it offers multi-thread, a store with all that is in it, a linker and an error are each one task's at a time;
 *   engines and modules are everybody's. "Tasks:" says at a function whose task may call it: that of the store, linker, error
 *   or type that it is given, or any.
 * - Stack. "Stack:" says what a function needs of it at most, on any platform that is shipped, besides what wasm may use
 *   (memory.native-stack, or the engine's own) and what host functions and hooks use. The platform's budget.stack is enough for
 *   every function here; docs/stack.md has the bytes that each kind of call needs on each platform.
 * - What the machine must define is in wasmtime-platform.h.
 *
 * Why is this not wasm.h? There every function, type, instance and value is an object on the heap with a count, and the store
 * is hidden in each; names are not linked, traps have no codes, and modules come as wasm, to be compiled. A device with 64 KiB
 * wants none of that. This API is in the manner of Wasmtime's own: handles are small structs, the store is an argument, and
 * memory is taken where a function says so.
 */

#ifndef MINPLAT_H
#define MINPLAT_H

/* Made from the source of minplat-capi; change it there. `cargo test -p minplat-header` tells when it is stale. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// How far a check is.
enum minplat_check_outcome_t
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /// It begins now. If the machine stops or hangs before the next call of the hook, this check is the reason.
    MINPLAT_CHECK_BEGINS = 0,
    /// The platform keeps its promise.
    MINPLAT_CHECK_PASSED = 1,
    /// It does not.
    MINPLAT_CHECK_FAILED = 2,
    /// It cannot be told here.
    MINPLAT_CHECK_NOT_CHECKABLE = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum minplat_check_outcome_t minplat_check_outcome_t;
#else
typedef uint32_t minplat_check_outcome_t;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/// What kind of error it is. The numbers are stable; new ones may come.
enum minplat_error_code_t
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /// No error: the code of NULL.
    MINPLAT_OK = 0,
    /// The artifact is cut or changed: its digest or its layout is wrong.
    MINPLAT_ERROR_ARTIFACT_DAMAGED = 1,
    /// The artifact was compiled for another platform or by another Wasmtime, or uses what this CPU does not have.
    MINPLAT_ERROR_PLATFORM_MISMATCH = 2,
    /// The artifact does not lie on the boundary that the text names.
    MINPLAT_ERROR_MISALIGNED = 3,
    /// The bytes are no artifact of `minplat-compile`.
    MINPLAT_ERROR_WRONG_FORMAT = 4,
    /// Memory ran out: the heap's, or the platform refused to map, protect or fill pages.
    MINPLAT_ERROR_OUT_OF_MEMORY = 5,
    /// An import is missing or has another type, or a name is defined twice.
    MINPLAT_ERROR_LINK = 6,
    /// The guest trapped; `minplat_error_trap_code` says how.
    MINPLAT_ERROR_TRAP = 7,
    /// The guest ran out of fuel: a trap too.
    MINPLAT_ERROR_OUT_OF_FUEL = 8,
    /// The guest ran past its epoch deadline: a trap too.
    MINPLAT_ERROR_INTERRUPTED = 9,
    /// A value, or the number of values, does not fit a type.
    MINPLAT_ERROR_TYPE = 10,
    /// There is nothing with this name or index.
    MINPLAT_ERROR_NOT_FOUND = 11,
    /// The platform does not have it; the text names the key that switches it on.
    MINPLAT_ERROR_UNSUPPORTED = 12,
    /// A host function returned an error made by `minplat_error_new`.
    MINPLAT_ERROR_HOST = 13,
    /// An argument is NULL, not UTF-8, or a handle of another store or of another kind.
    MINPLAT_ERROR_ARGUMENT = 14,
    /// A limit of the store, or a maximum, does not allow it.
    MINPLAT_ERROR_LIMIT = 15,
    /// An exception that no guest caught; `minplat_context_take_exception` gives it.
    MINPLAT_ERROR_EXCEPTION = 16,
    /// Anything else; see the text.
    MINPLAT_ERROR_OTHER = 255,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum minplat_error_code_t minplat_error_code_t;
#else
typedef uint32_t minplat_error_code_t;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/// Why the library stops. The numbers are stable; new ones may come.
enum minplat_fatal_t
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /// A panic: Wasmtime or the library found something that cannot be, or the heap ran out where there is no error for it
    /// (`docs/reliability.md`). Heard only where the platform's `build.panic` is not "immediate-abort".
    MINPLAT_FATAL_PANIC = 1,
    /// Two threads were in the library at once, and the platform has no `offers.multi-thread`.
    MINPLAT_FATAL_CONCURRENT_CALL = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum minplat_fatal_t minplat_fatal_t;
#else
typedef uint32_t minplat_fatal_t;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/// How important a line is.
enum minplat_log_level_t
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /// Something went wrong.
    MINPLAT_LOG_ERROR = 1,
    /// Something looks wrong.
    MINPLAT_LOG_WARN = 2,
    /// Worth knowing.
    MINPLAT_LOG_INFO = 3,
    /// For whoever looks for a fault.
    MINPLAT_LOG_DEBUG = 4,
    /// Every step.
    MINPLAT_LOG_TRACE = 5,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum minplat_log_level_t minplat_log_level_t;
#else
typedef uint32_t minplat_log_level_t;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/// How a guest trapped. The numbers are stable; new ones may come.
enum minplat_trap_code_t
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /// The stack ran out: too deep a recursion for `memory.native-stack`.
    MINPLAT_TRAP_STACK_OVERFLOW = 0,
    /// A memory was accessed out of its bounds.
    MINPLAT_TRAP_MEMORY_OUT_OF_BOUNDS = 1,
    /// An atomic access was not aligned.
    MINPLAT_TRAP_HEAP_MISALIGNED = 2,
    /// A table was accessed out of its bounds.
    MINPLAT_TRAP_TABLE_OUT_OF_BOUNDS = 3,
    /// An indirect call found no function.
    MINPLAT_TRAP_INDIRECT_CALL_TO_NULL = 4,
    /// An indirect call found a function of another type.
    MINPLAT_TRAP_BAD_SIGNATURE = 5,
    /// A division's result does not fit.
    MINPLAT_TRAP_INTEGER_OVERFLOW = 6,
    /// A division by zero.
    MINPLAT_TRAP_INTEGER_DIVISION_BY_ZERO = 7,
    /// A float that no integer stands for was converted to one.
    MINPLAT_TRAP_BAD_CONVERSION_TO_INTEGER = 8,
    /// The instruction `unreachable`.
    MINPLAT_TRAP_UNREACHABLE = 9,
    /// The epoch deadline passed.
    MINPLAT_TRAP_INTERRUPT = 10,
    /// The fuel is used up.
    MINPLAT_TRAP_OUT_OF_FUEL = 11,
    /// An atomic wait on memory that is not shared.
    MINPLAT_TRAP_ATOMIC_WAIT_NON_SHARED_MEMORY = 12,
    /// A null reference was used.
    MINPLAT_TRAP_NULL_REFERENCE = 13,
    /// An array was accessed out of its bounds.
    MINPLAT_TRAP_ARRAY_OUT_OF_BOUNDS = 14,
    /// An object is too large to exist.
    MINPLAT_TRAP_ALLOCATION_TOO_LARGE = 15,
    /// A reference was cast to a type that it does not have.
    MINPLAT_TRAP_CAST_FAILURE = 16,
    /// A trap that this list does not have; the error's text says which.
    MINPLAT_TRAP_OTHER = 255,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum minplat_trap_code_t minplat_trap_code_t;
#else
typedef uint32_t minplat_trap_code_t;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/// A host function's view of its caller: valid until the host function returns.
typedef struct minplat_caller_t minplat_caller_t;

/// A store as functions use it: from `minplat_store_context`, or in a host function from `minplat_caller_context`.
typedef struct minplat_context_t minplat_context_t;

/// An engine of this library's platform.
typedef struct minplat_engine_t minplat_engine_t;

/// An error; NULL stands for success.
typedef struct minplat_error_t minplat_error_t;

/// An import or export with its names and its type, or a function's type without names.
typedef struct minplat_externtype_t minplat_externtype_t;

/// What modules can import, by name.
typedef struct minplat_linker_t minplat_linker_t;

/// A loaded module; instances keep what they need of it.
typedef struct minplat_module_t minplat_module_t;

/// Something that is kept alive until this is deleted.
typedef struct minplat_root_t minplat_root_t;

/// A store. One thread at a time; it must outlive every handle from it.
typedef struct minplat_store_t minplat_store_t;

/// A check, and what came of it. Texts are UTF-8, not terminated; all but `detail` are static.
typedef struct {
    /// How far it is.
    minplat_check_outcome_t outcome;
    /// Its name, as "trap-repeats".
    const uint8_t *name;
    /// Bytes of the name.
    size_t name_len;
    /// What holds where it passes.
    const uint8_t *meaning;
    /// Bytes of that.
    size_t meaning_len;
    /// What to do where it fails.
    const uint8_t *remedy;
    /// Bytes of that.
    size_t remedy_len;
    /// What was seen, or why it is not checkable; mostly empty where it passed. Valid until the hook returns.
    const uint8_t *detail;
    /// Bytes of that.
    size_t detail_len;
} minplat_check_t;

/// Hears of a check twice: when it begins, and when it has ended. It must not call the library.
typedef void (*minplat_check_hook_t)(void *env, const minplat_check_t *check);

/// What a thread that the program lends does; `number` counts from 0.
typedef void (*minplat_thread_job_t)(void *arg, size_t number);

/// Calls `job(arg, 0)` to `job(arg, count - 1)`, each on a thread of its own that never used the platform's slots before, all at
/// the same time as far as the machine can, and returns true when every one has returned; false if there are no threads now.
/// `count` is at most 3, and a thread needs 4 KiB of stack.
typedef bool (*minplat_run_threads_t)(void *env, size_t count, minplat_thread_job_t job, void *arg);

/// The type of wasmtime_mmap_remap.
typedef int32_t (*minplat_mmap_remap_t)(uint8_t *addr, size_t size, uint32_t prot_flags);

/// What `minplat_check_platform` is given. Fill it with zeros first: zero is the default of every field, and later versions
/// may have more.
typedef struct {
    /// Hears of each check; NULL: nobody.
    minplat_check_hook_t hook;
    /// Handed to it.
    void *env;
    /// The name of the one check to run; NULL: all of them.
    const uint8_t *only;
    /// Bytes of the name.
    size_t only_len;
    /// Lends threads, for what holds between threads; NULL: that is not checkable.
    minplat_run_threads_t run_threads;
    /// Handed to it.
    void *threads_env;
    /// wasmtime_mmap_remap, where the program has it: no library of this version asks for it; NULL: it is not checkable.
    minplat_mmap_remap_t mmap_remap;
    /// Whether an emulator without caches plays the machine: whether code is coherent is not checkable then.
    bool is_emulated;
} minplat_check_config_t;

/// What an engine may have of its own. Fill it with zeros first: zero is the platform's default, and later versions may have
/// more fields.
typedef struct {
    /// Bytes of the native stack that wasm may use in one call into a guest, 4 KiB to 1 MiB, in place of the platform's
    /// `memory.native-stack`. A guest that wants more traps with MINPLAT_TRAP_STACK_OVERFLOW. The caller's stack must have
    /// them, and besides what `docs/stack.md` says. Where modules are bytecode each store has a stack of this size on the heap,
    /// and guests that host functions call back may have as much of the native one.
    size_t native_stack;
} minplat_engine_config_t;

/// One function that was running when the guest failed. Names are UTF-8, not terminated, and valid until the error is
/// deleted; NULL where the module has none.
typedef struct {
    /// Index among the module's functions, imported ones first.
    uint32_t function_index;
    /// Where the instruction starts in the `.wasm` file; UINT32_MAX if the module has no address map.
    uint32_t module_offset;
    /// Where that instruction's code starts in the image's `.text`; UINT32_MAX if the module has no address map.
    uint32_t text_offset;
    /// The function's name.
    const uint8_t *function_name;
    /// Bytes of the function's name.
    size_t function_name_len;
    /// The module's name.
    const uint8_t *module_name;
    /// Bytes of the module's name.
    size_t module_name_len;
} minplat_frame_t;

/// A function, valid with its store. All zeros: the null reference.
typedef struct {
    /// The store's number; 0: null.
    uint64_t store;
    /// Which; opaque.
    uint64_t opaque;
} minplat_func_t;

/// A type of values. Not an enumeration, because programs give it too.
typedef uint8_t minplat_kind_t;

/// A reference to something that a collector owns, valid with its store. All zeros: null. It keeps the kind of the value that it
/// came in. What it refers to is kept alive until the innermost scope ends that was open when the handle came to be: a
/// host function's call, or `minplat_scope_enter`'s; without one, until the store is deleted. A handle from a scope that
/// ended is MINPLAT_ERROR_ARGUMENT. To keep something longer: `minplat_root_new`, or a global or table of the host's own.
typedef struct {
    /// The store's number, with the kind of reference in the topmost byte; 0 for null, and for a reference that the library does not keep: any without runtime.gc, and a
    /// MINPLAT_OTHERREF.
    uint64_t store;
    /// Which; opaque. 0 for null; not 0 for a reference that is not kept.
    uint64_t opaque;
} minplat_ref_t;

/// What a value is, by its kind.
typedef union {
    /// MINPLAT_I32.
    int32_t i32;
    /// MINPLAT_I64.
    int64_t i64;
    /// MINPLAT_F32.
    float f32;
    /// MINPLAT_F64.
    double f64;
    /// MINPLAT_V128: the bytes in little-endian order, lane 0 first.
    uint8_t v128[16];
    /// MINPLAT_FUNCREF; all zeros: null.
    minplat_func_t funcref;
    /// MINPLAT_EXTERNREF, MINPLAT_ANYREF, MINPLAT_EXNREF and MINPLAT_OTHERREF.
    minplat_ref_t reference;
} minplat_value_union_t;

/// A value with its kind.
typedef struct {
    /// Which member of `of` it is.
    minplat_kind_t kind;
    /// The value.
    minplat_value_union_t of;
} minplat_value_t;

/// A global, valid with its store.
typedef struct {
    /// The number of the store, with the kind of handle in the topmost byte.
    uint64_t store;
    /// Which; opaque.
    uint64_t opaque[2];
} minplat_global_t;

/// What the heap has, bytes. Linear memories are in it where the platform has neither traps nor reservations nor images;
/// code and everything else that Wasmtime maps itself is not.
typedef struct {
    /// In use, as requested.
    size_t used;
    /// The most that was in use at once.
    size_t peak;
    /// Taken from the platform, or the pools' size.
    size_t mapped;
} minplat_heap_stats_t;

/// A host function. `args` have the kinds that it was defined with; `results` come with theirs and zeros in them, to be
/// overwritten. NULL: it succeeded. An error, which the library then owns, ends the guest's call.
typedef minplat_error_t *(*minplat_callback_t)(void *env,
                                               minplat_caller_t *caller,
                                               const minplat_value_t *args,
                                               size_t args_len,
                                               minplat_value_t *results,
                                               size_t results_len);

/// Ends what a host function's `env`, or the `data` of an externref or a store, points to. It must not call the library: it runs
/// in the midst of a call, on the thread and the stack of the one that ends the thing. That is a `*_delete`, a collection (which
/// a guest may set off too), or the failed definition itself.
typedef void (*minplat_finalizer_t)(void *env);

/// A value without its kind, as compiled code passes it. It is as long as the longest, and what is behind a shorter one is
/// of no worth.
typedef union {
    /// MINPLAT_I32.
    int32_t i32;
    /// MINPLAT_I64.
    int64_t i64;
    /// MINPLAT_F32.
    float f32;
    /// MINPLAT_F64.
    double f64;
    /// MINPLAT_V128: the bytes in little-endian order, lane 0 first.
    uint8_t v128[16];
    /// MINPLAT_FUNCREF: from `minplat_func_to_raw`; NULL: null.
    void *funcref;
    /// MINPLAT_EXTERNREF, MINPLAT_ANYREF, MINPLAT_EXNREF: from `minplat_ref_to_raw`; 0: null.
    uint32_t reference;
} minplat_raw_t;

/// A host function without conversions: `values` hold the arguments from the first on, and get the results from the first
/// on; there are as many as parameters or results, whichever are more. NULL: it succeeded. An error, which the library then
/// owns, ends the guest's call.
typedef minplat_error_t *(*minplat_raw_callback_t)(void *env,
                                                   minplat_caller_t *caller,
                                                   minplat_raw_t *values,
                                                   size_t values_len);

/// What an import or export is. Not an enumeration, because programs give it too.
typedef uint8_t minplat_extern_kind_t;

/// A table, valid with its store.
typedef struct {
    /// The number of the store, with the kind of handle in the topmost byte.
    uint64_t store;
    /// Which; opaque.
    uint64_t opaque[2];
} minplat_table_t;

/// A memory, valid with its store.
typedef struct {
    /// The number of the store, with the kind of handle in the topmost byte.
    uint64_t store;
    /// Which; opaque.
    uint64_t opaque[2];
} minplat_memory_t;

/// A tag of exceptions, valid with its store. `minplat_extern_type` gives its type.
typedef struct {
    /// The number of the store, with the kind of handle in the topmost byte.
    uint64_t store;
    /// Which; opaque.
    uint64_t opaque[2];
} minplat_tag_t;

/// What an import or export is, by its kind.
typedef union {
    /// MINPLAT_EXTERN_FUNC.
    minplat_func_t func;
    /// MINPLAT_EXTERN_TABLE.
    minplat_table_t table;
    /// MINPLAT_EXTERN_MEMORY.
    minplat_memory_t memory;
    /// MINPLAT_EXTERN_GLOBAL.
    minplat_global_t global;
    /// MINPLAT_EXTERN_TAG.
    minplat_tag_t tag;
} minplat_extern_union_t;

/// Something that an instance exports or imports. A guest decides what it exports under a name: `kind` says which member of `of`
/// it is. A handle from another member is MINPLAT_ERROR_ARGUMENT, or the answer "nothing", wherever it is given.
typedef struct {
    /// Which member of `of` it is.
    minplat_extern_kind_t kind;
    /// The thing.
    minplat_extern_union_t of;
} minplat_extern_t;

/// Memory that the program gives the heap.
typedef struct {
    /// Its first byte; any alignment.
    void *start;
    /// Bytes.
    size_t size;
} minplat_pool_t;

/// Gives memory of this size and alignment (a power of two); NULL if there is none.
typedef void *(*minplat_alloc_t)(void *env, size_t size, size_t align);

/// Changes the size of memory that `minplat_alloc_t` gave, where it is or elsewhere with its contents; NULL if it cannot, and
/// then the memory stays as it was.
typedef void *(*minplat_realloc_t)(void *env, void *ptr, size_t old_size, size_t align, size_t new_size);

/// Takes memory back; size and alignment are those that it has.
typedef void (*minplat_free_t)(void *env, void *ptr, size_t size, size_t align);

/// What is known of the reason. Texts are UTF-8, not terminated, and valid until the hook returns.
typedef struct {
    /// The reason.
    minplat_fatal_t code;
    /// The line of `file`; 0 if it is not known.
    uint32_t line;
    /// A text; empty for a panic where `build.panic` is "code". Cut at 256 bytes.
    const uint8_t *message;
    /// Bytes of the text.
    size_t message_len;
    /// The library's source file; empty where `build.location-detail` is off.
    const uint8_t *file;
    /// Bytes of the file's name.
    size_t file_len;
} minplat_panic_t;

/// Hears that the library stops. It runs on the stack of the call that failed, maybe with a lock held: it must not call the
/// library, and should not return. If it does, the library executes an invalid instruction.
typedef void (*minplat_panic_hook_t)(void *env, const minplat_panic_t *info);

/// Hears a line that Wasmtime logs: its level, the module of Wasmtime's source that it comes from, and its text. Texts are
/// UTF-8, not terminated, and valid until the hook returns. It runs inside a call of the library, on that call's stack and
/// thread, and must not call the library.
typedef void (*minplat_log_hook_t)(void *env,
                                   minplat_log_level_t level,
                                   const uint8_t *target,
                                   size_t target_len,
                                   const uint8_t *message,
                                   size_t message_len);

/// Says which task is running: any number that no other task has while this one lives.
typedef size_t (*minplat_current_task_t)(void *env);

/// What `minplat_init` is told. Fill it with zeros first: zero is the default of every field, and later versions may have
/// more.
///
/// The heap has one source: the platform's pages (the default, where the platform has virtual memory), the pools, or the
/// program's functions. With either of the last two the heap takes no pages from the platform; what Wasmtime maps by itself
/// it still asks for with wasmtime_mmap_new: copies of modules, and linear memories where the platform has traps,
/// reservations or images.
typedef struct {
    /// Pools for the heap, which must stay for as long as the library is used, and which nobody else may use.
    const minplat_pool_t *pools;
    /// How many.
    size_t pools_len;
    /// The program's heap, instead of pools. The functions are called on every thread that uses the library, one at a time,
    /// and must not call it.
    minplat_alloc_t alloc;
    /// NULL: the library allocates anew, copies, and frees.
    minplat_realloc_t realloc;
    /// Needed with `alloc`.
    minplat_free_t free;
    /// Handed to the three.
    void *alloc_env;
    /// Hears that the library stops; NULL: nobody.
    minplat_panic_hook_t panic;
    /// Handed to it.
    void *panic_env;
    /// Hears what Wasmtime logs, where the platform's `build.log-level` is not "off"; NULL: nobody.
    minplat_log_hook_t log;
    /// Handed to it.
    void *log_env;
    /// Says which task calls, so that a library built with `build.debug-assertions` for a platform without multi-thread finds
    /// every call that does not wait for its turn; else it is not used. NULL: those alone that come while the library works.
    minplat_current_task_t current_task;
    /// Handed to it.
    void *current_task_env;
} minplat_config_t;

/// An instance, valid with its store.
typedef struct {
    /// The store's number.
    uint64_t store;
    /// Which; opaque.
    uint64_t opaque;
} minplat_instance_t;

/// What guests of a store may use. UINT64_MAX: no limit. Fill all fields; `minplat_limits_none` does.
typedef struct {
    /// Bytes of each memory; a garbage collector's heap is one, here and in the total.
    uint64_t memory_bytes;
    /// Elements of each table.
    uint64_t table_elements;
    /// Instances in the store.
    uint64_t instances;
    /// Tables in the store.
    uint64_t tables;
    /// Memories in the store, without a garbage collector's heap.
    uint64_t memories;
    /// Bytes of all memories of the store together, a garbage collector's heap included.
    uint64_t total_memory_bytes;
} minplat_limits_t;

/// How large a memory or table may be.
typedef struct {
    /// Pages of a memory, elements of a table, that it starts with.
    uint64_t minimum;
    /// The most that it may grow to; UINT64_MAX if the type has none.
    uint64_t maximum;
    /// A memory's page is 1 << this many bytes: 16 unless the module says otherwise. 0 for tables.
    uint32_t page_size_log2;
    /// Whether it is addressed by 64-bit integers.
    bool is_64;
    /// Whether it can be shared between threads.
    bool is_shared;
} minplat_limits_type_t;

/// A custom section of the module. Name and data are valid as long as the module; the data starts at a multiple of 16 where
/// the artifact does, and always of a copied one.
typedef struct {
    /// Its name: UTF-8, not terminated.
    const uint8_t *name;
    /// Bytes of the name.
    size_t name_len;
    /// Its bytes.
    const uint8_t *data;
    /// How many.
    size_t data_len;
} minplat_section_t;

/// A function whose type was checked, valid with its store.
typedef struct {
    /// The store's number.
    uint64_t store;
    /// Which; opaque.
    uint64_t opaque;
    /// How many values a call needs room for: as many as there are parameters, or results, whichever are more.
    size_t slots;
} minplat_prepared_t;

/// What a reference can refer to: the specification's heap types. Not an enumeration, because new ones may come.
typedef uint8_t minplat_heap_t;

/// A part of a program after which references are released. Zeros: none is open. While it is open it must not be copied.
typedef struct {
    /// Opaque.
    size_t opaque[2];
    /// Whether it is open.
    bool is_open;
} minplat_scope_t;

/// What the library has, by purpose, bytes. What is on its heap is counted to the byte as it was asked for, under what the
/// library did when it took it; what Wasmtime maps by itself is counted as whole pages (code) or by what guests may access
/// (memories). Thus `total` is the sum of all that stand above it, always.
///
/// The peak of the native stack is not here: the library does not know where a task's stack ends. `minplat_stack_paint` and
/// `minplat_stack_unused` tell it.
///
/// What is not known: pages that the platform needs for its own books, address space that is reserved and not accessible, and
/// copy-on-write images of data, which the platform makes. Where the platform offers multi-thread and two threads make
/// instances at once, a memory of one may be counted as an instance's of the other.
typedef struct {
    /// Copies of modules: code and all that comes with it. Modules that are used in place are not in it.
    size_t code;
    /// Linear memories, and the heaps of garbage collectors.
    size_t memories;
    /// Tables.
    size_t tables;
    /// Instances: globals, function references, what else Wasmtime keeps for each.
    size_t instances;
    /// Types of functions that the program gave to define or look up functions.
    size_t types;
    /// What is kept of each module besides its code: functions, imports, exports, names, types.
    size_t metadata;
    /// Engines, linkers, stores, host functions, errors, and Pulley's stacks.
    size_t other;
    /// Taken for the heap and not in use: its books, what is free, what is lost to rounding.
    size_t waste;
    /// The sum.
    size_t total;
    /// Of all these what is on the heap, waste included: `minplat_heap_stats_t`'s `mapped`.
    size_t heap;
    /// The most that was in use on the heap at once, waste not included.
    size_t heap_peak;
} minplat_stats_t;

/// What one store's guests have.
typedef struct {
    /// Bytes of its linear memories, those of the program's own making and the heap of the garbage collector included.
    uint64_t memory_bytes;
    /// Elements of its tables, each of a pointer's size, or of 4 bytes for references of a garbage collector. A
    /// table.grow that ended for want of memory counts as done.
    uint64_t table_elements;
    /// How many instances were made in it.
    uint64_t instances;
} minplat_store_stats_t;

/// A type of values, whole.
typedef struct {
    /// The kind.
    minplat_kind_t kind;
    /// Of references: to what. MINPLAT_NO_HEAP for numbers and vectors.
    minplat_heap_t heap;
    /// Of references: whether null is one of them.
    bool is_nullable;
} minplat_valtype_t;

/// 32-bit integers.
#define MINPLAT_I32 0

/// 64-bit integers.
#define MINPLAT_I64 1

/// 32-bit floats.
#define MINPLAT_F32 2

/// 64-bit floats.
#define MINPLAT_F64 3

/// 128-bit vectors.
#define MINPLAT_V128 4

/// References to functions, of one type or of any.
#define MINPLAT_FUNCREF 5

/// References to things of the host.
#define MINPLAT_EXTERNREF 6

/// References that the library has no form for, as to continuations: null ones alone can be given.
#define MINPLAT_OTHERREF 7

/// References of the garbage collection proposal: to structs, arrays, 31-bit integers.
#define MINPLAT_ANYREF 8

/// References to exceptions.
#define MINPLAT_EXNREF 9

/// What stands where there is no type.
#define MINPLAT_NO_KIND 255

/// Functions.
#define MINPLAT_HEAP_FUNC 0

/// Functions of one type that the module defines.
#define MINPLAT_HEAP_TYPED_FUNC 1

/// No function: null alone.
#define MINPLAT_HEAP_NOFUNC 2

/// Things of the host.
#define MINPLAT_HEAP_EXTERN 3

/// Nothing of the host's: null alone.
#define MINPLAT_HEAP_NOEXTERN 4

/// Everything that the collector knows, but exceptions.
#define MINPLAT_HEAP_ANY 5

/// What can be compared.
#define MINPLAT_HEAP_EQ 6

/// 31-bit integers.
#define MINPLAT_HEAP_I31 7

/// Structs.
#define MINPLAT_HEAP_STRUCT 8

/// Structs of one type that the module defines.
#define MINPLAT_HEAP_TYPED_STRUCT 9

/// Arrays.
#define MINPLAT_HEAP_ARRAY 10

/// Arrays of one type that the module defines.
#define MINPLAT_HEAP_TYPED_ARRAY 11

/// Nothing of the collector's: null alone.
#define MINPLAT_HEAP_NONE 12

/// Exceptions.
#define MINPLAT_HEAP_EXN 13

/// Exceptions of one type.
#define MINPLAT_HEAP_TYPED_EXN 14

/// No exception: null alone.
#define MINPLAT_HEAP_NOEXN 15

/// What this list does not have.
#define MINPLAT_HEAP_OTHER 254

/// What stands where there is no reference.
#define MINPLAT_NO_HEAP 255

/// A function.
#define MINPLAT_EXTERN_FUNC 0

/// A table.
#define MINPLAT_EXTERN_TABLE 1

/// A memory.
#define MINPLAT_EXTERN_MEMORY 2

/// A global.
#define MINPLAT_EXTERN_GLOBAL 3

/// A tag of exceptions.
#define MINPLAT_EXTERN_TAG 4

/// What stands where there is nothing.
#define MINPLAT_EXTERN_NONE 255

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/// The length of the artifact at `bytes`, of which `capacity` can be read: in a flash slot with padding behind it, in a
/// container with more files. It reads headers alone and takes no memory but for an error; damage is found by
/// `minplat_module_load`, which ignores what is behind an artifact too.
///
/// MINPLAT_ERROR_WRONG_FORMAT if no artifact starts there, MINPLAT_ERROR_ARTIFACT_DAMAGED if it is cut or its headers make
/// no sense. Stack: 1 KiB. Tasks: any.
minplat_error_t *minplat_artifact_length(const uint8_t *bytes,
                                         size_t capacity,
                                         size_t *len);

/// Checks the machine: tries out what wasmtime-platform.h asks for of the functions that the platform offers, and counts in
/// `failed` the promises that it does not keep. docs/platform-checks.md lists the checks.
///
/// Call it before the first engine is made, with nobody else in the library: on a platform with traps it puts a trap handler of
/// its own in place, which an engine then replaces. Every function is called in ways that are allowed; a platform that
/// breaks its contract may stop the machine all the same, or never return: the hook has heard in which check. What must
/// fault is tried only on platforms with traps.
///
/// MINPLAT_ERROR_UNSUPPORTED in a library that was not built with `build.platform-checks`; MINPLAT_ERROR_ARGUMENT if an engine
/// was made before on a platform with traps, or there is no check of the name. Maps at most 2 MiB or 100 pages at once,
/// besides address space. Stack: 4 KiB, and what the hook needs. Takes no heap. Tasks: one task alone, before others call.
minplat_error_t *minplat_check_platform(const minplat_check_config_t *config,
                                        size_t *failed);

/// Makes an engine. Owned by the caller; what was made with it keeps what it needs of it. A program may have several, and on
/// each thread where the platform offers multi-thread; what is made with one goes with no other.
/// MINPLAT_ERROR_OUT_OF_MEMORY is the only error, and MINPLAT_ERROR_UNSUPPORTED where the platform offers traps and
/// wasmtime_init_traps fails. Stack: 4 KiB. Tasks: any.
minplat_error_t *minplat_engine_new(minplat_engine_t **engine);

/// Makes an engine with settings of its own. As `minplat_engine_new`; MINPLAT_ERROR_ARGUMENT if a setting is out of its bounds.
/// Stack: 4 KiB. Tasks: any.
minplat_error_t *minplat_engine_new_with(const minplat_engine_config_t *config,
                                         minplat_engine_t **engine);

/// Frees an engine: stores, modules and linkers made with it stay good. NULL is fine. Stack: 1 KiB. Tasks: any.
void minplat_engine_delete(minplat_engine_t *engine);

/// Starts the next epoch: guests that reach their store's deadline trap. May be called from an interrupt or another thread
/// while a guest runs, on every platform: it takes neither heap nor lock. MINPLAT_ERROR_UNSUPPORTED where the platform's
/// `wasm.interruption` is not "epoch". Stack: 1 KiB. Tasks: any, at any time, interrupts too.
minplat_error_t *minplat_engine_increment_epoch(const minplat_engine_t *engine);

/// The error's kind; MINPLAT_OK for NULL. Stack: 1 KiB. Tasks: the error's.
minplat_error_code_t minplat_error_code(const minplat_error_t *error);

/// The whole text, with causes and remedy: `*len` bytes of UTF-8, not terminated, valid until the error is deleted. NULL
/// and no bytes for NULL. `len` may not be NULL. Stack: 2 KiB. Tasks: the error's.
const uint8_t *minplat_error_message(const minplat_error_t *error,
                                     size_t *len);

/// Makes an error for a host function to return: it ends the guest's call and comes out of `minplat_func_call` with the code
/// MINPLAT_ERROR_HOST. The text is copied. Never NULL: bytes that are not UTF-8, or NULL with a length, give an error that says
/// so (MINPLAT_ERROR_ARGUMENT) and ends the guest's call likewise. Stack: 1 KiB. Tasks: any.
minplat_error_t *minplat_error_new(const uint8_t *message,
                                   size_t len);

/// Frees an error. NULL is fine. Stack: 1 KiB. Tasks: the error's.
void minplat_error_delete(minplat_error_t *error);

/// Whether more functions were running than there are frames. Stack: 1 KiB. Tasks: the error's.
bool minplat_error_frames_truncated(const minplat_error_t *error);

/// How many functions of guests were running when the error came to be. At most 20 are kept, the innermost:
/// `minplat_error_frames_truncated` says whether there were more. Stack: 1 KiB. Tasks: the error's.
size_t minplat_error_frame_count(const minplat_error_t *error);

/// One of them, 0 being the one that failed. False if there is no such frame. Stack: 2 KiB. Tasks: the error's.
bool minplat_error_frame(const minplat_error_t *error, size_t index, minplat_frame_t *out);

/// Calls a function. The arguments must have the kinds of its type; results are written with theirs. A trap, an exception that
/// nobody caught, or an error that a host function returned, comes out as the error; then the results hold nothing of worth.
///
/// No error spoils a store. What the guest had written to memories, globals and tables before it stopped stays, the rest of its
/// work is not done, and the next call works as ever: after a trap, an exception, fuel that ran out, an interrupt, memory that
/// ran out. Whether the guest's own data still makes sense, the guest's author knows.
///
/// While a guest runs, `minplat_engine_increment_epoch` is all that an interrupt or another thread may call with its engine: it
/// stops guests whose deadline that is. Fuel and deadlines of the store are changed between calls, or by a host function; to
/// stop a guest that runs on fuel, give it little at a time, for each call. Limits are changed between calls alone.
/// Stack: 5 KiB. Tasks: the store's.
minplat_error_t *minplat_func_call(minplat_context_t *context,
                                   const minplat_func_t *func,
                                   const minplat_value_t *args,
                                   size_t args_len,
                                   minplat_value_t *results,
                                   size_t results_len);

/// The function's type, without names. Owned by the caller. Stack: 4 KiB. Tasks: the store's.
minplat_error_t *minplat_func_type(const minplat_context_t *context,
                                   const minplat_func_t *func,
                                   minplat_externtype_t **ty);

/// Reads a global. Stack: 2 KiB. Tasks: the store's.
minplat_error_t *minplat_global_get(minplat_context_t *context, const minplat_global_t *global, minplat_value_t *value);

/// Writes a global. MINPLAT_ERROR_TYPE if it is constant or the value is of another kind. Stack: 2 KiB. Tasks: the store's.
minplat_error_t *minplat_global_set(minplat_context_t *context,
                                    const minplat_global_t *global,
                                    const minplat_value_t *value);

/// Makes a global that modules can import. Stack: 2 KiB. Tasks: the store's.
minplat_error_t *minplat_global_new(minplat_context_t *context,
                                    minplat_kind_t kind,
                                    bool is_mutable,
                                    const minplat_value_t *value,
                                    minplat_global_t *global);

/// Tells what the heap has; zeros where the library was built without its allocator. NULL does nothing. Stack: 1 KiB.
/// Tasks: any.
void minplat_heap_stats(minplat_heap_stats_t *stats);

/// Makes a host function without a linker: to be given to a table, a global, a guest, or `minplat_instance_new`. Otherwise as
/// `minplat_linker_define_func`; it lives as long as the store, and `finalizer` is called when that is deleted.
/// Stack: 4 KiB. Tasks: the store's.
minplat_error_t *minplat_func_new(minplat_context_t *context,
                                  const minplat_kind_t *params,
                                  size_t params_len,
                                  const minplat_kind_t *results,
                                  size_t results_len,
                                  minplat_callback_t callback,
                                  void *env,
                                  minplat_finalizer_t finalizer,
                                  minplat_func_t *func);

/// Likewise, without conversions: see minplat_raw_callback_t. Stack: 4 KiB. Tasks: the store's.
minplat_error_t *minplat_func_new_raw(minplat_context_t *context,
                                      const minplat_kind_t *params,
                                      size_t params_len,
                                      const minplat_kind_t *results,
                                      size_t results_len,
                                      minplat_raw_callback_t callback,
                                      void *env,
                                      minplat_finalizer_t finalizer,
                                      minplat_func_t *func);

/// The caller's store; valid until the host function returns. NULL for NULL. Stack: 1 KiB. Tasks: the host function's.
minplat_context_t *minplat_caller_context(minplat_caller_t *caller);

/// The export of this name of the instance that called; false if there is none, or an argument is not valid. The handle
/// outlives the host function: it is valid with the store. Stack: 1 KiB. Tasks: the host function's.
bool minplat_caller_export(minplat_caller_t *caller, const uint8_t *name, size_t name_len, minplat_extern_t *export_);

/// Prepares the library. Call it before anything else, on one thread, where the defaults do not do; a platform without
/// virtual memory needs it for the heap's memory. `config` is copied; the pools are the library's from then on.
///
/// MINPLAT_ERROR_ARGUMENT if two sources are given, none where the platform has none, or if the heap has one already (more
/// pools may be given to a heap of pools at any time); MINPLAT_ERROR_OUT_OF_MEMORY if a pool is too small;
/// MINPLAT_ERROR_UNSUPPORTED for a log hook where `build.log-level` is "off". The hooks are set first, and stay set if the
/// rest fails; a later call sets them anew. Errors of this function take no memory. Stack: 1 KiB.
/// Tasks: one task alone, before others call.
minplat_error_t *minplat_init(const minplat_config_t *config);

/// The export of this name; false if there is none, or an argument is not valid. Stack: 2 KiB. Tasks: the store's.
bool minplat_instance_export(minplat_context_t *context,
                             const minplat_instance_t *instance,
                             const uint8_t *name,
                             size_t name_len,
                             minplat_extern_t *export_);

/// The instance's export number `index`, in the module's order, with its name: `*name_len` bytes of UTF-8, not terminated,
/// valid as long as the store. False if there is none with this index, or an argument is not valid. Stack: 2 KiB.
/// Tasks: the store's.
bool minplat_instance_export_at(minplat_context_t *context,
                                const minplat_instance_t *instance,
                                size_t index,
                                const uint8_t **name,
                                size_t *name_len,
                                minplat_extern_t *export_);

/// Makes an instance without a linker: `imports` are what the module imports, in its order. Otherwise as
/// `minplat_linker_instantiate`. Stack: 6 KiB. Tasks: the store's.
minplat_error_t *minplat_instance_new(minplat_context_t *context,
                                      const minplat_module_t *module,
                                      const minplat_extern_t *imports,
                                      size_t imports_len,
                                      minplat_instance_t *instance);

/// The type of something that the store owns, without names. Owned by the caller. Stack: 1 KiB. Tasks: the store's.
minplat_error_t *minplat_extern_type(const minplat_context_t *context,
                                     const minplat_extern_t *item,
                                     minplat_externtype_t **ty);

/// Sets what guests of the store may use from now on: what is there already stays, and counts. A guest sees a refused growth
/// as -1; instantiation, and what the program makes or grows itself, fails with MINPLAT_ERROR_LIMIT. NULL arguments do
/// nothing. Not while a guest of the store runs. Stack: 5 KiB. Tasks: the store's.
void minplat_store_set_limits(minplat_store_t *store,
                              const minplat_limits_t *limits);

/// No limit at all, to begin with. Stack: 1 KiB. Tasks: any.
minplat_limits_t minplat_limits_none(void);

/// Makes an empty linker. Owned by the caller. Stack: 4 KiB. Tasks: any.
minplat_error_t *minplat_linker_new(const minplat_engine_t *engine, minplat_linker_t **linker);

/// Frees a linker. Instances that were made with it stay, with the host functions that they call. NULL is fine.
/// Stack: 1 KiB. Tasks: the linker's.
void minplat_linker_delete(minplat_linker_t *linker);

/// Lets a definition take the place of another of the same name from now on, instead of being MINPLAT_ERROR_LINK. NULL does
/// nothing. Stack: 2 KiB. Tasks: the linker's.
void minplat_linker_allow_shadowing(minplat_linker_t *linker,
                                    bool allow);

/// Defines a host function. `env` is handed to it; `finalizer`, unless NULL, is called with `env` once, when the last thing
/// that could call the function is gone, or at once if this fails. Where the platform offers multi-thread, the function
/// may be called on every thread that runs a store. MINPLAT_ERROR_LINK if the name is taken. Stack: 4 KiB.
/// Tasks: the linker's.
minplat_error_t *minplat_linker_define_func(minplat_linker_t *linker,
                                            const uint8_t *module,
                                            size_t module_len,
                                            const uint8_t *name,
                                            size_t name_len,
                                            const minplat_kind_t *params,
                                            size_t params_len,
                                            const minplat_kind_t *results,
                                            size_t results_len,
                                            minplat_callback_t callback,
                                            void *env,
                                            minplat_finalizer_t finalizer);

/// Defines a host function without conversions, the fastest there is: see minplat_raw_callback_t. Otherwise as
/// `minplat_linker_define_func`. Stack: 4 KiB. Tasks: the linker's.
minplat_error_t *minplat_linker_define_func_raw(minplat_linker_t *linker,
                                                const uint8_t *module,
                                                size_t module_len,
                                                const uint8_t *name,
                                                size_t name_len,
                                                const minplat_kind_t *params,
                                                size_t params_len,
                                                const minplat_kind_t *results,
                                                size_t results_len,
                                                minplat_raw_callback_t callback,
                                                void *env,
                                                minplat_finalizer_t finalizer);

/// Defines a host function for an import, from `minplat_module_import`: under its names, and with exactly its type. So it can have
/// any type that there is, of references to the module's own types too. Otherwise as `minplat_linker_define_func`;
/// MINPLAT_ERROR_TYPE if the import is no function. Stack: 2 KiB. Tasks: the linker's.
minplat_error_t *minplat_linker_define_import(minplat_linker_t *linker,
                                              const minplat_externtype_t *import,
                                              minplat_callback_t callback,
                                              void *env,
                                              minplat_finalizer_t finalizer);

/// Likewise, without conversions: see minplat_raw_callback_t. Stack: 2 KiB. Tasks: the linker's.
minplat_error_t *minplat_linker_define_import_raw(minplat_linker_t *linker,
                                                  const minplat_externtype_t *import,
                                                  minplat_raw_callback_t callback,
                                                  void *env,
                                                  minplat_finalizer_t finalizer);

/// Defines something that the store owns; from then on the linker is for this store alone. MINPLAT_ERROR_LINK if the name is
/// taken, MINPLAT_ERROR_ARGUMENT if the linker has things of another store. Linker and store are of one engine.
/// Stack: 2 KiB. Tasks: the store's.
minplat_error_t *minplat_linker_define(minplat_linker_t *linker,
                                       const minplat_context_t *context,
                                       const uint8_t *module,
                                       size_t module_len,
                                       const uint8_t *name,
                                       size_t name_len,
                                       const minplat_extern_t *item);

/// Defines every export of an instance under a module's name; from then on the linker is for this store alone.
/// MINPLAT_ERROR_LINK if a name is taken, MINPLAT_ERROR_ARGUMENT if the linker has things of another store. Linker and store
/// are of one engine. Stack: 2 KiB. Tasks: the store's.
minplat_error_t *minplat_linker_define_instance(minplat_linker_t *linker,
                                                minplat_context_t *context,
                                                const uint8_t *module,
                                                size_t module_len,
                                                const minplat_instance_t *instance);

/// What is defined under a name, for this store. MINPLAT_ERROR_NOT_FOUND if nothing is, MINPLAT_ERROR_ARGUMENT if the
/// linker has things of another store. Linker and store are of one engine. Stack: 2 KiB. Tasks: the store's.
minplat_error_t *minplat_linker_get(const minplat_linker_t *linker,
                                    minplat_context_t *context,
                                    const uint8_t *module,
                                    size_t module_len,
                                    const uint8_t *name,
                                    size_t name_len,
                                    minplat_extern_t *item);

/// Makes an instance and runs the module's start function. MINPLAT_ERROR_LINK if an import is missing or has another type;
/// MINPLAT_ERROR_LIMIT if the store's limits do not allow the instance; a trap of the start function, or of an active
/// segment, comes out as one. A module can be instantiated any number of times in a store. Linker, store and module are
/// of one engine; MINPLAT_ERROR_ARGUMENT if the linker has things of another store. Stack: 6 KiB. Tasks: the store's.
minplat_error_t *minplat_linker_instantiate(const minplat_linker_t *linker,
                                            minplat_context_t *context,
                                            const minplat_module_t *module,
                                            minplat_instance_t *instance);

/// The memory's bytes; `*len` says how many. NULL if an argument is not valid; `len` may be NULL.
///
/// The pointer goes stale when the memory grows, by `minplat_memory_grow` or the guest's `memory.grow`: the bytes may then lie
/// elsewhere, and there are more of them. So ask again after every call that may have run a guest. Nothing else moves
/// them; they are gone with the store. Stack: 1 KiB. Tasks: the store's.
uint8_t *minplat_memory_data(minplat_context_t *context,
                             const minplat_memory_t *memory,
                             size_t *len);

/// The `len` bytes at a guest's `address`, or NULL if they are not all inside the memory (or an argument is not valid): what a
/// host function does with the pointers that a guest gives it. No sum overflows. It goes stale as
/// `minplat_memory_data`'s does. Zero bytes at the memory's end are inside. Stack: 1 KiB. Tasks: the store's.
uint8_t *minplat_memory_range(minplat_context_t *context,
                              const minplat_memory_t *memory,
                              uint64_t address,
                              uint64_t len);

/// The memory's size in its own pages (64 KiB unless the module says otherwise); 0 if an argument is not valid.
/// Stack: 1 KiB. Tasks: the store's.
uint64_t minplat_memory_size(const minplat_context_t *context, const minplat_memory_t *memory);

/// Grows a memory by so many pages, filled with zeros. `previous`, unless NULL, gets the size before.
/// MINPLAT_ERROR_LIMIT if the memory's maximum, a limit of the store, or the platform does not allow it. Stack: 2 KiB.
/// Tasks: the store's.
minplat_error_t *minplat_memory_grow(minplat_context_t *context,
                                     const minplat_memory_t *memory,
                                     uint64_t delta,
                                     uint64_t *previous);

/// Makes a memory that modules can import. MINPLAT_ERROR_TYPE if the limits make no memory, MINPLAT_ERROR_LIMIT if a limit of the
/// store or the platform does not allow it. Stack: 5 KiB. Tasks: the store's.
minplat_error_t *minplat_memory_new(minplat_context_t *context,
                                    const minplat_limits_type_t *limits,
                                    minplat_memory_t *memory);

/// Loads an artifact of `minplat-compile`, copying it; `bytes` are free afterwards. The module is owned by the caller. What follows behind the artifact is
/// ignored, so a padded flash slot is fine. The digest finds damage, not malice: load only what you trust. In a library that was
/// built with `build.unpack` it may be packed: it is expanded on the heap first, and that copy is freed before this returns.
/// Stack: all of budget.stack. Tasks: any.
minplat_error_t *minplat_module_load(const minplat_engine_t *engine,
                                     const uint8_t *bytes,
                                     size_t len,
                                     minplat_module_t **module);

/// Loads an artifact without copying it: code runs and data is read where it lies. The module is owned by the caller. The bytes must stay, unchanged, until
/// the module and every store with an instance of it are deleted; until then they cannot be loaded in place again
/// (MINPLAT_ERROR_ARGUMENT). Native code must start on a page
/// (`minplat_page_size`), in memory that `wasmtime_mprotect` can make executable, and the pages that it lies on, the last one too,
/// must hold nothing that is written: they are not writable while the module lives. Pulley's may be in ROM.
/// Stack: all of budget.stack. Tasks: any.
minplat_error_t *minplat_module_load_in_place(const minplat_engine_t *engine,
                                              const uint8_t *bytes,
                                              size_t len,
                                              minplat_module_t **module);

/// Frees a module. NULL is fine. Stack: 1 KiB. Tasks: any.
void minplat_module_delete(minplat_module_t *module);

/// How many imports the module has; 0 for NULL. Stack: 1 KiB. Tasks: any.
size_t minplat_module_import_count(const minplat_module_t *module);

/// How many exports the module has; 0 for NULL. Stack: 1 KiB. Tasks: any.
size_t minplat_module_export_count(const minplat_module_t *module);

/// The module's import number `index`, in the module's order. Owned by the caller. Stack: 2 KiB. Tasks: any.
minplat_error_t *minplat_module_import(const minplat_module_t *module, size_t index, minplat_externtype_t **import);

/// The module's export number `index`, in the module's order. Owned by the caller. Stack: 2 KiB. Tasks: any.
minplat_error_t *minplat_module_export(const minplat_module_t *module, size_t index, minplat_externtype_t **export_);

/// How many custom sections came with the module: those that `minplat-compile --keep-section` was told of, in the module's
/// order; 0 for NULL. Of an artifact in place they lie in the artifact; of a copied one the module keeps a copy.
/// Stack: 1 KiB. Tasks: any.
size_t minplat_module_section_count(const minplat_module_t *module);

/// One of them. False if there is none with this index, or an argument is NULL. Stack: 1 KiB. Tasks: any.
bool minplat_module_section(const minplat_module_t *module, size_t index, minplat_section_t *section);

/// The library's version, as "0.1.0"; static. Stack: 1 KiB. Tasks: any.
const char *minplat_version(void);

/// The major version of the Wasmtime inside; artifacts of any other are refused. Stack: 1 KiB. Tasks: any.
uint32_t minplat_wasmtime_major(void);

/// The name of the platform that the library was built for; static. Stack: 1 KiB. Tasks: any.
const char *minplat_platform_name(void);

/// The platform's fingerprint, 32 bytes; static. Artifacts with the same are loaded; of others those that differ in wasm
/// features alone, of which this library has all. Stack: 1 KiB. Tasks: any.
const uint8_t *minplat_platform_fingerprint(void);

/// Bytes of a page of the platform's memory; 0 where it has no virtual memory. Stack: 1 KiB. Tasks: any.
size_t minplat_page_size(void);

/// Checks once that a function has the type that its calls will take for granted. MINPLAT_ERROR_TYPE if it has another.
/// Stack: 1 KiB. Tasks: the store's.
minplat_error_t *minplat_func_prepare(const minplat_context_t *context,
                                      const minplat_func_t *func,
                                      const minplat_kind_t *params,
                                      size_t params_len,
                                      const minplat_kind_t *results,
                                      size_t results_len,
                                      minplat_prepared_t *prepared);

/// Calls a prepared function: `values` are the arguments, and then the results, from the first on. There must be room for
/// `slots` of them, and they must fit the type: nothing is checked but the room and the store. A trap, or an error that a
/// host function returned, comes out as the error; then the values are of no worth. Stack: 2 KiB. Tasks: the store's.
minplat_error_t *minplat_prepared_call(minplat_context_t *context,
                                       const minplat_prepared_t *prepared,
                                       minplat_raw_t *values,
                                       size_t values_len);

/// A function's reference in raw form, for the `funcref` of a minplat_raw_t; valid with the store. NULL for the null
/// reference, and where an argument is not valid. Stack: 4 KiB. Tasks: the store's.
void *minplat_func_to_raw(minplat_context_t *context, const minplat_func_t *func);

/// The function behind a raw reference that compiled code of this store passed, or that `minplat_func_to_raw` gave; all
/// zeros for NULL. Stack: 4 KiB. Tasks: the store's.
minplat_error_t *minplat_func_from_raw(minplat_context_t *context, void *raw, minplat_func_t *func);

/// Makes an externref to `data`, a thing of the host's. `finalizer`, unless NULL, is called with `data` once, when the
/// collector finds that nobody has the reference any more, when the store is deleted, or at once if this fails. It must not
/// call the library. MINPLAT_ERROR_OUT_OF_MEMORY if the collector's heap is full. Stack: 4 KiB. Tasks: the store's.
minplat_error_t *minplat_externref_new(minplat_context_t *context,
                                       void *data,
                                       minplat_finalizer_t finalizer,
                                       minplat_ref_t *reference);

/// What `minplat_externref_new` was given. MINPLAT_ERROR_TYPE if it was made by something else, as by a guest's
/// `extern.convert_any`. Stack: 4 KiB. Tasks: the store's.
minplat_error_t *minplat_externref_data(const minplat_context_t *context, const minplat_ref_t *reference, void **data);

/// What an anyref refers to: MINPLAT_HEAP_I31, _TYPED_STRUCT, _TYPED_ARRAY, or _ANY for a thing of the host's that a guest
/// converted. Stack: 1 KiB. Tasks: the store's.
minplat_error_t *minplat_anyref_heap(const minplat_context_t *context,
                                     const minplat_ref_t *reference,
                                     minplat_heap_t *heap);

/// Makes an anyref to a 31-bit integer: the lowest 31 bits of `value`. It takes no room in the collector's heap.
/// Stack: 1 KiB. Tasks: the store's.
minplat_error_t *minplat_i31_new(minplat_context_t *context, int32_t value, minplat_ref_t *reference);

/// The integer that an anyref refers to, with its sign. MINPLAT_ERROR_TYPE if it refers to something else. Stack: 1 KiB.
/// Tasks: the store's.
minplat_error_t *minplat_i31_get(const minplat_context_t *context,
                                 const minplat_ref_t *reference,
                                 int32_t *value);

/// How many fields the struct has, or elements the array, that an anyref refers to. MINPLAT_ERROR_TYPE if it refers to
/// something else. Stack: 2 KiB. Tasks: the store's.
minplat_error_t *minplat_anyref_len(const minplat_context_t *context, const minplat_ref_t *reference, uint32_t *len);

/// A field of the struct, or an element of the array, that an anyref refers to. Fields and elements of 8 and 16 bits come as
/// MINPLAT_I32, without a sign. MINPLAT_ERROR_NOT_FOUND if there is none with this index. Stack: 2 KiB. Tasks: the store's.
minplat_error_t *minplat_anyref_get(minplat_context_t *context,
                                    const minplat_ref_t *reference,
                                    uint32_t index,
                                    minplat_value_t *value);

/// Whether two references of a kind are one; two handles may be of one thing. Integers are compared by value. Stack: 1 KiB.
/// Tasks: the store's.
minplat_error_t *minplat_ref_equal(const minplat_context_t *context,
                                   const minplat_ref_t *one,
                                   const minplat_ref_t *other,
                                   bool *equal);

/// A reference in raw form, for the `reference` of a minplat_raw_t. It is good until the collector may run: give it to a call or
/// return it from a host function at once. Stack: 1 KiB. Tasks: the store's.
minplat_error_t *minplat_ref_to_raw(minplat_context_t *context,
                                    const minplat_ref_t *reference,
                                    minplat_raw_t *raw);

/// The reference that compiled code of this store passed in raw form, as MINPLAT_EXTERNREF, MINPLAT_ANYREF or MINPLAT_EXNREF.
/// Stack: 1 KiB. Tasks: the store's.
minplat_error_t *minplat_ref_from_raw(minplat_context_t *context,
                                      minplat_kind_t kind,
                                      const minplat_raw_t *raw,
                                      minplat_value_t *value);

/// Opens a scope: references that come to be from now on are released by `minplat_scope_leave`. Scopes are left in the reverse
/// order; one that was opened in a host function before that returns. Stack: 4 KiB. Tasks: the store's.
minplat_error_t *minplat_scope_enter(minplat_context_t *context,
                                     minplat_scope_t *scope);

/// Leaves a scope of a store that was not deleted: what its references refer to lives on only where somebody else has it. NULL,
/// and a scope that is not open, do nothing. Stack: 4 KiB. Tasks: the store's.
void minplat_scope_leave(minplat_scope_t *scope);

/// Keeps what a reference refers to, whatever scope ends. Owned by the caller. A null reference, and a value that is no
/// reference to something that is collected, is MINPLAT_ERROR_TYPE. Stack: 4 KiB. Tasks: the store's.
minplat_error_t *minplat_root_new(minplat_context_t *context, const minplat_value_t *value, minplat_root_t **root);

/// A new handle of what is kept. Stack: 4 KiB. Tasks: the store's.
minplat_error_t *minplat_root_get(minplat_context_t *context, const minplat_root_t *root, minplat_value_t *value);

/// Keeps it no longer; before or after the store is deleted. NULL is fine. Stack: 4 KiB. Tasks: the store's.
void minplat_root_delete(minplat_root_t *root);

/// Runs the collector. It runs by itself when its heap is full. Stack: 3 KiB. Tasks: the store's.
minplat_error_t *minplat_context_collect(minplat_context_t *context);

/// Makes an exception: a tag, and values of the kinds that the tag has. Stack: 6 KiB. Tasks: the store's.
minplat_error_t *minplat_exception_new(minplat_context_t *context,
                                       const minplat_tag_t *tag,
                                       const minplat_value_t *values,
                                       size_t values_len,
                                       minplat_ref_t *exception);

/// Throws an exception: the error, unless it has another code than MINPLAT_ERROR_EXCEPTION, is for a host function to return. The
/// guest can catch it; if no guest does, it comes out of the outermost call. Stack: 6 KiB. Tasks: the store's.
minplat_error_t *minplat_throw(minplat_context_t *context,
                               const minplat_ref_t *exception);

/// Takes the exception behind the latest MINPLAT_ERROR_EXCEPTION of the store, which keeps it until it is taken or another is
/// thrown. MINPLAT_ERROR_NOT_FOUND if there is none. A host function that returns that error lets the exception go on;
/// one that has taken it does not. Stack: 6 KiB. Tasks: the store's.
minplat_error_t *minplat_context_take_exception(minplat_context_t *context,
                                                minplat_ref_t *exception);

/// The tag of an exception. Stack: 6 KiB. Tasks: the store's.
minplat_error_t *minplat_exception_tag(minplat_context_t *context, const minplat_ref_t *exception, minplat_tag_t *tag);

/// How many values an exception carries. Stack: 6 KiB. Tasks: the store's.
minplat_error_t *minplat_exception_len(const minplat_context_t *context, const minplat_ref_t *exception, size_t *len);

/// A value that an exception carries. MINPLAT_ERROR_NOT_FOUND if there is none with this index. Stack: 6 KiB.
/// Tasks: the store's.
minplat_error_t *minplat_exception_get(minplat_context_t *context,
                                       const minplat_ref_t *exception,
                                       size_t index,
                                       minplat_value_t *value);

/// Fills the unused part of the current stack with a pattern: from `lowest`, the lowest address that the task may use, aligned
/// to 4 bytes, up to shortly below the caller's frame. An interrupt that runs on this stack does no harm. NULL, and a stack
/// that has less than 512 bytes left, are left alone. Takes no memory. Stack: 1 KiB. Tasks: any, at any time.
void minplat_stack_paint(void *lowest);

/// How many bytes from `lowest` on were never used since `minplat_stack_paint` was called with the same address: the size of the
/// stack less this is the peak, of wasm and of everything else on it. May be called on any stack. 0 for NULL. Stack: 1 KiB.
/// Tasks: any, at any time.
size_t minplat_stack_unused(const void *lowest);

/// Tells what the library has. Zeros for the heap's rows where the library was built without its allocator. NULL does
/// nothing. Takes no memory. Stack: 1 KiB. Tasks: any.
void minplat_stats(minplat_stats_t *stats);

/// Tells what a store's guests have; NULL arguments do nothing. Takes no memory. Stack: 1 KiB. Tasks: the store's.
void minplat_store_stats(const minplat_store_t *store, minplat_store_stats_t *stats);

/// Makes a store without limits: all the fuel that there can be, a deadline that never comes. Owned by the caller.
///
/// `data` is what `minplat_context_data` gives back. `finalizer`, unless NULL, is called with it once: by
/// `minplat_store_delete`, when nothing of the store is left, or at once if this fails. Stack: 6 KiB. Tasks: any.
minplat_error_t *minplat_store_new(const minplat_engine_t *engine,
                                   void *data,
                                   minplat_finalizer_t finalizer,
                                   minplat_store_t **store);

/// Frees a store and everything in it: finalizers of what is in it first, then the store's own. NULL is fine. Stack: 2 KiB.
/// Tasks: the store's.
void minplat_store_delete(minplat_store_t *store);

/// The store as other functions take it; valid as long as the store. NULL for NULL. Stack: 1 KiB. Tasks: the store's.
minplat_context_t *minplat_store_context(minplat_store_t *store);

/// What was given to `minplat_store_new`; NULL for NULL. Stack: 1 KiB. Tasks: the store's.
void *minplat_context_data(const minplat_context_t *context);

/// Sets the fuel that is left; one unit is about one instruction. MINPLAT_ERROR_UNSUPPORTED where the platform's
/// `wasm.interruption` is not "fuel". Stack: 3 KiB. Tasks: the store's.
minplat_error_t *minplat_context_set_fuel(minplat_context_t *context, uint64_t fuel);

/// The fuel that is left. MINPLAT_ERROR_UNSUPPORTED as above. Stack: 1 KiB. Tasks: the store's.
minplat_error_t *minplat_context_get_fuel(const minplat_context_t *context, uint64_t *fuel);

/// Lets guests run until the engine's epoch was incremented so often from now. MINPLAT_ERROR_UNSUPPORTED where the
/// platform's `wasm.interruption` is not "epoch". Stack: 3 KiB. Tasks: the store's.
minplat_error_t *minplat_context_set_epoch_deadline(minplat_context_t *context, uint64_t ticks_beyond_current);

/// How many elements the table has; 0 if an argument is not valid. Stack: 2 KiB. Tasks: the store's.
uint64_t minplat_table_size(const minplat_context_t *context, const minplat_table_t *table);

/// Reads an element. MINPLAT_ERROR_NOT_FOUND if there is none with this index. Stack: 2 KiB. Tasks: the store's.
minplat_error_t *minplat_table_get(minplat_context_t *context,
                                   const minplat_table_t *table,
                                   uint64_t index,
                                   minplat_value_t *value);

/// Writes an element. MINPLAT_ERROR_NOT_FOUND if there is none with this index, MINPLAT_ERROR_TYPE if the value is not one of the
/// table's. Stack: 2 KiB. Tasks: the store's.
minplat_error_t *minplat_table_set(minplat_context_t *context,
                                   const minplat_table_t *table,
                                   uint64_t index,
                                   const minplat_value_t *value);

/// Grows a table by so many elements, all of them `init`. `previous`, unless NULL, gets the size before.
/// MINPLAT_ERROR_LIMIT if the table's maximum or a limit of the store does not allow it. Stack: 3 KiB. Tasks: the store's.
minplat_error_t *minplat_table_grow(minplat_context_t *context,
                                    const minplat_table_t *table,
                                    uint64_t delta,
                                    const minplat_value_t *init,
                                    uint64_t *previous);

/// Makes a table of nullable references that modules can import, every element `init`. `kind` is MINPLAT_FUNCREF, or
/// MINPLAT_EXTERNREF, MINPLAT_ANYREF or MINPLAT_EXNREF where the platform has runtime.gc. MINPLAT_ERROR_TYPE if `init` is not
/// of this kind, or the limits need is_64; MINPLAT_ERROR_LIMIT if the maximum or a limit of the store does not allow the minimum.
/// Stack: 5 KiB. Tasks: the store's.
minplat_error_t *minplat_table_new(minplat_context_t *context,
                                   minplat_kind_t kind,
                                   const minplat_limits_type_t *limits,
                                   const minplat_value_t *init,
                                   minplat_table_t *table);

/// Makes a tag that modules can import; `params` are what an exception of it carries. Every call makes another tag.
/// MINPLAT_ERROR_UNSUPPORTED where the platform has no runtime.gc. Stack: 6 KiB. Tasks: the store's.
minplat_error_t *minplat_tag_new(minplat_context_t *context,
                                 const minplat_kind_t *params,
                                 size_t params_len,
                                 minplat_tag_t *tag);

/// Whether two tags are one; false if an argument is not valid. Stack: 6 KiB. Tasks: the store's.
bool minplat_tag_equal(const minplat_context_t *context, const minplat_tag_t *one, const minplat_tag_t *other);

/// Whether the error is a trap; if so, which. Stack: 1 KiB. Tasks: the error's.
bool minplat_error_trap_code(const minplat_error_t *error, minplat_trap_code_t *out);

/// A trap in a few words, as the specification's tests have them; static. A number that is no code gives "unknown trap".
/// Stack: 1 KiB. Tasks: any.
const char *minplat_trap_text(uint32_t trap);

/// The module that an import comes from: `*len` bytes of UTF-8, not terminated, valid as long as the type; empty for
/// exports. NULL if an argument is NULL. Stack: 1 KiB. Tasks: the type's.
const uint8_t *minplat_externtype_module(const minplat_externtype_t *ty, size_t *len);

/// The name of an import or export, likewise; empty for a function's type. Stack: 1 KiB. Tasks: the type's.
const uint8_t *minplat_externtype_name(const minplat_externtype_t *ty, size_t *len);

/// What it is; MINPLAT_EXTERN_NONE for NULL. Stack: 1 KiB. Tasks: the type's.
minplat_extern_kind_t minplat_externtype_kind(const minplat_externtype_t *ty);

/// How many parameters a function or tag has; 0 for anything else. Stack: 1 KiB. Tasks: the type's.
size_t minplat_externtype_param_count(const minplat_externtype_t *ty);

/// How many results a function has; 0 for anything else. Stack: 1 KiB. Tasks: the type's.
size_t minplat_externtype_result_count(const minplat_externtype_t *ty);

/// The kind of a parameter; MINPLAT_NO_KIND if there is none. Stack: 1 KiB. Tasks: the type's.
minplat_kind_t minplat_externtype_param(const minplat_externtype_t *ty, size_t index);

/// The kind of a result; MINPLAT_NO_KIND if there is none. Stack: 1 KiB. Tasks: the type's.
minplat_kind_t minplat_externtype_result(const minplat_externtype_t *ty, size_t index);

/// The whole type of a parameter; false if there is none. Stack: 1 KiB. Tasks: the type's.
bool minplat_externtype_param_type(const minplat_externtype_t *ty, size_t index, minplat_valtype_t *to);

/// The whole type of a result; false if there is none. Stack: 1 KiB. Tasks: the type's.
bool minplat_externtype_result_type(const minplat_externtype_t *ty, size_t index, minplat_valtype_t *to);

/// The whole type of what a global holds or of a table's elements; false for anything else. Stack: 1 KiB. Tasks: the type's.
bool minplat_externtype_content_type(const minplat_externtype_t *ty,
                                     minplat_valtype_t *to);

/// The limits of a memory or table; false for anything else. Stack: 1 KiB. Tasks: the type's.
bool minplat_externtype_limits(const minplat_externtype_t *ty, minplat_limits_type_t *limits);

/// The kind of what a global holds or of a table's elements; MINPLAT_NO_KIND for anything else. Stack: 1 KiB.
/// Tasks: the type's.
minplat_kind_t minplat_externtype_content(const minplat_externtype_t *ty);

/// Whether it is a global that can be set. Stack: 1 KiB. Tasks: the type's.
bool minplat_externtype_mutable(const minplat_externtype_t *ty);

/// Frees a type. NULL is fine. Stack: 1 KiB. Tasks: the type's.
void minplat_externtype_delete(minplat_externtype_t *ty);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* MINPLAT_H */
