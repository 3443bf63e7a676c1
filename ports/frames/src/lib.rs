//! Memory for firmware with page tables: the functions of `wasmtime-platform.h` that deal with pages.
//!
//! - [`Frames`]: physical memory, in pages.
//! - [`Ranges`]: address space, in ranges of pages.
//! - [`Tables`]: the page tables between them.
//! - [`Memory`]: the three together, as the functions of the header; [`export_memory!`] defines those.
//!
//! What an architecture has of its own is a [`Machine`]: the form of an entry, the number of levels, the TLB, the caches.
//!
//! # What holds
//!
//! - A range without access costs one record of 32 bytes. It takes tables and frames where a part becomes accessible, and then at
//!   once, so that memory running out is an error of that call and never a fault later. Only copy-on-write pages take theirs at the
//!   first write; it is put aside when they are mapped.
//! - All or nothing: what a call takes is counted first. After an error nothing has changed.
//! - Giving back never needs memory, so it cannot fail. Tables that become empty go back too.
//! - No page can be written and executed.
//!
//! # What does not
//!
//! - One core. Others would have to be told about the TLB and the instruction cache.
//! - Frames are reachable by their physical address too (the tables are), readable and writable: a stray pointer of the firmware
//!   itself could go there. Guests cannot make one.
#![cfg_attr(not(test), no_std)]

mod code;
#[cfg(feature = "device-tree")]
pub mod device_tree;
#[doc(hidden)]
pub mod export;
mod frames;
mod images;
mod machine;
mod memory;
mod ranges;
mod tables;
#[cfg(test)]
mod tests;

pub use code::{Error, Protection};
pub use frames::Frames;
pub use machine::Machine;
pub use memory::{Memory, Stats};
pub use page_table_entry::MappingFlags as Flags;
pub use ranges::Ranges;
pub use tables::{Fill, Tables};

/// Bytes of a page, of a frame, and of a table.
pub const PAGE: usize = 4096;
