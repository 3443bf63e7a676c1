//! What Wasmtime logs, handed to the program.

use core::ffi::c_void;

#[cfg(not(feature = "log"))]
use crate::error::Failure;

/// How important a line is.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "log"), allow(dead_code, reason = "the C program names them"))]
pub enum minplat_log_level_t {
    /// Something went wrong.
    MINPLAT_LOG_ERROR = 1,
    /// Something looks wrong.
    MINPLAT_LOG_WARN = 2,
    /// Worth knowing.
    MINPLAT_LOG_INFO = 3,
    /// For whoever looks for a fault.
    MINPLAT_LOG_DEBUG = 4,
    /// Every step.
    MINPLAT_LOG_TRACE = 5,
}

/// Hears a line that Wasmtime logs: its level, the module of Wasmtime's source that it comes from, and its text. Texts are
/// UTF-8, not terminated, and valid until the hook returns. It runs inside a call of the library, on that call's stack and
/// thread, and must not call the library.
pub type minplat_log_hook_t = Option<
    unsafe extern "C" fn(
        env: *mut c_void,
        level: minplat_log_level_t,
        target: *const u8,
        target_len: usize,
        message: *const u8,
        message_len: usize,
    ),
>;

#[cfg(not(feature = "log"))]
static NO_LOG: crate::error::Fixed = crate::error::Fixed::new(
    crate::error::minplat_error_code_t::MINPLAT_ERROR_UNSUPPORTED,
    "this library logs nothing: set build.log-level in the platform file, and build it again",
);

#[cfg(not(feature = "log"))]
pub(crate) fn set_log_hook(hook: minplat_log_hook_t, _env: *mut c_void) -> Result<(), Failure> {
    if hook.is_some() { Err(Failure::fixed(&NO_LOG)) } else { Ok(()) }
}

#[cfg(feature = "log")]
pub(crate) use with_log::set_log_hook;

#[cfg(feature = "log")]
mod with_log {
    use core::cell::Cell;
    use core::ffi::c_void;

    use log::{Level, LevelFilter, Log, Metadata, Record};

    use super::{minplat_log_hook_t, minplat_log_level_t as level};
    use crate::error::{Failure, format};

    struct Hook(Cell<(minplat_log_hook_t, *mut c_void)>);

    // SAFETY: it is set before the library is used by more than one thread, as `minplat_init` demands, and then only read.
    unsafe impl Sync for Hook {}
    // SAFETY: as above.
    unsafe impl Send for Hook {}

    static HOOK: Hook = Hook(Cell::new((None, core::ptr::null_mut())));

    pub(crate) fn set_log_hook(hook: minplat_log_hook_t, env: *mut c_void) -> Result<(), Failure> {
        HOOK.0.set((hook, env));
        // The second time it is this logger already.
        let _ = log::set_logger(&HOOK);
        log::set_max_level(if hook.is_some() { log::STATIC_MAX_LEVEL } else { LevelFilter::Off });
        Ok(())
    }

    impl Log for Hook {
        fn enabled(&self, metadata: &Metadata<'_>) -> bool {
            metadata.level() <= log::max_level()
        }

        fn log(&self, record: &Record<'_>) {
            let (Some(hook), env) = self.0.get() else { return };
            let level = match record.level() {
                Level::Error => level::MINPLAT_LOG_ERROR,
                Level::Warn => level::MINPLAT_LOG_WARN,
                Level::Info => level::MINPLAT_LOG_INFO,
                Level::Debug => level::MINPLAT_LOG_DEBUG,
                Level::Trace => level::MINPLAT_LOG_TRACE,
            };
            let text = match record.args().as_str() {
                Some(text) => text,
                None => &format(*record.args()).unwrap_or_default(),
            };
            let target = record.target();
            // SAFETY: whoever set the hook said what it takes, and that is what it gets.
            unsafe { hook(env, level, target.as_ptr(), target.len(), text.as_ptr(), text.len()) };
        }

        fn flush(&self) {}
    }
}
