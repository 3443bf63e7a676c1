//! The engine's configuration: the platform's settings, and behind them what only the device knows: how to ask its CPU, how
//! it passes floats, how to make code executable, how many frames a backtrace keeps. None of that must agree, so these are the
//! only `Config` methods called outside `minplat_platform`; the stack sizes of one engine, which need not agree either, go
//! through it.

use core::num::NonZeroUsize;

use minplat_platform::Settings;
use minplat_platform::settings::Code;
use wasmtime::Config;

use crate::PLATFORM;

/// By itself: a reference into [`PLATFORM`] would put all of it, and the relocation of its name, into the program.
const SETTINGS: Settings = PLATFORM.settings;

/// How many frames of a guest's backtrace are shown, the innermost. Wasmtime keeps one more, so that it shows when there were
/// more.
pub const BACKTRACE_FRAMES: usize = 20;

/// The configuration of the one engine that loads this platform's modules. Wasmtime refuses modules that were compiled
/// with other settings, so change nothing in it that must agree.
pub fn config() -> Config {
    #[cfg(feature = "platform-checks")]
    crate::check::engine_comes();
    let mut config = minplat_platform::running_config(&SETTINGS);
    config.wasm_backtrace_max_frames(NonZeroUsize::new(BACKTRACE_FRAMES + 1));
    if matches!(PLATFORM.settings.code, Code::Native) {
        // SAFETY: `detect_host_feature` answers what the machine says.
        unsafe { config.detect_host_feature(crate::detect_host_feature) };
        #[cfg(target_arch = "x86_64")]
        // SAFETY: `platform.rs` proves at build time that floats are passed in SSE registers, or that the platform's CPU
        // features leave no call with a float.
        unsafe {
            config.x86_float_abi_ok(true)
        };
        #[cfg(feature = "virtual-memory")]
        config.with_custom_code_memory(Some(alloc::sync::Arc::new(crate::code_memory::Pages)));
    }
    config
}

/// As [`config`], for an engine whose guests may use so many bytes of their caller's stack, in place of the platform's
/// `memory.native-stack`; with bytecode, for the interpreter's stack on the heap. Engines may differ in it: modules of the
/// platform load in each.
pub fn config_with_stack(native_stack: usize) -> Config {
    let mut config = config();
    minplat_platform::native_stack(&mut config, native_stack);
    #[cfg(feature = "async")]
    {
        let of_host = PLATFORM.settings.async_stack.saturating_sub(PLATFORM.settings.native_stack) as usize;
        minplat_platform::async_stack(&mut config, native_stack.saturating_add(of_host));
    }
    config
}
