//! `foo.cwasm` as bytes: the ELF image that Wasmtime's compiler writes, made smaller, and a trailer behind it that says for
//! which platform it was compiled. This crate is the one reader and the one writer of both.
//!
//! ```text
//! 0                     image: Wasmtime's ELF: tables, then `.text`
//! align 16              trailer, fixed part (80 bytes): magic, version, lengths, counts, Wasmtime major, features, fingerprints
//! +80                   the platform's name, padded with zeros to 16
//!                       custom sections of the module that were to be kept, if any: see [`sections`]
//!                       digest: SHA-256 of every byte before it
//!                       room for a signature over every byte before it: kind, length (none yet), padding
//! ```
//!
//! The trailer starts at the first 16-byte boundary after the end of the ELF, as the ELF's own headers state it. So it is
//! found from the front, in a flash slot with padding behind the artifact too, and Wasmtime, which reads by headers,
//! takes the file with or without it.
//!
//! # What it promises
//! [`read`] checks every byte: whatever is accepted is what [`write()`] wrote, unless somebody made a new digest. A digest
//! is no signature: it finds damage, not malice.
//!
//! For transport the whole of it can be [`packed`].
//!
//! # Modules
//! [`elf`] finds the end of an image and its sections; [`trailer`] has the layout, [`read`] and [`write()`]; [`sections`]
//! has the module's custom sections; [`error`] says what can be wrong.
#![no_std]

#[cfg(feature = "unpack")]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

pub mod elf;
pub mod error;
#[cfg(feature = "pack")]
mod pack;
pub mod packed;
pub mod sections;
pub mod trailer;
#[cfg(feature = "std")]
mod writer;

pub use elf::image_length;
pub use error::FormatError;
#[cfg(feature = "pack")]
pub use pack::{PackError, pack};
pub use packed::{Machine, is_packed};
#[cfg(feature = "unpack")]
pub use packed::{UnpackError, unpack, unpack_any};
pub use sections::{CustomSection, Sections, custom_sections};
pub use trailer::{Artifact, Names, Trailer, artifact_length, read, read_unverified};
#[cfg(feature = "std")]
pub use writer::{Stamp, write};
