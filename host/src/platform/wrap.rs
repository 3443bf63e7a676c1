//! The functions that the plug hands on to: each counts, may fail on demand, keeps book, and calls Linux.
//!
//! Safety of all of them is the caller's, the device library's: arguments are as `wasmtime-platform.h` says.

use std::fmt;

use super::fault::{self, Failing};
use super::linux::{self, Image, TrapHandler};
use super::protection::{self, Protection};
use super::{Call, ledger, traps};

/// A call that can fail: `job` does it, unless it shall fail; `args` and `extra` (shown on success) are for the trace.
fn fallible<A: fmt::Display>(
    call: Call,
    args: impl FnOnce() -> A,
    job: impl FnOnce() -> i32,
    extra: impl FnOnce() -> String,
) -> i32 {
    let nth = call.counted();
    let injected = fault::strikes(Failing::Call(call), nth);
    let code = if injected { libc::ENOMEM } else { job() };
    call.trace(args, || match code {
        0 => format!("0{}", extra()),
        code => {
            let what = std::io::Error::from_raw_os_error(code);
            format!("{code} [{what}{}]", if injected { ", on demand" } else { "" })
        }
    });
    code
}

fn nothing() -> String {
    String::new()
}

pub(super) extern "C" fn mmap_new(size: usize, prot_flags: u32, ret: *mut *mut u8) -> i32 {
    fallible(
        Call::MmapNew,
        || format!("size={size}, prot={}", Protection(prot_flags)),
        || {
            ledger::with(|ledger| {
                if prot_flags != 0 && !ledger.affords(size as u64) {
                    return libc::ENOMEM;
                }
                // SAFETY: asks for new memory; the caller gives a place for the result.
                let code = unsafe { linux::mmap_new(size, prot_flags, ret) };
                if code == 0 {
                    // SAFETY: as above; it was written by the call.
                    ledger.map(unsafe { (*ret).addr() }, size, prot_flags != 0);
                    // SAFETY: as above.
                    protection::note(unsafe { (*ret).addr() }, size, prot_flags);
                }
                code
            })
        },
        // SAFETY: only shown on success, when the place was written.
        || format!(" [{:p}]", unsafe { *ret }),
    )
}

pub(super) extern "C" fn mmap_remap(addr: *mut u8, size: usize, prot_flags: u32) -> i32 {
    fallible(
        Call::MmapRemap,
        || format!("addr={addr:p}, size={size}, prot={}", Protection(prot_flags)),
        || {
            ledger::with(|ledger| {
                let cost = ledger.cost(addr.addr(), size);
                if prot_flags != 0 && !ledger.affords(cost) {
                    return libc::ENOMEM;
                }
                // SAFETY: the range is the caller's to give up.
                let code = unsafe { linux::mmap_remap(addr, size, prot_flags) };
                if code == 0 {
                    ledger.release(addr.addr(), size);
                    protection::note(addr.addr(), size, prot_flags);
                    if prot_flags != 0 {
                        ledger.back(addr.addr(), size);
                    }
                }
                code
            })
        },
        nothing,
    )
}

pub(super) extern "C" fn munmap(ptr: *mut u8, size: usize) -> i32 {
    fallible(
        Call::Munmap,
        || format!("ptr={ptr:p}, size={size}"),
        || {
            ledger::with(|ledger| {
                // SAFETY: the range is the caller's to give up.
                let code = unsafe { linux::munmap(ptr, size) };
                if code == 0 {
                    ledger.unmap(ptr.addr(), size);
                    protection::note(ptr.addr(), size, 0);
                }
                code
            })
        },
        nothing,
    )
}

pub(super) extern "C" fn mprotect(ptr: *mut u8, size: usize, prot_flags: u32) -> i32 {
    fallible(
        Call::Mprotect,
        || format!("ptr={ptr:p}, size={size}, prot={}", Protection(prot_flags)),
        || {
            ledger::with(|ledger| {
                let cost = ledger.cost(ptr.addr(), size);
                if prot_flags != 0 && !ledger.affords(cost) {
                    return libc::ENOMEM;
                }
                // SAFETY: the caller vouches for the change.
                let code = unsafe { linux::mprotect(ptr, size, prot_flags) };
                if code == 0 {
                    protection::note(ptr.addr(), size, prot_flags);
                    if prot_flags != 0 {
                        ledger.back(ptr.addr(), size);
                    }
                }
                code
            })
        },
        nothing,
    )
}

