//! `wasmtime-platform.c`, compiled into this crate under names of its own.

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
