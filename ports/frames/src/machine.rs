//! What an architecture has of its own.

use page_table_entry::GenericPTE;

/// An architecture with page tables of 512 entries.
///
/// # Safety
/// The functions do what they say, and the entry is what it should be: the protection of guests rests on it.
pub unsafe trait Machine {
    /// An entry of a table: a word of 64 bits, zero where there is nothing.
    type Entry: GenericPTE;

    /// A bit of an entry that the machine leaves to software.
    const SHARED: u64;

    /// Levels of tables: 3 or 4.
    const LEVELS: usize;

    /// The addresses that ranges come from: multiples of a page, mapped by nothing else.
    const SPACE: core::ops::Range<usize>;

    /// Makes what was written to tables hold, and drops what the TLB has of so many pages from this address on, and of the tables on
    /// the way to them.
    fn forget(start: usize, pages: usize);

    /// Makes what was written to these addresses as data what is fetched as instructions. They can be read.
    fn publish(start: usize, bytes: usize);
}
