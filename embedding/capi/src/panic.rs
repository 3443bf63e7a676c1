//! How the library stops: a panic, or a condition that it finds itself. The program's hook hears of it, then an invalid
//! instruction ends it. Nothing of the library may be called afterwards.

use core::cell::Cell;
use core::ffi::c_void;
use core::ptr;

/// Why the library stops. The numbers are stable; new ones may come.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(dead_code, reason = "not every library finds each of them")]
pub enum minplat_fatal_t {
    /// A panic: Wasmtime or the library found something that cannot be, or the heap ran out where there is no error for it
    /// (`docs/reliability.md`). Heard only where the platform's `build.panic` is not "immediate-abort".
    MINPLAT_FATAL_PANIC = 1,
    /// Two threads were in the library at once, and the platform has no `offers.multi-thread`.
    MINPLAT_FATAL_CONCURRENT_CALL = 2,
}

use minplat_fatal_t as fatal;

/// What is known of the reason. Texts are UTF-8, not terminated, and valid until the hook returns.
#[repr(C)]
pub struct minplat_panic_t {
    /// The reason.
    pub code: minplat_fatal_t,
    /// The line of `file`; 0 if it is not known.
    pub line: u32,
    /// A text; empty for a panic where `build.panic` is "code". Cut at 256 bytes.
    pub message: *const u8,
    /// Bytes of the text.
    pub message_len: usize,
    /// The library's source file; empty where `build.location-detail` is off.
    pub file: *const u8,
    /// Bytes of the file's name.
    pub file_len: usize,
}

/// Hears that the library stops. It runs on the stack of the call that failed, maybe with a lock held: it must not call the
/// library, and should not return. If it does, the library executes an invalid instruction.
pub type minplat_panic_hook_t = Option<unsafe extern "C" fn(env: *mut c_void, info: *const minplat_panic_t)>;

struct Hook(Cell<(minplat_panic_hook_t, *mut c_void)>);

// SAFETY: it is set before the library is used by more than one thread, as `minplat_init` demands, and then only read.
unsafe impl Sync for Hook {}

static HOOK: Hook = Hook(Cell::new((None, ptr::null_mut())));

/// Sets who hears. On one thread, before others use the library.
pub(crate) fn set_hook(hook: minplat_panic_hook_t, env: *mut c_void) {
    HOOK.0.set((hook, env));
}

/// Tells the hook, and stops.
#[cold]
fn end(code: fatal, message: &str, file: &str, line: u32) -> ! {
    if let (Some(hook), env) = HOOK.0.get() {
        let info = minplat_panic_t {
            code,
            line,
            message: message.as_ptr(),
            message_len: message.len(),
            file: file.as_ptr(),
            file_len: file.len(),
        };
        // SAFETY: whoever set the hook said what it takes, and that is what it gets.
        unsafe { hook(env, &raw const info) };
    }
    stop()
}

/// Stops for a reason that the library found itself: the hook hears of it in every build, whatever `build.panic` says.
#[cold]
#[allow(dead_code, reason = "not every platform's library has something to find")]
pub(crate) fn fatal(code: fatal) -> ! {
    let message = match code {
        fatal::MINPLAT_FATAL_PANIC => "panic",
        fatal::MINPLAT_FATAL_CONCURRENT_CALL => {
            "two threads were in the library at once, and the platform offers no threads: serialise the calls with one \
             lock, or set offers.multi-thread = true"
        }
    };
    end(code, message, "", 0)
}

#[cfg(all(feature = "panic-handler", target_os = "none"))]
#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    let place = info.location().filter(|at| at.line() != 0);
    // Where `build.location-detail` is off, every place is line 0 of the same file.
    let (file, line) = place.map_or(("", 0), |at| (at.file(), at.line()));
    #[cfg(feature = "panic-message")]
    {
        let mut text = Text::new();
        // A text that does not fit is cut; there is no other error.
        let _ = core::fmt::write(&mut text, format_args!("{}", info.message()));
        end(fatal::MINPLAT_FATAL_PANIC, text.get(), file, line)
    }
    #[cfg(not(feature = "panic-message"))]
    end(fatal::MINPLAT_FATAL_PANIC, "", file, line)
}

/// A text on the stack: the heap may be what failed.
#[cfg(feature = "panic-message")]
#[allow(dead_code, reason = "used by the panic handler, which is the device's alone")]
struct Text {
    bytes: [u8; 256],
    len: usize,
}

#[cfg(feature = "panic-message")]
#[allow(dead_code, reason = "used by the panic handler, which is the device's alone")]
impl Text {
    fn new() -> Self {
        Self { bytes: [0; 256], len: 0 }
    }

    fn get(&self) -> &str {
        core::str::from_utf8(&self.bytes[..self.len]).unwrap_or("")
    }
}

#[cfg(feature = "panic-message")]
impl core::fmt::Write for Text {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        let end = text.floor_char_boundary(self.bytes.len() - self.len);
        self.bytes[self.len..self.len + end].copy_from_slice(&text.as_bytes()[..end]);
        self.len += end;
        if end == text.len() { Ok(()) } else { Err(core::fmt::Error) }
    }
}

/// Executes an invalid instruction, so that a debugger or the machine's exception handler sees where.
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
