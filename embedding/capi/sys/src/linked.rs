//! The functions of a library that the program is linked with, `libminplat.a`.

use core::ffi::{c_char, c_void};

use crate::types::*;

macro_rules! declare {
    ($(fn $name:ident($($arg:ident: $ty:ty),* $(,)?) $(-> $ret:ty)?;)*) => {
        unsafe extern "C" {
            $(
                #[doc = concat!("`minplat_", stringify!($name), "` of `minplat.h`.")]
                ///
                /// # Safety
                /// As the header says.
                #[link_name = concat!("minplat_", stringify!($name))]
                pub fn $name($($arg: $ty),*) $(-> $ret)?;
            )*
        }
    };
}
crate::functions!(declare);
