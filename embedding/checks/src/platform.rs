//! What is checked: the functions of `wasmtime-platform.h` as a table.

/// `WASMTIME_PROT_READ`.
pub const READ: u32 = 1;
/// `WASMTIME_PROT_WRITE`.
pub const WRITE: u32 = 2;
/// `WASMTIME_PROT_EXEC`.
pub const EXECUTE: u32 = 4;

/// `struct wasmtime_memory_image`: only ever behind a pointer.
pub enum Image {}

/// `wasmtime_trap_handler_t`.
pub type TrapHandler = extern "C" fn(ip: usize, fp: usize, has_faulting_addr: bool, faulting_addr: usize);

/// The functions of `offers.virtual-memory`; the header has each one's contract.
#[derive(Clone, Copy)]
pub struct Memory {
    /// `wasmtime_page_size`
    pub page_size: unsafe extern "C" fn() -> usize,
    /// `wasmtime_mmap_new`
    pub mmap_new: unsafe extern "C" fn(usize, u32, *mut *mut u8) -> i32,
    /// `wasmtime_munmap`
    pub munmap: unsafe extern "C" fn(*mut u8, usize) -> i32,
    /// `wasmtime_mprotect`
    pub mprotect: unsafe extern "C" fn(*mut u8, usize, u32) -> i32,
    /// `wasmtime_mmap_remap`, where the program has it: no library of this release asks for it.
    pub mmap_remap: Option<unsafe extern "C" fn(*mut u8, usize, u32) -> i32>,
    /// `wasmtime_memory_image_new`
    pub image_new: unsafe extern "C" fn(*const u8, usize, *mut *mut Image) -> i32,
    /// `wasmtime_memory_image_map_at`
    pub image_map_at: unsafe extern "C" fn(*mut Image, *mut u8, usize) -> i32,
    /// `wasmtime_memory_image_free`
    pub image_free: unsafe extern "C" fn(*mut Image),
}

/// The thread-local slots.
#[derive(Clone, Copy)]
pub struct Tls {
    /// `wasmtime_tls_get`
    pub get: unsafe extern "C" fn(usize) -> *mut u8,
    /// `wasmtime_tls_set`
    pub set: unsafe extern "C" fn(usize, *mut u8),
}

/// The locks of `offers.multi-thread`.
#[derive(Clone, Copy)]
pub struct Locks {
    /// `wasmtime_sync_lock_acquire`
    pub acquire: unsafe extern "C" fn(*mut usize),
    /// `wasmtime_sync_lock_release`
    pub release: unsafe extern "C" fn(*mut usize),
    /// `wasmtime_sync_lock_free`
    pub free: unsafe extern "C" fn(*mut usize),
    /// `wasmtime_sync_rwlock_read`
    pub read: unsafe extern "C" fn(*mut usize),
    /// `wasmtime_sync_rwlock_read_release`
    pub read_release: unsafe extern "C" fn(*mut usize),
    /// `wasmtime_sync_rwlock_write`
    pub write: unsafe extern "C" fn(*mut usize),
    /// `wasmtime_sync_rwlock_write_release`
    pub write_release: unsafe extern "C" fn(*mut usize),
    /// `wasmtime_sync_rwlock_free`
    pub rw_free: unsafe extern "C" fn(*mut usize),
}

/// Threads that the program lends.
pub trait Threads {
    /// Calls `job` with 0, 1 … `count - 1`, each on a thread of its own that never used the platform's slots before, all at the
    /// same time as far as the machine can, and returns when every one has returned. `false`: there are no threads now.
    fn run(&self, count: usize, job: &(dyn Fn(usize) + Sync)) -> bool;
}

/// A machine, as far as it offers something, and what the program says of it.
#[derive(Clone, Copy)]
pub struct Platform<'a> {
    /// Virtual memory.
    pub memory: Option<Memory>,
    /// `wasmtime_init_traps`. The checks put a handler of their own in place and leave it there; it returns for every fault that
    /// is not theirs.
    pub init_traps: Option<unsafe extern "C" fn(TrapHandler) -> i32>,
    /// Thread-local slots, where they are the machine's.
    pub tls: Option<Tls>,
    /// Locks.
    pub locks: Option<Locks>,
    /// Threads to try slots, locks and traps with.
    pub threads: Option<&'a dyn Threads>,
    /// `offers.page-size` of the platform file, bytes; 0: nothing is promised.
    pub page_size: usize,
    /// Bytes of address space that one linear memory takes, `memory.reservation` and `memory.guard` of the platform file.
    pub reservation: usize,
    /// Memory of the program that `wasmtime_mmap_new` did not give, start and bytes, nobody else's: where a module in place would
    /// lie. Two whole pages of the machine must fit into it: three of them, wherever it starts.
    pub foreign: Option<(*mut u8, usize)>,
    /// Whether an emulator plays the machine, one that has no caches.
    pub is_emulated: bool,
}
