/*
 * What a device library binds to: the platform functions by their real names, each handing on to the table that the host
 * gives at start. This becomes a small shared library of its own, because the symbols of a Rust program are seen by a library
 * that it opens only if it was linked in a special way, and every test and tool that uses the host would have to be.
 */
#include "wasmtime-platform.h"

/* In the order of functions.rs. */
#define FUNCTIONS(F) \
    F(mmap_new) F(mmap_remap) F(munmap) F(mprotect) F(page_size) \
    F(memory_image_new) F(memory_image_map_at) F(memory_image_free) \
    F(init_traps) F(tls_get) F(tls_set) \
    F(sync_lock_acquire) F(sync_lock_release) F(sync_lock_free) \
    F(sync_rwlock_read) F(sync_rwlock_read_release) F(sync_rwlock_write) F(sync_rwlock_write_release) F(sync_rwlock_free)

#define FIELD(name) __typeof__(wasmtime_##name) *name;
static struct offer { FUNCTIONS(FIELD) } offer;

/* Connects the plug. Returns the size of the table, for the host to compare with its own before anything is called. */
size_t minplat_plug_connect(const struct offer *table)
{
    offer = *table;
    return sizeof offer;
}

int32_t wasmtime_mmap_new(size_t size, uint32_t prot, uint8_t **ret) { return offer.mmap_new(size, prot, ret); }
int32_t wasmtime_mmap_remap(uint8_t *addr, size_t size, uint32_t prot) { return offer.mmap_remap(addr, size, prot); }
int32_t wasmtime_munmap(uint8_t *ptr, size_t size) { return offer.munmap(ptr, size); }
int32_t wasmtime_mprotect(uint8_t *ptr, size_t size, uint32_t prot) { return offer.mprotect(ptr, size, prot); }
size_t wasmtime_page_size(void) { return offer.page_size(); }

int32_t wasmtime_memory_image_new(const uint8_t *ptr, size_t len, struct wasmtime_memory_image **ret)
{
    return offer.memory_image_new(ptr, len, ret);
}
int32_t wasmtime_memory_image_map_at(struct wasmtime_memory_image *image, uint8_t *addr, size_t len)
{
    return offer.memory_image_map_at(image, addr, len);
}
void wasmtime_memory_image_free(struct wasmtime_memory_image *image) { offer.memory_image_free(image); }

int32_t wasmtime_init_traps(wasmtime_trap_handler_t handler) { return offer.init_traps(handler); }

uint8_t *wasmtime_tls_get(size_t slot) { return offer.tls_get(slot); }
void wasmtime_tls_set(size_t slot, uint8_t *ptr) { offer.tls_set(slot, ptr); }

void wasmtime_sync_lock_acquire(uintptr_t *lock) { offer.sync_lock_acquire(lock); }
void wasmtime_sync_lock_release(uintptr_t *lock) { offer.sync_lock_release(lock); }
void wasmtime_sync_lock_free(uintptr_t *lock) { offer.sync_lock_free(lock); }
void wasmtime_sync_rwlock_read(uintptr_t *lock) { offer.sync_rwlock_read(lock); }
void wasmtime_sync_rwlock_read_release(uintptr_t *lock) { offer.sync_rwlock_read_release(lock); }
void wasmtime_sync_rwlock_write(uintptr_t *lock) { offer.sync_rwlock_write(lock); }
void wasmtime_sync_rwlock_write_release(uintptr_t *lock) { offer.sync_rwlock_write_release(lock); }
void wasmtime_sync_rwlock_free(uintptr_t *lock) { offer.sync_rwlock_free(lock); }
