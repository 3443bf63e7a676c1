#![no_std]
//! The C API of a device library for programs in Rust: firmware that is linked with `libminplat.a`, and programs that load
//! `libminplat.so`. What everything does, `minplat.h` says.
//!
//! Firmware calls the functions of [`linked`]. A program that looks them up makes what it wants of the list with
//! [`functions!`], which calls a macro with all of them.
//!
//! # Principles
//! - One list of functions and one of types, in the order and with the names of the header. Tests of `minplat-host` compare
//!   both with the header: sizes, offsets and constants with what a C compiler says, signatures with the text.
//! - No code: nothing here allocates, prints or decides.
//!
//! # Caveats
//! Declaring a function links nothing. A program that calls one must be linked with the library of its platform.

mod list;
mod types;

pub mod linked;

pub use types::*;
