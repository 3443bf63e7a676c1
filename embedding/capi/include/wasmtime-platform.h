/**
 * @file
 * What a machine offers to the minplat library: the functions that the library leaves undefined and that firmware defines.
 *
 * All functions of Wasmtime are declared here. A library asks for those alone that its platform's symbol list has
 * ("symbols" in manifest.json), as the `[offers]` of the platform file say; the linker names what is missing:
 *
 *   offers.virtual-memory   wasmtime_mmap_new, _munmap, _mprotect, _page_size, wasmtime_memory_image_new,
 *                           _memory_image_map_at, _memory_image_free
 *   offers.traps            wasmtime_init_traps
 *   offers.multi-thread     wasmtime_tls_get, _tls_set, and the eight wasmtime_sync_* locks
 *
 * Asked for by no platform of this release:
 *
 *   wasmtime_mmap_remap     Wasmtime's pooling allocator, which is off
 *   wasmtime_fiber_init,    async, on a machine for which Wasmtime has no stack switch built in
 *   wasmtime_fiber_switch
 *
 * Whether a machine keeps these contracts, minplat_check_platform of minplat.h tries out on the machine itself, in a library
 * that was built with `build.platform-checks = true`.
 *
 * `wasmtime-platform.c` beside this file implements all of it but the fibers for Linux, and is meant to be read next to it.
 *
 * Rules for all of them
 * - A function with a result of type int32_t returns 0 on success. Any other number is an error code of the machine (on
 *   Linux: errno) that the library reports as "os error N". After an error nothing has changed.
 * - Every function may be called from any thread that runs the library, from several at once where the platform offers
 *   threads, and must not call back into the library.
 * - There is no set-up call: each works the first time it is called.
 * - The declarations agree with those of Wasmtime 48 (src/runtime/vm/sys/custom/capi.rs); a test compares them.
 */
#ifndef MINPLAT_WASMTIME_PLATFORM_H
#define MINPLAT_WASMTIME_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------------------------------------------ memory */

/**
 * Protection of pages: any combination, 0 for "no access". The library asks for none, READ, READ|WRITE and READ|EXEC, never
 * for WRITE and EXEC together. Machines without finer control may give more than was asked for, except that
 * - a write to a page without WRITE, and any access to a page without READ, must fault where the platform file promises
 *   `offers.traps`: bounds checks were left out for it;
 * - on other platforms protection is a safety net, and no access may be answered by plain memory.
 */
#define WASMTIME_PROT_READ (UINT32_C(1) << 0)
/** The pages can be written. */
#define WASMTIME_PROT_WRITE (UINT32_C(1) << 1)
/** The pages can be executed. */
#define WASMTIME_PROT_EXEC (UINT32_C(1) << 2)

/**
 * Maps `size` bytes of new memory and stores its address in `*ret`.
 *
 * `size` is a multiple of the page size, not 0. The address is a multiple of the page size and never NULL. The memory reads
 * as zeros. With `prot_flags` 0 this is a reservation of address space: it may be far larger than the machine's memory
 * (4 GiB and more, where the platform file's `memory.reservation` says so), and memory behind it is needed only where
 * `wasmtime_mprotect` makes a part accessible.
 *
 * Returns 0, or an error code (out of memory, out of address space); the library answers its caller with an error then.
 * POSIX: mmap(NULL, size, prot_flags, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0).
 */
int32_t wasmtime_mmap_new(size_t size, uint32_t prot_flags, uint8_t **ret);

/**
 * Replaces the pages of a range by new ones that read as zeros and have the protection `prot_flags`.
 *
 * `addr` and `size` are multiples of the page size, and the range lies inside one that `wasmtime_mmap_new` gave out. What was
 * there, contents of an image included, is gone, and its memory can be used elsewhere.
 *
 * Returns 0 or an error code.
 * POSIX: mmap(addr, size, prot_flags, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0).
 */
int32_t wasmtime_mmap_remap(uint8_t *addr, size_t size, uint32_t prot_flags);

/**
 * Gives a range back. It is exactly one that `wasmtime_mmap_new` gave out, in whole, whatever was remapped, protected or
 * mapped from an image inside it since.
 *
 * Must not fail for such a range: if this returns an error for a module's pages or a memory's, the library has no way to go on
 * and ends in its panic handler; pages of the heap stay mapped, and are lost.
 * An access afterwards should fault, where the machine can see to that.
 *
 * POSIX: munmap(ptr, size).
 */
