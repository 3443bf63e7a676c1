#![no_std]
//! The firmware that all ports share. A port brings its machine up and calls [`run()`] with its [`Board`]; this crate takes what
//! was given at boot (a bundle, crate `minplat-bundle`) or the modules that are linked in, runs it in the device library
//! that the firmware is linked with, and tells what came of it.
//!
//! # What is told
//! A line that starts with the byte 0x1e is a record for `minplat-qemu`: a word and fields, with tabs between; [`record`] has
//! them. Every other line is a guest's text. On a terminal records read as they are.
//!
//! # Principles
//! - No allocator: the library has its own heap, and the firmware needs none.
//! - A guest that fails is told of, and the next one runs.
//! - Everything that differs between machines is behind [`Board`].
//!
//! # Modules
//! [`board`] is the machine; [`mod@run`] goes through the steps, with a [`session`] for each store; [`library`] is the C API with
//! owners; [`spectest`] what the specification's scripts import, [`fold`] what a program may call often, [`stub`] what takes the place of what is missing; [`exception`] what nobody caught; [`locks`] what tasks wait
//! for; [`record`] what is told; [`stats`] and [`check`] ask the library and the board; `semihosted` is console and end for ports that have no others.

pub mod board;
#[cfg(feature = "script")]
pub mod check;
#[cfg(feature = "script")]
pub mod exception;
#[cfg(feature = "script")]
pub mod fold;
pub mod library;
pub mod linked;
pub mod locks;
pub mod record;
pub mod run;
#[cfg(feature = "semihosted")]
pub mod semihosted;
pub mod session;
#[cfg(feature = "script")]
pub mod spectest;
pub mod stats;
#[cfg(feature = "script")]
pub mod stub;
#[cfg(feature = "script")]
mod together;
pub mod values;

pub use board::Board;
pub use linked::Linked;
pub use run::run;
