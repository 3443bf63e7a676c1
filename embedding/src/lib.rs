//! The device side in Rust: an engine for exactly one platform, and loads that check before they trust.
//!
//! ```ignore
//! // Where the platform offers traps.
//! // SAFETY: no engine was made before.
//! unsafe { minplat::take_traps()? };
//! let engine = minplat::wasmtime::Engine::new(&minplat::config())?;
//! // SAFETY: the bytes come from minplat-compile, and nobody else could have written them.
//! let module = unsafe { minplat::load(&engine, bytes) }?;
//! ```
//!
//! From there it is [`wasmtime`]'s own API, re-exported. `load_component` is there where the platform has components on.
//!
//! # Principles
//! - [`PLATFORM`] is made at build time from the platform file that the compiler reads too; nothing is configured here.
//! - Everything that Wasmtime would only assert about an artifact is tested first and answered with an error.
//! - The crate defines no allocator, no panic handler and no exported symbol: those are the program's. The library for C
//!   programs, `minplat-capi`, has them.
//!
//! # What the program must give
//! A global allocator, a panic handler, and the functions that `minplat-build --print symbols PLATFORM` lists:
//! `wasmtime_tls_get` and `wasmtime_tls_set`, and what the platform file says that the machine offers;
//! `wasmtime-platform.h` of `minplat-capi` states each function's contract. `minplat-build --print cargo-config PLATFORM`
//! prints the Cargo configuration and the features; `examples/rust-kernel` is a whole program, `docs/rust.md` the way there.
//!
//! # In a workspace of your own
//! The crate is a path dependency. Its build script reads `MINPLAT_PLATFORM` (a shipped platform's name, or the absolute path
//! of a platform file) and `MINPLAT_SET` (lines of `key=value`), and refuses Cargo features that do not fit.
//!
//! # Caveat
//! Loading is `unsafe`: the trailer's digest finds damage, not malice. Bytes that an attacker could write run as the
//! attacker's code.
#![no_std]

extern crate alloc;
// Named so that its features take effect: without a `log-*` of this crate Wasmtime's log calls stay.
use log as _;

mod check;
mod code_memory;
mod config;
mod cpu;
mod error;
mod load;
#[cfg(feature = "multi-thread")]
mod lock;
mod pages;
mod platform;
#[cfg(feature = "traps")]
mod traps;
#[cfg(feature = "unpack")]
mod unpack;

#[cfg(feature = "platform-checks")]
pub use check::{CheckError, check_platform, platform_functions};
pub use config::{BACKTRACE_FRAMES, config, config_with_stack};
pub use cpu::detect_host_feature;
pub use error::LoadError;
pub use load::{Checked, check, load, load_in_place};
#[cfg(feature = "component-model")]
pub use load::{load_component, load_component_in_place};
#[cfg(feature = "multi-thread")]
pub use lock::{Held, Lock};
#[cfg(feature = "platform-checks")]
/// What the checks are, and what they are given.
pub use minplat_checks as checks;
/// What the names of a module's functions take.
pub use minplat_format::Names;
pub use pages::page_size;
pub use platform::{PLATFORM, PlatformInfo};
#[cfg(feature = "traps")]
pub use traps::take_traps;
#[cfg(feature = "unpack")]
pub use unpack::{UnpackError, is_packed, unpack};
/// The runtime itself: everything behind loading is its API.
pub use wasmtime;
