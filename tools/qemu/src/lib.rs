//! Modules on bare machines: the firmware of a port, built for a platform and run in QEMU, with a bundle to work on.
//!
//! # The way of a run
//! | step | where |
//! | --- | --- |
//! | which machine: a folder of `ports/` with a `port.toml` | [`port`] |
//! | a module, compiled for the platform, its outside looked at | [`module`] |
//! | the device library, built where there is none of these sources | [`library`] |
//! | the firmware, built where there is none of this library and these sources | [`firmware`] |
//! | QEMU, and what it says | [`machine`], [`record`] |
//!
//! `minplat-bundle` writes what the firmware is given; [`value`] makes its values.
//!
//! # Principles
//! - What runs is what a board would run: the firmware takes the library of `minplat-build` as it is.
//! - A machine that hangs, crashes or says nothing is an error with its last lines.
//!
//! # Caveats
//! QEMU is not a board: it has no caches, and its time is not the machine's.

pub mod firmware;
pub mod library;
pub mod machine;
pub mod module;
pub mod port;
pub mod record;
mod types;
pub mod value;