int32_t wasmtime_munmap(uint8_t *ptr, size_t size);

/**
 * Changes the protection of a range to `prot_flags`; its contents stay.
 *
 * - `ptr` is a multiple of the page size. `size` is any number: the last page counts in whole.
 * - The range need not come from `wasmtime_mmap_new`: a module that is loaded in place lies where the firmware put it (flash,
 *   a section of the image, the caller's buffer). A machine that executes such memory as it is may return 0 without doing
 *   anything.
 * - Afterwards the new protection holds on every core (stale TLB entries are gone).
 * - A change to WASMTIME_PROT_EXEC makes the range coherent for instruction fetch on every core: what was written there as
 *   data is what gets executed. On most machines but x86 that is work (data cache clean, instruction cache invalidate,
 *   a barrier on the other cores).
 * - It may be called inside the trap handler: the library allocates there.
 *
 * Returns 0 or an error code.
 * POSIX: mprotect(ptr, size, prot_flags), then __builtin___clear_cache.
 */
int32_t wasmtime_mprotect(uint8_t *ptr, size_t size, uint32_t prot_flags);

/**
 * The size of a page in bytes: a power of two, the same at every call, and the one that the platform file names as
 * `offers.page-size` (modules are laid out for it).
 *
 * POSIX: sysconf(_SC_PAGESIZE).
 */
size_t wasmtime_page_size(void);

/* ------------------------------------------------------------------------------------------------------ images */

/** The initial contents of a linear memory, kept so that many instances can share it. The machine defines what it is. */
struct wasmtime_memory_image;

/**
 * Makes an image of the `len` bytes at `ptr` and stores it in `*ret`. Both are multiples of the page size. The bytes are
 * valid during this call only.
 *
 * A machine without images stores NULL and returns 0: the library then copies the contents into each instance. That is
 * always right, and the two functions below are never called.
 *
 * Returns 0, or an error code, which fails the making of an instance.
 * Linux: memfd_create, write.
 */
int32_t wasmtime_memory_image_new(const uint8_t *ptr, size_t len, struct wasmtime_memory_image **ret);

/**
 * Makes the range at `addr` look like the image: readable, writable, private. A write to it is seen by nobody else.
 * `addr` and `len` are multiples of the page size, `len` is at most the image's length, and the range lies inside one that
 * `wasmtime_mmap_new` gave out. What was there is gone. The range is unmapped by `wasmtime_munmap` or
 * replaced by `wasmtime_mmap_remap` as any other.
 *
 * Returns 0, or an error code, which fails the instantiation.
 * POSIX: mmap(addr, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, image, 0).
 */
int32_t wasmtime_memory_image_map_at(struct wasmtime_memory_image *image, uint8_t *addr, size_t len);

/**
 * Gives an image up. Ranges that were mapped from it may still be there and keep their contents.
 *
 * POSIX: close.
 */
void wasmtime_memory_image_free(struct wasmtime_memory_image *image);

/* ------------------------------------------------------------------------------------------------------- traps */

/**
 * The library's handler. It is called on a fault with
 *   ip                 the address of the faulting instruction,
 *   fp                 the frame pointer at that moment (x86_64: rbp, aarch64: x29, riscv64: s0),
 *   has_faulting_addr  whether the fault is an access to memory,
 *   faulting_addr      the address accessed, if so.
 * If it returns, the fault was none of wasm's and the machine goes on as if the library were not there. If it was wasm's
 * the call does not return: execution continues in the library, at the call into wasm, on the stack that wasm ran on.
 *
 * What it needs: the faulting thread's own context (it reads the thread's TLS), some KiB of stack (64 KiB is ample; it walks
 * the wasm stack and allocates), and that the same fault can be taken again: since it does not return, nothing that was
 * masked on entry may stay masked. A fault inside the handler must be deliverable too.
 */
typedef void (*wasmtime_trap_handler_t)(uintptr_t ip, uintptr_t fp, bool has_faulting_addr, uintptr_t faulting_addr);

