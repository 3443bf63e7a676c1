//! What guests of a store may use, and what they do.

use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use minplat::PLATFORM;
use minplat::wasmtime::{Error, ResourceLimiter, Result};

use crate::args::{required, required_mut};
use crate::heap::grow;
use crate::purpose::{Purpose, expect};
use crate::stats::minplat_store_stats_t;
use crate::store::minplat_store_t;

/// What guests of a store may use. UINT64_MAX: no limit. Fill all fields; `minplat_limits_none` does.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct minplat_limits_t {
    /// Bytes of each memory; a garbage collector's heap is one, here and in the total.
    pub memory_bytes: u64,
    /// Elements of each table.
    pub table_elements: u64,
    /// Instances in the store.
    pub instances: u64,
    /// Tables in the store.
    pub tables: u64,
    /// Memories in the store, without a garbage collector's heap.
    pub memories: u64,
    /// Bytes of all memories of the store together, a garbage collector's heap included.
    pub total_memory_bytes: u64,
}

const NO_LIMIT: minplat_limits_t = minplat_limits_t {
    memory_bytes: u64::MAX,
    table_elements: u64::MAX,
    instances: u64::MAX,
    tables: u64::MAX,
    memories: u64::MAX,
    total_memory_bytes: u64::MAX,
};

/// Sets what guests of the store may use from now on: what is there already stays, and counts. A guest sees a refused growth
/// as -1; instantiation, and what the program makes or grows itself, fails with MINPLAT_ERROR_LIMIT. NULL arguments do
/// nothing. Not while a guest of the store runs. Stack: 5 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_store_set_limits(store: *mut minplat_store_t, limits: *const minplat_limits_t) {
    let _turn = crate::turn::take();
    // SAFETY: NULL, or a store of this library and limits.
    let (Ok(store), Ok(limits)) = (unsafe { (required_mut(store), required(limits)) }) else { return };
    store.store.data_mut().limits.most = *limits;
    // Wasmtime reads the numbers of instances, tables and memories when it is given the limiter.
    store.store.limiter(|data| &mut data.limits);
}

/// No limit at all, to begin with. Stack: 1 KiB. Tasks: any.
#[unsafe(no_mangle)]
pub extern "C" fn minplat_limits_none() -> minplat_limits_t {
    NO_LIMIT
}

/// Whether linear memories come from the heap.
pub(crate) const MEMORY_ON_HEAP: bool = PLATFORM.settings.memories_on_heap();

/// The smallest element of a table: with a collector some are references to its heap.
const ELEMENT: usize = if PLATFORM.settings.gc { 4 } else { size_of::<usize>() };

/// Bytes of the memories of all stores, where they are not on the heap.
static MAPPED: AtomicUsize = AtomicUsize::new(0);

/// Bytes of linear memories that are not on the heap.
pub(crate) fn mapped() -> usize {
    MAPPED.load(Relaxed)
}

/// A store's limits, and what its guests have. Wasmtime tells what it is about to take, and of a growth whether it failed, but
/// not that it gives up the memories and tables of an instance that was not made: see [`Self::undo`].
pub(crate) struct Limits {
    most: minplat_limits_t,
    has: minplat_store_stats_t,
    /// What the last announcement added, if it was of a memory, bytes.
    last_bytes: u64,
    /// And if it was of a table.
    last_elements: u64,
}

impl Limits {
    pub(crate) const NONE: Self = Self {
        most: NO_LIMIT,
        has: minplat_store_stats_t { memory_bytes: 0, table_elements: 0, instances: 0 },
        last_bytes: 0,
        last_elements: 0,
    };

    /// What the guests have.
    pub(crate) fn stats(&self) -> minplat_store_stats_t {
        self.has
    }

    /// An instance was made.
    pub(crate) fn add_instance(&mut self) {
        self.has.instances += 1;
    }

    /// The call that began when the guests had this failed, and what it announced is gone.
    pub(crate) fn undo(&mut self, had: minplat_store_stats_t) {
        self.set_memory(had.memory_bytes);
        self.has = had;
    }

    fn set_memory(&mut self, bytes: u64) {
        if !MEMORY_ON_HEAP {
            // Wraps like the counter: the sum is never less than what a store gives back.
            MAPPED.fetch_add((bytes as usize).wrapping_sub(self.has.memory_bytes as usize), Relaxed);
        }
        self.has.memory_bytes = bytes;
    }
}

impl Drop for Limits {
    fn drop(&mut self) {
        self.set_memory(0);
    }
}

impl ResourceLimiter for Limits {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool> {
        let more = desired.saturating_sub(current) as u64;
        let total = self.has.memory_bytes.saturating_add(more);
        let is_refused = desired as u64 > self.most.memory_bytes || total > self.most.total_memory_bytes;
        if is_refused || maximum.is_some_and(|most| desired > most) {
            return Ok(false);
        }
        self.set_memory(total);
        (self.last_bytes, self.last_elements) = (more, 0);
        grow(true);
        if MEMORY_ON_HEAP && current == 0 {
            expect(Purpose::Memory, desired);
        }
        Ok(true)
    }

    fn memory_grow_failed(&mut self, error: Error) -> Result<()> {
        // A growth that the memory's type does not allow was not announced.
        if !Starts::with(&error, "memory growth exceeds memory type's limits") {
            self.set_memory(self.has.memory_bytes - self.last_bytes);
        }
        self.last_bytes = 0;
        expect(Purpose::Other, 0);
        grow(false);
        Ok(())
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool> {
        if desired as u64 > self.most.table_elements || maximum.is_some_and(|most| desired > most) {
            return Ok(false);
        }
        (self.last_bytes, self.last_elements) = (0, desired.saturating_sub(current) as u64);
        self.has.table_elements = self.has.table_elements.saturating_add(self.last_elements);
        if current == 0 {
            expect(Purpose::Tables, desired.saturating_mul(ELEMENT));
        }
        Ok(true)
    }

    fn table_grow_failed(&mut self, error: Error) -> Result<()> {
        // A size that no number of the machine holds was not announced.
        if !Starts::with(&error, "overflow calculating new table size") {
            self.has.table_elements -= self.last_elements.min(self.has.table_elements);
        }
        self.last_elements = 0;
        expect(Purpose::Other, 0);
        Ok(())
    }

    fn instances(&self) -> usize {
        size(self.most.instances)
    }

    fn tables(&self) -> usize {
        size(self.most.tables)
    }

    fn memories(&self) -> usize {
        size(self.most.memories)
    }
}

fn size(limit: u64) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}

/// Compares a text as it is written, without memory for it.
struct Starts<'a>(&'a str);

impl Starts<'_> {
    fn with(error: &Error, text: &str) -> bool {
        let mut left = Starts(text);
        // It stops at the first difference, which is no failure.
        let _ = core::fmt::write(&mut left, format_args!("{error}"));
        left.0.is_empty()
    }
}

impl core::fmt::Write for Starts<'_> {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        let len = text.len().min(self.0.len());
        match self.0.strip_prefix(text.get(..len).unwrap_or_default()) {
            Some(left) if len != 0 || text.is_empty() => {
                self.0 = left;
                Ok(())
            }
            _ => Err(core::fmt::Error),
        }
    }
}
