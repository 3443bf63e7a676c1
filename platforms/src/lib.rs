//! **Platform** is the one word for "the machine as minplat sees it": its target, what it offers, what its modules may
//! use. One file describes it; this crate is the only place that turns that file into anything else:
//!
//! | into | where |
//! | --- | --- |
//! | Wasmtime settings, for the compiling side and for the running side | [`engine`] |
//! | what both sides must agree on, and its fingerprint | [`agreement`] |
//! | Cargo features, symbols, build flags, budgets | [`device`] |
//! | the reference page of all keys | [`mod@reference`] |
//!
//! # How a file is read
//! [`mod@file`] reads TOML and follows `extends`; [`keys`] says which keys exist, of what kind, with which default;
//! [`check`] refuses combinations that cannot work; [`Platform`] is the result. Every problem names file, line, key and
//! remedy, and all of them are told at once.
//!
//! # On a device
//! With the feature `toml` off the crate is `no_std`: what is left is [`Settings`] (plain numbers, made by the build
//! script of the embedding) and, with `runtime`, [`engine`]. A module and a device can therefore never read two
//! different descriptions.
//!
//! # Caveat
//! A platform file says what a machine is; nothing here can see whether the machine really is so.
#![no_std]

#[cfg(any(feature = "toml", feature = "compiler"))]
extern crate std;

pub mod cpu;
pub mod features;
pub mod settings;

#[cfg(feature = "runtime")]
pub mod engine;

#[cfg(feature = "toml")]
pub mod agreement;
#[cfg(feature = "toml")]
pub mod check;
#[cfg(feature = "toml")]
pub mod device;
#[cfg(feature = "toml")]
mod fibers;
#[cfg(feature = "toml")]
pub mod file;
#[cfg(feature = "toml")]
mod float_abi;
#[cfg(feature = "toml")]
pub mod keys;
#[cfg(feature = "toml")]
mod platform;
#[cfg(feature = "toml")]
pub mod problem;
#[cfg(feature = "toml")]
pub mod reference;
#[cfg(feature = "toml")]
mod resolve;
#[cfg(feature = "toml")]
pub mod shipped;
#[cfg(feature = "toml")]
pub mod target;
#[cfg(feature = "toml")]
pub mod value;
#[cfg(feature = "toml")]
pub mod variants;

#[cfg(feature = "toml")]
pub use agreement::Agreed;
#[cfg(feature = "toml")]
pub use device::{Budget, Build};
#[cfg(all(feature = "runtime", feature = "async"))]
pub use engine::async_stack;
#[cfg(feature = "compiler")]
pub use engine::{CompileOptions, compiling_config};
#[cfg(feature = "runtime")]
pub use engine::{native_stack, running_config};
#[cfg(feature = "toml")]
pub use platform::{DEFAULT, Platform};
#[cfg(feature = "toml")]
pub use problem::{Problem, Problems};
pub use settings::Settings;
#[cfg(feature = "toml")]
pub use target::RustTarget;

/// The Wasmtime major version that both sides are built with. A `.cwasm` loads on any patch release of it.
pub const WASMTIME_MAJOR: u32 = 48;
