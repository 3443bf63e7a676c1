//! What this library is: version, platform, Wasmtime.

use core::ffi::c_char;

use minplat::PLATFORM;

// The same, readable in the file without loading it: section `.minplat.platform`, which takes no memory.
#[cfg(target_os = "none")]
core::arch::global_asm!(include_str!(concat!(env!("OUT_DIR"), "/identity.s")), options(raw));

/// The platform's name with the zero byte that C wants.
static NAME: [u8; PLATFORM.name.len() + 1] = {
    let mut name = [0; PLATFORM.name.len() + 1];
    let mut i = 0;
    while i < PLATFORM.name.len() {
        name[i] = PLATFORM.name.as_bytes()[i];
        i += 1;
    }
    name
};
static FINGERPRINT: [u8; 32] = PLATFORM.fingerprint;

/// The library's version, as "0.1.0"; static. Stack: 1 KiB. Tasks: any.
#[unsafe(no_mangle)]
pub extern "C" fn minplat_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// The major version of the Wasmtime inside; artifacts of any other are refused. Stack: 1 KiB. Tasks: any.
#[unsafe(no_mangle)]
pub extern "C" fn minplat_wasmtime_major() -> u32 {
    minplat_platform::WASMTIME_MAJOR
}

/// The name of the platform that the library was built for; static. Stack: 1 KiB. Tasks: any.
#[unsafe(no_mangle)]
pub extern "C" fn minplat_platform_name() -> *const c_char {
    NAME.as_ptr().cast()
}

/// The platform's fingerprint, 32 bytes; static. Artifacts with the same are loaded; of others those that differ in wasm
/// features alone, of which this library has all. Stack: 1 KiB. Tasks: any.
#[unsafe(no_mangle)]
pub extern "C" fn minplat_platform_fingerprint() -> *const u8 {
    FINGERPRINT.as_ptr()
}

/// Bytes of a page of the platform's memory; 0 where it has no virtual memory. Stack: 1 KiB. Tasks: any.
#[unsafe(no_mangle)]
pub extern "C" fn minplat_page_size() -> usize {
    if PLATFORM.settings.virtual_memory { minplat::page_size() } else { 0 }
}
