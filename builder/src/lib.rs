//! Builds the device library of a platform: from a platform file and a minplat checkout to an install prefix with
//! archive, headers, manifest and, where the host can load it, a shared object.
//!
//! # The path of a build
//! | step | where |
//! | --- | --- |
//! | the checkout to build from | [`source`] |
//! | a toolchain that can do it, and why that one | [`toolchain`], [`linker`] |
//! | the flags, from platform and toolchain; nothing is decided elsewhere | [`recipe`] |
//! | what the library is made of, and that nothing else gets in | [`dependencies`] |
//! | Cargo's part, and what it compiled | [`cargo`], [`compiled`] |
//! | one object, whose only global symbols are the API and the platform's | [`prelink`], [`localize`], [`symbols`] |
//! | archive, shared object, sizes and budgets | [`archive`], [`shared`], [`sizes`], [`probe`], `budget` |
//! | whose code it is; how other builds find it | [`provenance`], [`package`] |
//! | what was done, the files put in place at once, and what need not be done again | [`manifest`], [`publish`], [`stamp`] |
//!
//! [`mod@reproduce`] compares a library with what its manifest says. [`cargo_config`] is the same for programs in Rust: what Cargo is to be given, as a file.
//!
//! [`job`] is one platform's way along it, [`schedule`] that of several, [`interrupt`] how it ends early.
//!
//! # Principles
//! - A file appears by rename, and only when all of its platform's checks have passed.
//! - The same source, platform and toolchain give the same bytes in any folder; nothing of this machine is in the files.
//! - What is missing is named with the command that installs it.
//!
//! # Caveats
//! Runs on Linux: it renames as Linux does, and expects an ELF linker. Cargo and rustc run build scripts and macros of
//! the checkout: it is trusted.

pub mod archive;
mod budget;
pub mod cargo;
pub mod cargo_config;
pub mod compiled;
pub mod dependencies;
pub mod inputs;
pub mod interrupt;
pub mod job;
pub mod linker;
pub mod localize;
pub mod manifest;
pub mod package;
pub mod prelink;
pub mod probe;
pub mod progress;
pub mod provenance;
pub mod publish;
pub mod recipe;
pub mod reproduce;
pub mod schedule;
pub mod shared;
pub mod sizes;
pub mod source;
pub mod stamp;
pub mod symbols;
pub mod toolchain;
