//! The platform's locks.

use core::cell::UnsafeCell;
use core::marker::PhantomData;

unsafe extern "C" {
    /// See `wasmtime-platform.h`: waits for an exclusive lock; zero is a lock that nobody has.
    fn wasmtime_sync_lock_acquire(lock: *mut usize);
    /// See `wasmtime-platform.h`: gives it back.
    fn wasmtime_sync_lock_release(lock: *mut usize);
}

/// A lock for a static: one thread has it at a time, and it cannot be taken twice.
pub struct Lock(UnsafeCell<usize>);

// SAFETY: it is a lock.
unsafe impl Sync for Lock {}

/// Gives the lock back when it is dropped, on the thread that took it.
pub struct Held(&'static Lock, PhantomData<*mut ()>);

impl Lock {
    /// One that nobody has.
    pub const fn free() -> Self {
        Self(UnsafeCell::new(0))
    }

    /// Waits until nobody else has it.
    pub fn take(&'static self) -> Held {
        // SAFETY: it is a static, zero at first.
        unsafe { wasmtime_sync_lock_acquire(self.0.get()) };
        Held(self, PhantomData)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // SAFETY: it is held.
        unsafe { wasmtime_sync_lock_release(self.0.0.get()) };
    }
}
