//! The Rust toolchain of a build: which there are, which can do it, and what to install where none can.

mod candidate;
mod choose;
mod list;

pub(crate) use candidate::output;
pub use candidate::{Origin, Toolchain};
pub use choose::{Choice, Method, choose};
pub(crate) use list::in_path;
pub use list::{Listed, list};

/// The oldest rustc that Wasmtime 48 builds with.
pub const OLDEST: (u32, u32) = (1, 95);