/**
 * From now on calls `handler` on a fault: access to a page without the permission, illegal instruction, integer division
 * by zero or overflow where the machine traps it.
 *
 * May be called again; the last handler counts. Faults outside wasm must reach whoever would have got them before.
 *
 * Returns 0 or an error code; then the library makes no engine. It finds out with a first call whose handler takes no fault,
 * and if that is fine Wasmtime sets the real one, without a look at the answer: once this function has returned 0 it must not
 * fail any more.
 * POSIX: sigaction for SIGSEGV, SIGBUS, SIGILL, SIGFPE with SA_SIGINFO | SA_NODEFER | SA_ONSTACK.
 */
int32_t wasmtime_init_traps(wasmtime_trap_handler_t handler);

/* --------------------------------------------------------------------------------------------- thread-local slots */

/**
 * Reads the current thread's slot. `slot` is 0 or 1. A thread that never set the slot reads NULL.
 *
 * Slot 0 is read on every entry into wasm and inside the trap handler. In slot 1 a C library with multi-thread keeps what
 * the thread's allocations are for, and reads it around every one of them with the heap's lock held; in programs in Rust,
 * async components use it. So: quick, and neither this function nor the next may block, allocate, or call the library.
 *
 * C: a _Thread_local array.
 */
uint8_t *wasmtime_tls_get(size_t slot);

/** Sets the current thread's slot. The same holds for it. */
void wasmtime_tls_set(size_t slot, uint8_t *ptr);

/* ------------------------------------------------------------------------------------------------------- locks */

/*
 * A lock is one word of the library's memory. All zeros is a lock that is free; there is no call that makes one, so a
 * lock that needs more room allocates it at first use, and puts a pointer into the word. A lock does not move while it is
 * held, and every acquisition is released by the thread that made it. None of them is recursive. What was written before
 * a release is visible after the next acquisition, on any core.
 *
 * They cannot fail: where a machine runs out of memory or finds misuse, it must stop.
 */

/** Waits until nobody holds the lock, and takes it. POSIX: pthread_mutex_lock. */
void wasmtime_sync_lock_acquire(uintptr_t *lock);
/** Gives it back. POSIX: pthread_mutex_unlock. */
void wasmtime_sync_lock_release(uintptr_t *lock);
/** Frees what the lock allocated; nobody holds it. The word may still be zero. POSIX: pthread_mutex_destroy. */
void wasmtime_sync_lock_free(uintptr_t *lock);

/** Waits until nobody writes, and joins the readers, of whom there can be many. POSIX: pthread_rwlock_rdlock. */
void wasmtime_sync_rwlock_read(uintptr_t *lock);
/** Leaves the readers. POSIX: pthread_rwlock_unlock. */
void wasmtime_sync_rwlock_read_release(uintptr_t *lock);
/** Waits until nobody reads or writes, and becomes the writer. POSIX: pthread_rwlock_wrlock. */
void wasmtime_sync_rwlock_write(uintptr_t *lock);
/** Ends writing. POSIX: pthread_rwlock_unlock. */
void wasmtime_sync_rwlock_write_release(uintptr_t *lock);
/** Frees what the lock allocated; nobody holds it. The word may still be zero. POSIX: pthread_rwlock_destroy. */
void wasmtime_sync_rwlock_free(uintptr_t *lock);

/* ------------------------------------------------------------------------------------------------------ fibers */

/**
 * Lays out a new stack whose highest address is `top_of_stack`, so that the first switch to it calls
 * `entry(entry_arg0, top_of_stack)`. `entry` does not return. The first word below `top_of_stack` is the library's; the
 * second one is where the stack pointer of the side that is not running is kept.
 *
 * Only asked for where Wasmtime has no stack switch of its own: not on x86_64, aarch64, riscv64, arm and
 * riscv32 without F and V.
 */
void wasmtime_fiber_init(uint8_t *top_of_stack, uint8_t *(*entry)(uint8_t *, uint8_t *), uint8_t *entry_arg0);

/**
 * Saves the callee-saved registers and the stack pointer, and continues on the other side of the fiber: on its stack if
 * called outside, in whoever resumed it if called inside.
 *
 * POSIX: swapcontext.
 */
void wasmtime_fiber_switch(uint8_t *top_of_stack);

#ifdef __cplusplus
}
#endif

#endif /* MINPLAT_WASMTIME_PLATFORM_H */
