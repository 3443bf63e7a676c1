/*
 * TLS and locks (offers.multi-thread) for one core on which one task runs, as before an RTOS is started. A lock that is held
 * cannot become free while its only task waits: that is an error of the program, and stops it. With an RTOS each function is one
 * call of its mutex, its reader-writer lock (or the mutex again), and its thread-local storage; see wasmtime-platform.h.
 */
#include <wasmtime-platform.h>

static uint8_t *slots[2];

uint8_t *wasmtime_tls_get(size_t slot) { return slots[slot]; }
void wasmtime_tls_set(size_t slot, uint8_t *ptr) { slots[slot] = ptr; }

/* 0: free. Else the number of readers, or WRITER. */
#define WRITER UINTPTR_MAX

static void take(uintptr_t *lock, bool is_free, uintptr_t next) {
    if (!is_free)
        __builtin_trap();
    *lock = next;
}

void wasmtime_sync_lock_acquire(uintptr_t *lock) { take(lock, *lock == 0, WRITER); }
void wasmtime_sync_lock_release(uintptr_t *lock) { take(lock, *lock == WRITER, 0); }
void wasmtime_sync_lock_free(uintptr_t *lock) { take(lock, *lock == 0, 0); }

void wasmtime_sync_rwlock_read(uintptr_t *lock) { take(lock, *lock != WRITER, *lock + 1); }
void wasmtime_sync_rwlock_read_release(uintptr_t *lock) { take(lock, *lock != 0 && *lock != WRITER, *lock - 1); }
void wasmtime_sync_rwlock_write(uintptr_t *lock) { take(lock, *lock == 0, WRITER); }
void wasmtime_sync_rwlock_write_release(uintptr_t *lock) { take(lock, *lock == WRITER, 0); }
void wasmtime_sync_rwlock_free(uintptr_t *lock) { take(lock, *lock == 0, 0); }
