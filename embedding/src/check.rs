//! The platform's functions under check; see `minplat-checks`.
#![cfg(feature = "platform-checks")]

use core::cell::UnsafeCell;
use core::fmt;
use core::sync::atomic::{AtomicBool, Ordering::SeqCst};

use minplat_checks::{Check, Outcome, Platform, Tally, Tls};

use crate::PLATFORM;

mod platform {
    #[cfg(feature = "virtual-memory")]
    use minplat_checks::Image as wasmtime_memory_image;
    #[cfg(feature = "traps")]
    use minplat_checks::TrapHandler as wasmtime_trap_handler_t;

    #[cfg(feature = "virtual-memory")]
    unsafe extern "C" {
        pub(super) safe fn wasmtime_page_size() -> usize;
        pub(super) fn wasmtime_mmap_new(size: usize, prot_flags: u32, ret: *mut *mut u8) -> i32;
        pub(super) fn wasmtime_munmap(ptr: *mut u8, size: usize) -> i32;
        pub(super) fn wasmtime_mprotect(ptr: *mut u8, size: usize, prot_flags: u32) -> i32;
        pub(super) fn wasmtime_memory_image_new(
            ptr: *const u8,
            len: usize,
            ret: *mut *mut wasmtime_memory_image,
        ) -> i32;
        pub(super) fn wasmtime_memory_image_map_at(image: *mut wasmtime_memory_image, addr: *mut u8, len: usize)
        -> i32;
        pub(super) fn wasmtime_memory_image_free(image: *mut wasmtime_memory_image);
    }

    #[cfg(feature = "traps")]
    unsafe extern "C" {
        pub(super) fn wasmtime_init_traps(handler: wasmtime_trap_handler_t) -> i32;
    }

    unsafe extern "C" {
        pub(super) fn wasmtime_tls_get(slot: usize) -> *mut u8;
        pub(super) fn wasmtime_tls_set(slot: usize, ptr: *mut u8);
    }

    #[cfg(feature = "multi-thread")]
    unsafe extern "C" {
        pub(super) fn wasmtime_sync_lock_acquire(lock: *mut usize);
        pub(super) fn wasmtime_sync_lock_release(lock: *mut usize);
        pub(super) fn wasmtime_sync_lock_free(lock: *mut usize);
        pub(super) fn wasmtime_sync_rwlock_read(lock: *mut usize);
        pub(super) fn wasmtime_sync_rwlock_read_release(lock: *mut usize);
        pub(super) fn wasmtime_sync_rwlock_write(lock: *mut usize);
        pub(super) fn wasmtime_sync_rwlock_write_release(lock: *mut usize);
        pub(super) fn wasmtime_sync_rwlock_free(lock: *mut usize);
    }
}

/// Bytes of the program's own memory that the checks protect: two whole pages, wherever it starts.
const FOREIGN: usize = 3 * PLATFORM.settings.page_size as usize;

struct Foreign(UnsafeCell<[u8; FOREIGN]>);

// SAFETY: the checks alone use it, one run at a time: `IS_CHECKING` sees to that.
unsafe impl Sync for Foreign {}

static MEMORY: Foreign = Foreign(UnsafeCell::new([0; FOREIGN]));
static IS_CHECKING: AtomicBool = AtomicBool::new(false);
static HAS_ENGINE: AtomicBool = AtomicBool::new(false);

/// An engine is about to be made: its trap handler must stay.
pub(crate) fn engine_comes() {
    HAS_ENGINE.store(true, SeqCst);
}

/// Why the platform was not checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckError {
    /// An engine was configured before: on a platform with traps the checks would take its trap handler away.
    TooLate,
    /// Another thread is checking.
    Busy,
}

impl fmt::Display for CheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLate => {
                "the platform is checked before the first engine is made: the checks put a trap handler of their own in the place \
                 of the engine's"
            }
            Self::Busy => "the platform is being checked already: one thread does it",
        })
    }
}

impl core::error::Error for CheckError {}

/// The functions that the platform offers, to be handed to [`check_platform`]. The program adds what it has: threads,
/// `wasmtime_mmap_remap`, and whether the machine is emulated.
pub fn platform_functions() -> Platform<'static> {
    let settings = &PLATFORM.settings;
    let guards = settings.memory_guard * (1 + u64::from(settings.guard_before));
    Platform {
        #[cfg(feature = "virtual-memory")]
        memory: Some(minplat_checks::Memory {
            page_size: platform::wasmtime_page_size,
            mmap_new: platform::wasmtime_mmap_new,
            munmap: platform::wasmtime_munmap,
            mprotect: platform::wasmtime_mprotect,
            mmap_remap: None,
            image_new: platform::wasmtime_memory_image_new,
            image_map_at: platform::wasmtime_memory_image_map_at,
            image_free: platform::wasmtime_memory_image_free,
        }),
        #[cfg(not(feature = "virtual-memory"))]
        memory: None,
        #[cfg(feature = "traps")]
        init_traps: Some(platform::wasmtime_init_traps),
        #[cfg(not(feature = "traps"))]
        init_traps: None,
        tls: Some(Tls { get: platform::wasmtime_tls_get, set: platform::wasmtime_tls_set }),
        #[cfg(feature = "multi-thread")]
        locks: Some(minplat_checks::Locks {
            acquire: platform::wasmtime_sync_lock_acquire,
            release: platform::wasmtime_sync_lock_release,
            free: platform::wasmtime_sync_lock_free,
            read: platform::wasmtime_sync_rwlock_read,
            read_release: platform::wasmtime_sync_rwlock_read_release,
            write: platform::wasmtime_sync_rwlock_write,
            write_release: platform::wasmtime_sync_rwlock_write_release,
            rw_free: platform::wasmtime_sync_rwlock_free,
        }),
        #[cfg(not(feature = "multi-thread"))]
        locks: None,
        threads: None,
        page_size: settings.page_size as usize,
        reservation: usize::try_from(settings.memory_reservation.saturating_add(guards)).unwrap_or(0),
        foreign: (FOREIGN != 0).then(|| (MEMORY.0.get().cast(), FOREIGN)),
        is_emulated: false,
    }
}

/// Checks the platform, or with `only` one of its promises, and tells of each check when it begins and when it has ended.
/// `minplat_checks::check` says what it takes.
///
/// # Errors
/// See [`CheckError`]; nothing was checked.
///
/// # Safety
/// As `minplat_checks::check`.
pub unsafe fn check_platform(
    platform: &Platform<'_>,
    only: Option<&str>,
    tell: &mut dyn FnMut(&'static Check, Outcome<'_>),
) -> Result<Tally, CheckError> {
    if platform.init_traps.is_some() && HAS_ENGINE.load(SeqCst) {
        return Err(CheckError::TooLate);
    }
    if IS_CHECKING.swap(true, SeqCst) {
        return Err(CheckError::Busy);
    }
    // SAFETY: the caller's contract is the function's own.
    let tally = unsafe { minplat_checks::check(platform, only, tell) };
    IS_CHECKING.store(false, SeqCst);
    Ok(tally)
}
