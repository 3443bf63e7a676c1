//! A real program in the device: `mappings.wasm`, with which Mozilla's npm package `source-map` parses and searches source
//! maps. The package drives it from JavaScript; this crate drives it from Rust, through the library that firmware would
//! use, and compares every answer with the package's own under node.
//!
//! [`consumer`] is the module's interface as Rust functions: how to drive a module that is more than a function or two.
//! [`answers`] is what node wrote, and the comparison.
//!
//! `minplat-tour mappings` runs it.

pub mod answers;
pub mod consumer;

pub use answers::{Seen, compare};
pub use consumer::{Bias, Consumer, Mapping, Original, Parsed};
