//! The locks of `wasmtime-platform.h`: a word each, and nothing to free. Who has to wait gives the core to the next task.

use core::sync::atomic::{AtomicUsize, Ordering::Acquire, Ordering::Relaxed, Ordering::Release};

use crate::tasks::give_way;

/// Of a lock for readers: somebody writes. Any other number counts the readers.
const WRITER: usize = usize::MAX;

/// The word as what it is used as.
///
/// # Safety
/// It is a lock of the library's.
unsafe fn word<'a>(lock: *mut usize) -> &'a AtomicUsize {
    // SAFETY: the caller's contract; locks are changed by these functions alone.
    unsafe { AtomicUsize::from_ptr(lock) }
}

/// Changes the word when it can be.
fn wait(word: &AtomicUsize, change: impl Fn(usize) -> Option<usize>) {
    while word.fetch_update(Acquire, Relaxed, &change).is_err() {
        give_way();
    }
}

/// # Safety
/// A lock.
#[unsafe(no_mangle)]
unsafe extern "C" fn wasmtime_sync_lock_acquire(lock: *mut usize) {
    // SAFETY: the caller's contract.
    wait(unsafe { word(lock) }, |now| (now == 0).then_some(1));
}

/// # Safety
/// A lock that this task has.
#[unsafe(no_mangle)]
unsafe extern "C" fn wasmtime_sync_lock_release(lock: *mut usize) {
    // SAFETY: the caller's contract.
    unsafe { word(lock) }.store(0, Release);
}

/// # Safety
/// A lock that nobody has.
#[unsafe(no_mangle)]
unsafe extern "C" fn wasmtime_sync_lock_free(_lock: *mut usize) {}

/// # Safety
/// A lock.
#[unsafe(no_mangle)]
unsafe extern "C" fn wasmtime_sync_rwlock_read(lock: *mut usize) {
    // SAFETY: the caller's contract.
    wait(unsafe { word(lock) }, |now| (now < WRITER - 1).then_some(now + 1));
}

/// # Safety
/// A lock that this task reads under.
#[unsafe(no_mangle)]
unsafe extern "C" fn wasmtime_sync_rwlock_read_release(lock: *mut usize) {
    // SAFETY: the caller's contract.
    unsafe { word(lock) }.fetch_sub(1, Release);
}

/// # Safety
/// A lock.
#[unsafe(no_mangle)]
unsafe extern "C" fn wasmtime_sync_rwlock_write(lock: *mut usize) {
    // SAFETY: the caller's contract.
    wait(unsafe { word(lock) }, |now| (now == 0).then_some(WRITER));
}

/// # Safety
/// A lock that this task writes under.
#[unsafe(no_mangle)]
unsafe extern "C" fn wasmtime_sync_rwlock_write_release(lock: *mut usize) {
    // SAFETY: the caller's contract.
    unsafe { word(lock) }.store(0, Release);
}

/// # Safety
/// A lock that nobody has.
#[unsafe(no_mangle)]
unsafe extern "C" fn wasmtime_sync_rwlock_free(_lock: *mut usize) {}
