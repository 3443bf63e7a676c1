//! `wasmtime-platform.c`, compiled into this crate under names of its own.

use libc::{c_int, off_t};

/// `struct wasmtime_memory_image`, and `wasmtime_trap_handler_t`.
pub(super) use minplat_checks::{Image, TrapHandler};

macro_rules! linux {
    ($($variant:ident $name:ident($($arg:ident: $ty:ty),*) $(-> $ret:ty)?;)*) => {
        unsafe extern "C" { $(
            #[link_name = concat!("minplat_linux_", stringify!($name))]
            pub(super) fn $name($($arg: $ty),*) $(-> $ret)?;
        )* }
    };
}
platform_functions!(linux);

unsafe extern "C" {
    /// Maps a part of a file; images of what lies in it are its pages. See `wasmtime-platform.c`.
    #[link_name = "minplat_linux_map_file"]
    pub(crate) fn map_file(fd: c_int, offset: off_t, addr: *mut u8, size: usize, ret: *mut *mut u8) -> i32;
}
