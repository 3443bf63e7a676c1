//! What a panic does: the library stops. Nothing of it may be called afterwards.

use core::cell::Cell;
use core::ffi::c_void;

/// Hears of a panic before the library stops: its file (`file_len` bytes of UTF-8; empty where `build.location-detail` is
/// off) and line. It must not call the library; it may never return.
pub type minplat_panic_hook_t =
    Option<unsafe extern "C" fn(env: *mut c_void, file: *const u8, file_len: usize, line: u32)>;

struct Hook(Cell<(minplat_panic_hook_t, *mut c_void)>);

// SAFETY: it is set before the library is used by more than one thread, as its documentation demands, and then only read.
unsafe impl Sync for Hook {}

static HOOK: Hook = Hook(Cell::new((None, core::ptr::null_mut())));

/// Sets who hears of a panic; NULL: nobody. Call it before anything else, on one thread. Where the platform's `build.panic`
/// is "immediate-abort", as it is unless named, a panic executes an invalid instruction and nobody hears of it.
#[unsafe(no_mangle)]
pub extern "C" fn minplat_set_panic_hook(hook: minplat_panic_hook_t, env: *mut c_void) {
    HOOK.0.set((hook, env));
}

#[cfg(all(feature = "panic-handler", target_os = "none"))]
#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    if let (Some(hook), env) = HOOK.0.get() {
        let (file, line) = info.location().map_or(("", 0), |at| (at.file(), at.line()));
        // SAFETY: whoever set the hook said what it takes, and that is what it gets.
        unsafe { hook(env, file.as_ptr(), file.len(), line) };
    }
    stop()
}

/// Executes an invalid instruction, so that a debugger or the machine's exception handler sees where.
#[cfg(all(feature = "panic-handler", target_os = "none"))]
fn stop() -> ! {
    // SAFETY: an invalid instruction ends this code; if somebody goes on behind it, the loop holds them.
    unsafe {
        #[cfg(target_arch = "x86_64")]
        core::arch::asm!("ud2", options(nomem, nostack));
        #[cfg(any(target_arch = "aarch64", target_arch = "arm"))]
        core::arch::asm!("udf #0", options(nomem, nostack));
        #[cfg(any(target_arch = "riscv32", target_arch = "riscv64"))]
        core::arch::asm!("unimp", options(nomem, nostack));
    }
    loop {
        core::hint::spin_loop();
    }
}
