//! The functions of `minplat.h`, as a table that is filled from a library.

use std::ffi::{c_char, c_void};

use anyhow::{Context as _, Result};
use libloading::os::unix::Library;

use minplat_sys::*;

/// A function as it is declared here: its symbol, the types of its parameters, and the type of its result (empty: none),
/// as Rust writes them. For the test that compares with the header.
pub type Signature = (&'static str, &'static [&'static str], &'static str);

macro_rules! api {
    ($(fn $name:ident($($arg:ident: $ty:ty),* $(,)?) $(-> $ret:ty)?;)*) => {
        /// The functions of one library. Each is called as `minplat.h` says.
        pub struct Api { $($name: unsafe extern "C" fn($($ty),*) $(-> $ret)?,)* }

        impl Api {
            /// Every function with its signature.
            pub const SIGNATURES: &[Signature] =
                &[$((concat!("minplat_", stringify!($name)), &[$(stringify!($ty)),*], concat!($(stringify!($ret))?))),*];

            /// Looks all of them up.
            ///
            /// # Errors
            /// The library lacks one: it was built from another version.
            ///
            /// # Safety
            /// `library` is a device library, and stays open.
            pub(crate) unsafe fn load(library: &Library) -> Result<Self> {
                Ok(Self { $(
                    // SAFETY: the signatures are those of `minplat.h`; a test compares them.
                    $name: *unsafe { library.get(concat!("minplat_", stringify!($name), "\0").as_bytes()) }.context(concat!(
                        "the library has no minplat_", stringify!($name),
                        ": it was built from another version; build it again with minplat-build",
                    ))?,
                )* })
            }

            $(
                #[doc = concat!("`minplat_", stringify!($name), "` of `minplat.h`.")]
                ///
                /// # Safety
                /// As the header says.
                #[expect(clippy::allow_attributes, reason = "not every signature is long")]
                #[allow(clippy::too_many_arguments, reason = "the C signature")]
                pub unsafe fn $name(&self, $($arg: $ty),*) $(-> $ret)? {
                    // SAFETY: the caller's.
                    unsafe { (self.$name)($($arg),*) }
                }
            )*
        }
    };
}

minplat_sys::functions!(api);