pub(super) extern "C" fn page_size() -> usize {
    Call::PageSize.counted();
    // SAFETY: no conditions.
    let size = unsafe { linux::page_size() };
    Call::PageSize.trace(|| "", || size);
    size
}

pub(super) extern "C" fn memory_image_new(ptr: *const u8, len: usize, ret: *mut *mut Image) -> i32 {
    fallible(
        Call::ImageNew,
        || format!("ptr={ptr:p}, len={len}"),
        || {
            ledger::with(|ledger| {
                if !ledger.affords(len as u64) {
                    return libc::ENOMEM;
                }
                // SAFETY: the caller gives `len` bytes and a place for the result.
                let code = unsafe { linux::memory_image_new(ptr, len, ret) };
                // SAFETY: as above; it was written by the call.
                if code == 0 && unsafe { !(*ret).is_null() } {
                    // SAFETY: as above.
                    ledger.image(unsafe { (*ret).addr() }, len);
                }
                code
            })
        },
        // SAFETY: only shown on success, when the place was written.
        || format!(" [image={:p}]", unsafe { *ret }),
    )
}

pub(super) extern "C" fn memory_image_map_at(image: *mut Image, addr: *mut u8, len: usize) -> i32 {
    fallible(
        Call::ImageMapAt,
        || format!("image={image:p}, addr={addr:p}, len={len}"),
        || {
            ledger::with(|ledger| {
                let cost = ledger.cost(addr.addr(), len);
                if !ledger.affords(cost) {
                    return libc::ENOMEM;
                }
                // SAFETY: image and range are the caller's.
                let code = unsafe { linux::memory_image_map_at(image, addr, len) };
                if code == 0 {
                    ledger.back(addr.addr(), len);
                    protection::note(addr.addr(), len, protection::READ | protection::WRITE);
                }
                code
            })
        },
        nothing,
    )
}

pub(super) extern "C" fn memory_image_free(image: *mut Image) {
    Call::ImageFree.counted();
    ledger::with(|ledger| {
        ledger.image_free(image.addr());
        // SAFETY: the image is the caller's to give up.
        unsafe { linux::memory_image_free(image) };
    });
    Call::ImageFree.trace(|| format!("image={image:p}"), || "()");
}

pub(super) extern "C" fn init_traps(handler: TrapHandler) -> i32 {
    fallible(Call::InitTraps, || format!("handler={:p}", handler as *const ()), || traps::init(handler), nothing)
}

pub(super) extern "C" fn tls_get(slot: usize) -> *mut u8 {
    Call::TlsGet.counted();
    // SAFETY: the caller gives slot 0 or 1.
    let value = unsafe { linux::tls_get(slot) };
    Call::TlsGet.trace(|| format!("slot={slot}"), || format!("{value:p}"));
    value
}

pub(super) extern "C" fn tls_set(slot: usize, ptr: *mut u8) {
    Call::TlsSet.counted();
    // SAFETY: the caller gives slot 0 or 1.
    unsafe { linux::tls_set(slot, ptr) };
    Call::TlsSet.trace(|| format!("slot={slot}, ptr={ptr:p}"), || "()");
}

macro_rules! locks {
    ($($call:ident $name:ident)*) => { $(
        pub(super) extern "C" fn $name(lock: *mut usize) {
            Call::$call.counted();
            // SAFETY: the caller gives a lock and keeps the order of calls.
            unsafe { linux::$name(lock) };
            Call::$call.trace(|| format!("lock={lock:p}"), || "()");
        }
    )* };
}
locks! {
    LockAcquire sync_lock_acquire
    LockRelease sync_lock_release
    LockFree sync_lock_free
    RwLockRead sync_rwlock_read
    RwLockReadRelease sync_rwlock_read_release
    RwLockWrite sync_rwlock_write
    RwLockWriteRelease sync_rwlock_write_release
    RwLockFree sync_rwlock_free
}
