//! The encoding that Wasmtime keeps its metadata in (<https://postcard.jamesmunns.com/wire-format>), decoded in few bytes of code.
//!
//! A device decodes two structures, and does so with this crate's [`from_bytes`]; what the crate of the same name, made for speed,
//! leaves in a library that is optimised for size was an eighth of it. It is smaller here for three reasons:
//!
//! - There is one [`Error`], and it has no size: what a decoder hands on beside its value is one bit. An artifact's digest is checked
//!   before anything of it is decoded (where `build.digest` is on), so the kind of damage would say nothing to anybody.
//! - The fields of a structure are not counted: it has as many as its type says.
//! - A device knows no tables of operator costs (`wasmtime::OperatorCost`: more than 600 bytes, each decoded on its own).
//!   No platform sets one; an artifact with one is refused.
//!
//! Hosts encode and decode with it too (feature `use-std`, and then operator costs are read): both sides are one piece of code.
#![no_std]

#[cfg(feature = "alloc")]
extern crate alloc;

mod de;
mod error;
#[cfg(feature = "alloc")]
mod ser;

pub use error::Error;

use serde_core::Deserialize;

/// What `bytes` begin with.
///
/// # Errors
/// They do not begin with an encoded `T`; or `T` found no memory.
pub fn from_bytes<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> Result<T, Error> {
    T::deserialize(&mut de::Deserializer::new(bytes))
}

/// What `bytes` begin with, and the bytes behind it.
///
/// # Errors
/// As [`from_bytes`].
pub fn take_from_bytes<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> Result<(T, &'de [u8]), Error> {
    let mut deserializer = de::Deserializer::new(bytes);
    let value = T::deserialize(&mut deserializer)?;
    Ok((value, deserializer.rest()))
}

/// Encodes `value`.
///
/// # Errors
/// A sequence in it does not know its length.
#[cfg(feature = "alloc")]
pub fn to_allocvec<T: serde_core::Serialize + ?Sized>(value: &T) -> Result<alloc::vec::Vec<u8>, Error> {
    let mut serializer = ser::Serializer::default();
    value.serialize(&mut serializer)?;
    Ok(serializer.into_bytes())
}
