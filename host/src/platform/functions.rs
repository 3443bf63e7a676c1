// The platform functions that this host offers: variant of `Call`, name behind `wasmtime_`, C signature. `build.rs` reads
// this list too, and the order is the one of `struct offer` in `plug.c`.
macro_rules! platform_functions {
    ($consumer:ident) => {
        $consumer! {
            MmapNew mmap_new(size: usize, prot_flags: u32, ret: *mut *mut u8) -> i32;
            MmapRemap mmap_remap(addr: *mut u8, size: usize, prot_flags: u32) -> i32;
            Munmap munmap(ptr: *mut u8, size: usize) -> i32;
            Mprotect mprotect(ptr: *mut u8, size: usize, prot_flags: u32) -> i32;
            PageSize page_size() -> usize;
            ImageNew memory_image_new(ptr: *const u8, len: usize, ret: *mut *mut Image) -> i32;
            ImageMapAt memory_image_map_at(image: *mut Image, addr: *mut u8, len: usize) -> i32;
            ImageFree memory_image_free(image: *mut Image);
            InitTraps init_traps(handler: TrapHandler) -> i32;
            TlsGet tls_get(slot: usize) -> *mut u8;
            TlsSet tls_set(slot: usize, ptr: *mut u8);
            LockAcquire sync_lock_acquire(lock: *mut usize);
            LockRelease sync_lock_release(lock: *mut usize);
            LockFree sync_lock_free(lock: *mut usize);
            RwLockRead sync_rwlock_read(lock: *mut usize);
            RwLockReadRelease sync_rwlock_read_release(lock: *mut usize);
            RwLockWrite sync_rwlock_write(lock: *mut usize);
            RwLockWriteRelease sync_rwlock_write_release(lock: *mut usize);
            RwLockFree sync_rwlock_free(lock: *mut usize);
        }
    };
}
