//! Checks of a machine's platform functions: each sentence of `wasmtime-platform.h` that can be tried out, tried out on the
//! machine itself, before a guest does.
//!
//! # Principles
//! - No heap, no libc, no other crate: a table of functions ([`Platform`]) is all that is asked for, so firmware on a bare machine,
//!   a process and a test with one wrong function run the same code.
//! - Each [`Check`] has a name, what it means, and the remedy. It passes, fails with what was seen, or says why it is not
//!   checkable here; nothing is passed over in silence.
//! - An access that must fault is tried where the platform delivers traps, and the fault is taken by a handler of this crate
//!   (`src/probe`). Elsewhere such a check is not checkable: the fault would stop the machine.
//! - The hook hears of a check before it begins. If the machine stops, that one is the reason.
//!
//! # Caveats
//! Locks and thread-local slots are tried with the threads that the program lends; a check that finds nothing proves less than one
//! that finds something. Functions that wait for ever, as a lock that is never given, are not interrupted.
#![no_std]

#[macro_use]
mod finding;
mod check;
mod checks;
mod machine;
mod platform;
mod probe;

pub use check::{Check, Outcome, Tally, check, checks};
pub use platform::{EXECUTE, Image, Locks, Memory, Platform, READ, Threads, Tls, TrapHandler, WRITE};
