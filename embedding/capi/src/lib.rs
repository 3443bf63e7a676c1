//! The device runtime for C programs: `minplat.h`, and what such a program lacks (heap, panic handler, TLS), each a Cargo
//! feature.
//!
//! # Principles
//! - Every function is small and on its own, so that a program links only what it calls.
//! - A function that can fail returns `minplat_error_t *`, NULL for success. A NULL argument is such a failure, or the
//!   answer "nothing" where a function cannot fail; only `*_delete` takes NULL as a matter of course.
//! - Objects are owned by the program and freed with `*_delete`. A store must outlive the handles from it; engines, modules
//!   and linkers are counted inside, so they may be deleted in any order.
//! - One thread at a time in an object; and one at a time in the library, unless the platform offers multi-thread.
//!
//! # Caveats
//! Where Wasmtime itself knows no error for memory running out, the library stops; `docs/reliability.md` lists the cases.
//! Handles and pointers that this library did not make are not found out.
#![no_std]
#![expect(non_camel_case_types, reason = "types are called as C programs call them")]
#![allow(unreachable_pub, reason = "what C programs reach is public, whatever Rust's modules say")]

extern crate alloc;

#[cfg(feature = "allocator")]
mod allocator;
mod args;
mod artifact;
mod check;
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
mod copy;
mod engine;
mod error;
mod frame;
mod func;
mod global;
mod handle;
mod heap;
mod host_func;
mod image;
mod init;
mod instance;
mod limits;
mod linker;
mod log;
mod memory;
mod module;
mod names;
mod nesting;
mod panic;
mod platform;
mod prepared;
#[cfg(any(target_arch = "arm", target_arch = "riscv32"))]
mod promote;
mod purpose;
mod raw;
mod reference;
mod remainder;
#[cfg(feature = "allocator")]
mod reserve;
#[cfg(feature = "allocator")]
mod small;
#[cfg(feature = "allocator")]
mod sources;
mod stack;
mod stats;
mod store;
mod table;
mod tag;
mod tls;
mod trap;
#[cfg(feature = "traps")]
mod traps;
mod turn;
mod types;
mod value;
