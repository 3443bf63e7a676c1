#![no_std]
//! What the ports with page tables share. `minplat-frames` is their memory; this is the firmware around it: where its parts lie
//! ([`mod@image`]), how they are protected ([`map()`]), the [`Machine`] as `minplat-port` sees it, and what faults come to
//! ([`traps`]). What a machine has of its own is a [`Port`].
//!
//! # Caveats
//! The linker script of a port must define what [`mod@image`] lists.

pub mod image;
mod machine;
mod map;
mod port;
pub mod traps;
#[cfg(feature = "uart-16550")]
pub mod uart;

pub use machine::Machine;
pub use map::map;
pub use port::{Port, crash};
