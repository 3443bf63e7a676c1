//! The wrappers as the checks take them: one table, so that they are checked as libraries see them.

use minplat_checks::{Locks, Memory, Platform, Threads, Tls};

use super::wrap;

/// All that this host offers. `foreign`: memory that no mapping function gave, start and bytes.
pub(crate) fn under_check<'a>(threads: &'a dyn Threads, foreign: (*mut u8, usize)) -> Platform<'a> {
    Platform {
        memory: Some(Memory {
            page_size: wrap::page_size,
            mmap_new: wrap::mmap_new,
            munmap: wrap::munmap,
            mprotect: wrap::mprotect,
            mmap_remap: Some(wrap::mmap_remap),
            image_new: wrap::memory_image_new,
            image_map_at: wrap::memory_image_map_at,
            image_free: wrap::memory_image_free,
        }),
        init_traps: Some(wrap::init_traps),
        tls: Some(Tls { get: wrap::tls_get, set: wrap::tls_set }),
        locks: Some(Locks {
            acquire: wrap::sync_lock_acquire,
            release: wrap::sync_lock_release,
            free: wrap::sync_lock_free,
            read: wrap::sync_rwlock_read,
            read_release: wrap::sync_rwlock_read_release,
            write: wrap::sync_rwlock_write,
            write_release: wrap::sync_rwlock_write_release,
            rw_free: wrap::sync_rwlock_free,
        }),
        threads: Some(threads),
        // Linux's own; a platform file may promise another one, and its library then says so.
        page_size: 0,
        // What the platforms with traps reserve: 4 GiB, and 32 MiB before and behind.
        reservation: (4 << 30) + 2 * (32 << 20),
        foreign: Some(foreign),
        is_emulated: false,
    }
}

/// `wasmtime_mmap_remap`, which no library asks for.
pub(crate) fn mmap_remap() -> unsafe extern "C" fn(*mut u8, usize, u32) -> i32 {
    wrap::mmap_remap
}
