//! Makes the wrappers visible to the libraries that this process opens.
//!
//! The plug is a shared library of a page, carried inside this crate and opened from memory, whose symbols join those that
//! every library opened later is bound to. Exporting the wrappers from the program itself would need linker arguments in
//! every binary, test and tool that uses this crate.

use std::fs::File;
use std::io::Write;
use std::os::fd::{AsRawFd, FromRawFd};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use anyhow::{Context, Result, anyhow, ensure};
use libloading::os::unix::{Library, RTLD_GLOBAL, RTLD_NOW};

use super::linux::{self, Image, TrapHandler};
use super::wrap;

static PLUG: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/plug.so"));

macro_rules! offer {
    ($($variant:ident $name:ident($($arg:ident: $ty:ty),*) $(-> $ret:ty)?;)*) => {
        /// `struct offer` of plug.c.
        #[repr(C)]
        struct Offer { $($name: unsafe extern "C" fn($($ty),*) $(-> $ret)?,)* }

        static OFFER: Offer = Offer { $($name: wrap::$name,)* };
        static BARE: Offer = Offer { $($name: linux::$name,)* };
    };
}
platform_functions!(offer);

/// Whether [`connect`] offers Linux itself.
static IS_BARE: AtomicBool = AtomicBool::new(false);

/// Lets libraries call Linux itself, without what this host puts in front of it: no counts, no trace, no limit. For whoever
/// measures what a library needs by itself. Before the first library is opened.
pub fn go_without_wrappers() {
    IS_BARE.store(true, Relaxed);
}

/// Offers the platform to the libraries that are opened from now on. The first call does it.
pub(crate) fn connect() -> Result<()> {
    static CONNECTED: OnceLock<Result<(), String>> = OnceLock::new();
    let done = CONNECTED.get_or_init(|| open().map_err(|error| format!("{error:#}")));
    done.clone().map_err(|error| anyhow!(error).context("cannot offer the platform to device libraries"))
}

fn open() -> Result<()> {
    // SAFETY: the name is a C string.
    let fd = unsafe { libc::memfd_create(c"minplat-plug".as_ptr(), libc::MFD_CLOEXEC) };
    ensure!(fd >= 0, "memfd_create: {}; this host needs Linux 3.17 or later", std::io::Error::last_os_error());
    // SAFETY: the descriptor is new and nobody else's.
    let mut file = unsafe { File::from_raw_fd(fd) };
    file.write_all(PLUG).context("cannot write the plug into memory")?;
    let path = format!("/proc/self/fd/{}", file.as_raw_fd());
    // SAFETY: the plug has no initialisers.
    let plug = unsafe { Library::open(Some(&path), RTLD_NOW | RTLD_GLOBAL) }
        .with_context(|| format!("cannot open the plug as {path}: is /proc mounted?"))?;
    // SAFETY: plug.c defines it so.
    let connect = unsafe { plug.get::<extern "C" fn(&Offer) -> usize>(b"minplat_plug_connect\0") }?;
    let size = connect(if IS_BARE.load(Relaxed) { &BARE } else { &OFFER });
    assert_eq!(size, size_of::<Offer>(), "plug.c and functions.rs list different functions");
    // Bound libraries point into it for as long as the process lives.
    std::mem::forget(plug);
    Ok(())
}
