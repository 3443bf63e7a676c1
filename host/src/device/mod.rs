//! The C API of a device library in safe Rust: one file for each thing that `minplat.h` names.
//!
//! # What is checked here, and why
//! - **Store.** A handle carries the number of the store that made it; used with another one it is an error. (Inside the
//!   library it would be a panic, which on a device is a reset.)
//! - **Threads.** A library whose machine offers no threads keeps its state in plain statics. [`Device::open`] lets one
//!   thread have it at a time; nothing made from a device can leave its thread. Where the platform offers threads,
//!   [`Engine::share`] gives an engine to others.
//! - **Panics** of a host function end at the boundary and become the error of the call.

mod altstack;
mod api;
mod callback;
mod engine;
mod error;
mod func;
mod global;
mod instance;
mod linker;
mod memory;
mod module;
mod opened;
mod reference;
mod store;
mod table;
mod turn;
mod types;
mod value;

pub(crate) use altstack::ensure as ensure_signal_stack;
pub use api::{Api, Signature};
pub use callback::Caller;
pub use engine::{Engine, Interrupter, SharedEngine};
pub use error::{Error, ErrorCode, Frame, Trap};
pub use func::Func;
pub use global::Global;
pub use instance::{Extern, Instance};
pub use linker::Linker;
pub use memory::Memory;
pub use module::Module;
pub use opened::{Device, HeapStats, MemoryStats};
pub use reference::Heap;
pub use store::{AsContext, Context, Limits, Store};
pub use table::Table;
pub use types::{ExternKind, ExternType, FuncType, Kind, LimitsType};
pub use value::{Reference, Value};

/// The types of `minplat.h`, by their C names.
pub use minplat_sys as ffi;
