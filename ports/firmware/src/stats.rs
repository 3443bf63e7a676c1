//! What the library and the board have and had.

use minplat_sys::{linked as api, minplat_heap_stats_t, minplat_stats_t, minplat_store_stats_t};

use crate::Board;
use crate::library::Store;
use crate::record::Record;

/// Tells all of it: the library's memory by purpose, its heap, the store's guests, the stack, the board's pages.
pub fn tell(board: &dyn Board, store: Option<&Store>) {
    let stat = |name: &str, number: u64| Record::new(board, "stat").field(name).number(number).end();
    let (mut all, mut heap) = (minplat_stats_t::default(), minplat_heap_stats_t::default());
    // SAFETY: there is room for the answers.
    unsafe {
        api::stats(&mut all);
        api::heap_stats(&mut heap);
    }
    let rows = [
        ("code", all.code),
        ("memories", all.memories),
        ("tables", all.tables),
        ("instances", all.instances),
        ("types", all.types),
        ("metadata", all.metadata),
        ("other", all.other),
        ("waste", all.waste),
        ("total", all.total),
        ("heap-used", heap.used),
        ("heap-peak", heap.peak),
        ("heap-mapped", heap.mapped),
    ];
    rows.iter().for_each(|(name, bytes)| stat(name, *bytes as u64));
    if let Some(store) = store {
        let mut guests = minplat_store_stats_t::default();
        // SAFETY: the store is alive, and there is room for the answer.
        unsafe { api::store_stats(store.raw(), &mut guests) };
        stat("memory-bytes", guests.memory_bytes);
    }
    let (lowest, size) = board.stack();
    // SAFETY: the address that was painted from at first.
    let unused = unsafe { api::stack_unused(lowest) };
    stat("stack-peak", (size - unused) as u64);
    board.tell_more(&mut |name, number| stat(name, number));
}
