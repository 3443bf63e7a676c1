//! A Linux process that plays the device: it loads the device library that firmware would link, offers it the platform
//! that a board would offer, and runs modules in it through the C API that firmware would call. The tool `minplat-host` is
//! one user of this crate; tests and the other tools are more.
//!
//! ```no_run
//! use minplat_host::{Artifact, Device, Engine, Linker, Module, Store, Value, find_library};
//!
//! let artifact = Artifact::read("add.cwasm".as_ref())?;
//! let device = Device::open(&find_library(artifact.platform(), None)?)?;
//! let engine = Engine::new(&device)?;
//! let module = Module::load(&engine, artifact.bytes())?;
//! let mut store = Store::new(&engine)?;
//! let instance = Linker::new(&engine)?.instantiate(&mut store, &module)?;
//! let add = instance.func(&mut store, "add").expect("it is exported");
//! assert_eq!(add.call(&mut store, &[Value::I32(2), Value::I32(3)])?, [Value::I32(5)]);
//! # Ok::<(), anyhow::Error>(())
//! ```
//!
//! # Principles
//! - No compiler and no Wasmtime in here: what runs is the library file, byte for byte.
//! - A library is looked at before it is opened: a symbol that this host does not offer is an error that names it.
//! - Safe: what Rust's types cannot rule out (a function of another store, a library without locks on two threads) is
//!   checked at run time. What remains trusted is the library itself and the artifacts: both are native code.
//!
//! # Caveats
//! - A library stays loaded until the process ends, as it stays on a board.
//! - One process is one machine: see [`platform`].
//!
//! # Modules
//! [`platform`] is the machine; [`library`] finds and checks files; [`device`] is the C API in safe Rust, re-exported here;
//! [`check`] checks the machine; [`text`] reads and prints values; [`mod@entry`] is what a command line asks to call, [`output`] what it asks to be
//! told; [`guest_thread`] gives guests a stack; [`stack`] measures what they and the library use of it.

pub mod check;
pub mod device;
pub mod entry;
pub mod guest_thread;
pub mod library;
pub mod output;
pub mod platform;
pub mod stack;
pub mod text;

pub use device::{
    AsContext, Caller, Context, Device, Engine, Error, ErrorCode, Extern, ExternKind, ExternType, Frame, Func,
    FuncType, Global, Heap, HeapStats, Instance, Interrupter, Kind, Limits, LimitsType, Linker, Memory, MemoryStats,
    Module, Reference, SharedEngine, Store, Table, Trap, Value,
};
pub use library::{Artifact, find_library};
