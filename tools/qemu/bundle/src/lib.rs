#![no_std]
//! What firmware is given at boot: a few modules, steps to take with them, and what must come of each step.
//!
//! ```text
//! 0    magic, 16 bytes: "minplat bundle 1"
//! 16   bytes of the whole; offset and bytes of the steps; number of modules; bytes that the library may have at most (0: all
//!      that there is): five 32-bit numbers
//! 36   for each module: offset and bytes; an offset of 0xffffffff: a module of the firmware's own, by its number
//!      the steps, one behind the other
//!      the modules, each at a multiple of what its platform asks for
//! ```
//!
//! Numbers are little-endian. A reader takes no memory and copies nothing: modules are used where they lie.
//!
//! # Principles
//! - Any bytes can be read: what makes no sense is a [`Problem`].
//! - What a step needs is in the step; nothing is looked up by the reader.
//!
//! # Modules
//! [`bundle`] is the whole, [`step`] what there is to do, [`value`] arguments and expected results. `Writer` (feature `std`)
//! makes one.

#[cfg(feature = "std")]
extern crate std;

pub mod bundle;
mod cursor;
mod fold;
pub mod step;
mod stub;
pub mod value;
#[cfg(feature = "std")]
mod writer;

pub use bundle::{Bundle, Module, Problem};
pub use fold::{FOLD, fold};
pub use step::{Command, Expected, Step};
pub use stub::Stub;
pub use value::{Pattern, Value};
#[cfg(feature = "std")]
pub use writer::Writer;
