//! WebAssembly to artifacts for one platform, and what can be read out of an artifact. Cranelift lives in this crate and
//! in no other; nothing of it reaches a device.
//!
//! Two programs are built on it: `minplat-compile` and `minplat-inspect`. Tools that compile use [`compile::compile`],
//! or a [`compile::Compiler`] for several modules.
//!
//! # The way of a module
//! [`input`] reads it ([`sniff`] says what a mistaken file is), [`wasm_opt`] may optimise it, [`mod@compile`] makes the artifact, for which [`mod@rewrite`]
//! makes Wasmtime's image smaller, or has [`explain`] say why not, and [`cache`] keeps functions for the next time; [`emit`] turns the artifact into an object file or Rust source, [`debug_file`] keeps what the device need
//! not carry, [`packing`] packs it, [`budget`] bounds it, and [`output`] writes files whole or not at all.
//!
//! # The way of an artifact
//! [`image`] opens it: sections ([`elf`]), engine settings ([`engine_section`]), functions ([`functions`]), imports and
//! exports ([`shape`], [`component`]). [`check`] compares it with a [`device`]; [`disasm`] and [`symbolize`] look into its code.
//!
//! # Principles
//! - A setting comes from the platform file: this crate calls no method of `wasmtime::Config`.
//! - The same module, platform and version give the same bytes, however many threads work on them.
//! - What Wasmtime keeps private about its files is mirrored here, and tests compare the mirror with the real thing.
//!
//! # Caveat
//! Reading an artifact is safe for any bytes. Loading one is not: see `docs/trust.md`.

pub mod budget;
pub mod cache;
pub mod check;
pub mod compile;
pub mod component;
mod custom;
pub mod debug_file;
pub mod device;
pub mod disasm;
pub mod elf;
pub mod emit;
pub mod engine_section;
pub mod explain;
pub mod functions;
mod guard;
pub mod image;
pub mod input;
pub mod output;
pub mod packing;
pub mod refusal;
pub mod rewrite;
pub mod shape;
pub mod sniff;
pub mod symbolize;
pub mod wasm_opt;

pub use compile::{Compiled, Compiler, Options, compile};
pub use refusal::{Reason, Refusal};
