//! The machine that this process plays: every function of `wasmtime-platform.h`, counted, limited, traced and, on demand,
//! failing.
//!
//! ```text
//! device library ──► plug.so (wasmtime_*) ──► [`wrap`] ──► wasmtime-platform.c (minplat_linux_*) ──► Linux
//!                                              │  ├─ [`calls`]       how often, trace
//!                                              │  ├─ [`fault`]       what fails on demand, allocations of [`heap`] too
//!                                              │  ├─ [`ledger`]      what is mapped, what has memory behind it, the limit
//!                                              │  └─ [`protection`]  what can be executed
//!                                              └─ [`traps`]       the handler of every library in the process
//! ```
//!
//! # One process is one machine
//! Limits, counts and faults are the process's, as memory is a machine's; a second library that is opened shares them. So
//! is the thread-local slot where a platform takes it from the machine (`offers.multi-thread`): two such libraries can
//! work in one process, but not one called from a host function of the other.

#[macro_use]
mod functions;
mod calls;
mod checked;
mod fault;
pub mod heap;
mod ledger;
mod linux;
mod plug;
mod protection;
mod stats;
mod traps;
mod wrap;

pub use calls::{Call, set_trace};
pub(crate) use checked::{mmap_remap, under_check};
pub use fault::{Failing, Fault, set_faults};
pub use ledger::{last_refused, memory_limit, set_memory_limit};
pub(crate) use linux::map_file;
pub(crate) use plug::connect;
pub use plug::go_without_wrappers;
pub use protection::{CodePages, code_pages, executable};
pub use stats::{Stats, reset_peaks, stats};
