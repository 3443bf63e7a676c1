//! What memory is used for.

use crate::store::minplat_store_t;

/// What the library has, by purpose, bytes. What is on its heap is counted to the byte as it was asked for, under what the
/// library did when it took it; what Wasmtime maps by itself is counted as whole pages (code) or by what guests may access
/// (memories). Thus `total` is the sum of all that stand above it, always.
///
/// The peak of the native stack is not here: the library does not know where a task's stack ends. `minplat_stack_paint` and
/// `minplat_stack_unused` tell it.
///
/// What is not known: pages that the platform needs for its own books, address space that is reserved and not accessible, and
/// copy-on-write images of data, which the platform makes. Where the platform offers multi-thread and two threads make
/// instances at once, a memory of one may be counted as an instance's of the other.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct minplat_stats_t {
    /// Copies of modules: code and all that comes with it. Modules that are used in place are not in it.
    pub code: usize,
    /// Linear memories, and the heaps of garbage collectors.
    pub memories: usize,
    /// Tables.
    pub tables: usize,
    /// Instances: globals, function references, what else Wasmtime keeps for each.
    pub instances: usize,
    /// Types of functions that the program gave to define or look up functions.
    pub types: usize,
    /// What is kept of each module besides its code: functions, imports, exports, names, types.
    pub metadata: usize,
    /// Engines, linkers, stores, host functions, errors, and Pulley's stacks.
    pub other: usize,
    /// Taken for the heap and not in use: its books, what is free, what is lost to rounding.
    pub waste: usize,
    /// The sum.
    pub total: usize,
    /// Of all these what is on the heap, waste included: `minplat_heap_stats_t`'s `mapped`.
    pub heap: usize,
    /// The most that was in use on the heap at once, waste not included.
    pub heap_peak: usize,
}

/// Tells what the library has. Zeros for the heap's rows where the library was built without its allocator. NULL does
/// nothing. Takes no memory. Stack: 1 KiB. Tasks: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_stats(stats: *mut minplat_stats_t) {
    let _turn = crate::turn::take();
    // SAFETY: NULL, or room for statistics.
    if let Some(stats) = unsafe { stats.as_mut() } {
        *stats = now();
    }
}

fn now() -> minplat_stats_t {
    #[cfg(feature = "allocator")]
    let mut stats = crate::allocator::look(|book, mapped| {
        use crate::purpose::Purpose;
        let live = |purpose: Purpose| book.live()[purpose as usize];
        minplat_stats_t {
            code: live(Purpose::Code),
            memories: live(Purpose::Memory),
            tables: live(Purpose::Tables),
            instances: live(Purpose::Instances),
            types: live(Purpose::Types),
            metadata: live(Purpose::Metadata),
            other: live(Purpose::Other),
            waste: mapped - book.used(),
            total: 0,
            heap: mapped,
            heap_peak: book.peak(),
        }
    });
    #[cfg(not(feature = "allocator"))]
    let mut stats = minplat_stats_t::default();
    // Read once: another thread may change them.
    let (code, memories) = (crate::image::mapped(), crate::limits::mapped());
    stats.code += code;
    stats.memories += memories;
    stats.total = stats.heap + code + memories;
    stats
}

/// What one store's guests have.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct minplat_store_stats_t {
    /// Bytes of its linear memories, those of the program's own making and the heap of the garbage collector included.
    pub memory_bytes: u64,
    /// Elements of its tables, each of a pointer's size, or of 4 bytes for references of a garbage collector. A
    /// table.grow that ended for want of memory counts as done.
    pub table_elements: u64,
    /// How many instances were made in it.
    pub instances: u64,
}

/// Tells what a store's guests have; NULL arguments do nothing. Takes no memory. Stack: 1 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_store_stats(store: *const minplat_store_t, stats: *mut minplat_store_stats_t) {
    let _turn = crate::turn::take();
    // SAFETY: NULL, or a store of this library and room for statistics.
    let (Some(store), Some(stats)) = (unsafe { (store.as_ref(), stats.as_mut()) }) else { return };
    *stats = store.store.data().limits.stats();
}
