//! The locks of `wasmtime-platform.h`, for ports that have tasks: a word each, and nothing to free. Who has to wait gives the core
//! to the next task.

use core::sync::atomic::{AtomicUsize, Ordering::Acquire, Ordering::Relaxed, Ordering::Release};

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
fn wait(word: &AtomicUsize, give_way: fn(), change: impl Fn(usize) -> Option<usize>) {
    while word.fetch_update(Acquire, Relaxed, &change).is_err() {
        give_way();
    }
}

/// Takes a lock for one: nobody else has it then, to read neither.
///
/// # Safety
/// A lock of the library's.
pub unsafe fn take(lock: *mut usize, give_way: fn()) {
    // SAFETY: the caller's contract.
    wait(unsafe { word(lock) }, give_way, |now| (now == 0).then_some(WRITER));
}

/// Takes a lock to read.
///
/// # Safety
/// A lock of the library's.
pub unsafe fn read(lock: *mut usize, give_way: fn()) {
    // SAFETY: the caller's contract.
    wait(unsafe { word(lock) }, give_way, |now| (now < WRITER - 1).then_some(now + 1));
}

/// Gives back what `take` took.
///
/// # Safety
/// A lock that this task has.
pub unsafe fn give_back(lock: *mut usize) {
    // SAFETY: the caller's contract.
    unsafe { word(lock) }.store(0, Release);
}

/// Gives back what `read` took.
///
/// # Safety
/// A lock that this task reads under.
pub unsafe fn read_no_more(lock: *mut usize) {
    // SAFETY: the caller's contract.
    unsafe { word(lock) }.fetch_sub(1, Release);
}

/// Defines the locks of `wasmtime-platform.h`. `export_locks!(give_way)` takes the function that gives the core to the next task.
#[macro_export]
macro_rules! export_locks {
    ($give_way:path) => {
        const _: () = {
            /// # Safety
            /// A lock.
            #[unsafe(no_mangle)]
            unsafe extern "C" fn wasmtime_sync_lock_acquire(lock: *mut usize) {
                // SAFETY: the caller's contract.
                unsafe { $crate::locks::take(lock, $give_way) };
            }

            /// # Safety
            /// A lock that this task has.
            #[unsafe(no_mangle)]
            unsafe extern "C" fn wasmtime_sync_lock_release(lock: *mut usize) {
                // SAFETY: the caller's contract.
                unsafe { $crate::locks::give_back(lock) };
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
                unsafe { $crate::locks::read(lock, $give_way) };
            }

            /// # Safety
            /// A lock that this task reads under.
            #[unsafe(no_mangle)]
            unsafe extern "C" fn wasmtime_sync_rwlock_read_release(lock: *mut usize) {
                // SAFETY: the caller's contract.
                unsafe { $crate::locks::read_no_more(lock) };
            }

            /// # Safety
            /// A lock.
            #[unsafe(no_mangle)]
            unsafe extern "C" fn wasmtime_sync_rwlock_write(lock: *mut usize) {
                // SAFETY: the caller's contract.
                unsafe { $crate::locks::take(lock, $give_way) };
            }

            /// # Safety
            /// A lock that this task writes under.
            #[unsafe(no_mangle)]
            unsafe extern "C" fn wasmtime_sync_rwlock_write_release(lock: *mut usize) {
                // SAFETY: the caller's contract.
                unsafe { $crate::locks::give_back(lock) };
            }

            /// # Safety
            /// A lock that nobody has.
            #[unsafe(no_mangle)]
            unsafe extern "C" fn wasmtime_sync_rwlock_free(_lock: *mut usize) {}
        };
    };
}
