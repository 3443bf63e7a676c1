//! Checks of the platform, for C programs.

use core::ffi::c_void;

use crate::error::{minplat_error_t, report};

/// How far a check is.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "platform-checks"), allow(dead_code, reason = "the C program names them"))]
pub enum minplat_check_outcome_t {
    /// It begins now. If the machine stops or hangs before the next call of the hook, this check is the reason.
    MINPLAT_CHECK_BEGINS = 0,
    /// The platform keeps its promise.
    MINPLAT_CHECK_PASSED = 1,
    /// It does not.
    MINPLAT_CHECK_FAILED = 2,
    /// It cannot be told here.
    MINPLAT_CHECK_NOT_CHECKABLE = 3,
}

/// A check, and what came of it. Texts are UTF-8, not terminated; all but `detail` are static.
#[repr(C)]
pub struct minplat_check_t {
    /// How far it is.
    pub outcome: minplat_check_outcome_t,
    /// Its name, as "trap-repeats".
    pub name: *const u8,
    /// Bytes of the name.
    pub name_len: usize,
    /// What holds where it passes.
    pub meaning: *const u8,
    /// Bytes of that.
    pub meaning_len: usize,
    /// What to do where it fails.
    pub remedy: *const u8,
    /// Bytes of that.
    pub remedy_len: usize,
    /// What was seen, or why it is not checkable; mostly empty where it passed. Valid until the hook returns.
    pub detail: *const u8,
    /// Bytes of that.
    pub detail_len: usize,
}

/// Hears of a check twice: when it begins, and when it has ended. It must not call the library.
pub type minplat_check_hook_t = Option<unsafe extern "C" fn(env: *mut c_void, check: *const minplat_check_t)>;

/// What a thread that the program lends does; `number` counts from 0.
pub type minplat_thread_job_t = Option<unsafe extern "C" fn(arg: *mut c_void, number: usize)>;

/// Calls `job(arg, 0)` to `job(arg, count - 1)`, each on a thread of its own that never used the platform's slots before, all at
/// the same time as far as the machine can, and returns true when every one has returned; false if there are no threads now.
/// `count` is at most 3, and a thread needs 4 KiB of stack.
pub type minplat_run_threads_t =
    Option<unsafe extern "C" fn(env: *mut c_void, count: usize, job: minplat_thread_job_t, arg: *mut c_void) -> bool>;

/// The type of wasmtime_mmap_remap.
pub type minplat_mmap_remap_t = Option<unsafe extern "C" fn(addr: *mut u8, size: usize, prot_flags: u32) -> i32>;

/// What `minplat_check_platform` is given. Fill it with zeros first: zero is the default of every field, and later versions
/// may have more.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct minplat_check_config_t {
    /// Hears of each check; NULL: nobody.
    pub hook: minplat_check_hook_t,
    /// Handed to it.
    pub env: *mut c_void,
    /// The name of the one check to run; NULL: all of them.
    pub only: *const u8,
    /// Bytes of the name.
    pub only_len: usize,
    /// Lends threads, for what holds between threads; NULL: that is not checkable.
    pub run_threads: minplat_run_threads_t,
    /// Handed to it.
    pub threads_env: *mut c_void,
    /// wasmtime_mmap_remap, where the program has it: no library of this version asks for it; NULL: it is not checkable.
    pub mmap_remap: minplat_mmap_remap_t,
    /// Whether an emulator without caches plays the machine: whether code is coherent is not checkable then.
    pub is_emulated: bool,
}

/// Checks the machine: tries out what wasmtime-platform.h asks for of the functions that the platform offers, and counts in
/// `failed` the promises that it does not keep. docs/platform-checks.md lists the checks.
///
/// Call it before the first engine is made, with nobody else in the library: on a platform with traps it puts a trap handler of
/// its own in place, which an engine then replaces. Every function is called in ways that are allowed; a platform that
/// breaks its contract may stop the machine all the same, or never return: the hook has heard in which check. What must
/// fault is tried only on platforms with traps.
///
/// MINPLAT_ERROR_UNSUPPORTED in a library that was not built with `build.platform-checks`; MINPLAT_ERROR_ARGUMENT if an engine
/// was made before on a platform with traps, or there is no check of the name. Maps at most 2 MiB or 100 pages at once,
/// besides address space. Stack: 4 KiB, and what the hook needs. Takes no heap. Tasks: one task alone, before others call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_check_platform(
    config: *const minplat_check_config_t,
    failed: *mut usize,
) -> *mut minplat_error_t {
    // SAFETY: the caller's contract is the function's own.
    report(|| unsafe { check(config, failed) })
}

#[cfg(not(feature = "platform-checks"))]
unsafe fn check(_: *const minplat_check_config_t, _: *mut usize) -> Result<(), crate::error::Failure> {
    use crate::error::{Failure, Fixed, minplat_error_code_t as code};

    static WITHOUT: Fixed = Fixed::new(
        code::MINPLAT_ERROR_UNSUPPORTED,
        "this library has no checks of the platform: build it with minplat-build --set build.platform-checks=true",
    );
    Err(Failure::fixed(&WITHOUT))
}

#[cfg(feature = "platform-checks")]
use on::check;

#[cfg(feature = "platform-checks")]
mod on {
    use core::ffi::c_void;

    use minplat::CheckError;
    use minplat::checks::{Check, Outcome, Threads};

    use super::{minplat_check_config_t, minplat_check_outcome_t as outcome, minplat_check_t, minplat_run_threads_t};
    use crate::args::{place, required, text};
    use crate::error::{Failure, Fixed, minplat_error_code_t as code};

    static NO_SUCH: Fixed = Fixed::new(
        code::MINPLAT_ERROR_ARGUMENT,
        "there is no check of this name: docs/platform-checks.md has them, or leave `only` out",
    );
    static TOO_LATE: Fixed = Fixed::new(
        code::MINPLAT_ERROR_ARGUMENT,
        "the platform is checked before the first engine is made: the checks put a trap handler of their own in its place",
    );
    static BUSY: Fixed =
        Fixed::new(code::MINPLAT_ERROR_ARGUMENT, "the platform is being checked already: one thread does it");

    /// The program's threads.
    struct Lent(minplat_run_threads_t, *mut c_void);

    impl Threads for Lent {
        fn run(&self, count: usize, job: &(dyn Fn(usize) + Sync)) -> bool {
            unsafe extern "C" fn begin(arg: *mut c_void, number: usize) {
                // SAFETY: `run` gave it, and waits.
                let job = unsafe { *arg.cast::<&(dyn Fn(usize) + Sync)>() };
                job(number);
            }
            let arg = (&raw const job).cast_mut().cast();
            self.0.is_some_and(|run| {
                // SAFETY: whoever gave the function said what it takes.
                crate::turn::lend(|| unsafe { run(self.1, count, Some(begin), arg) })
            })
        }
    }

    /// # Safety
    /// NULL, or a configuration, and a place for the number.
    pub(super) unsafe fn check(config: *const minplat_check_config_t, failed: *mut usize) -> Result<(), Failure> {
        // SAFETY: the caller's contract is the function's own.
        let (config, failed) = (unsafe { required(config) }?, place(failed)?);
        let only = if config.only.is_null() {
            None
        } else {
            // SAFETY: as above.
            Some(unsafe { text(config.only, config.only_len) }?)
        };
        if only.is_some_and(|only| !minplat::checks::checks().any(|check| check.name == only)) {
            return Err(Failure::fixed(&NO_SUCH));
        }
        let lent = Lent(config.run_threads, config.threads_env);
        let mut platform = minplat::platform_functions();
        platform.threads = config.run_threads.is_some().then_some(&lent as &dyn Threads);
        if let Some(memory) = &mut platform.memory {
            memory.mmap_remap = config.mmap_remap;
        }
        platform.is_emulated = config.is_emulated;
        // Where the library keeps the one thread's slot itself, there is nothing of the machine's to check.
        #[cfg(all(feature = "tls", not(feature = "multi-thread")))]
        {
            platform.tls = None;
        }
        let tally =
            // SAFETY: the functions are the machine's; the rest is the caller's.
            unsafe { minplat::check_platform(&platform, only, &mut |check, outcome| tell(config, check, outcome)) };
        let tally = tally.map_err(|error| {
            Failure::fixed(match error {
                CheckError::TooLate => &TOO_LATE,
                CheckError::Busy => &BUSY,
            })
        })?;
        // SAFETY: as above.
        unsafe { failed.write(tally.failed) };
        Ok(())
    }

    fn tell(config: &minplat_check_config_t, check: &Check, now: Outcome<'_>) {
        let Some(hook) = config.hook else { return };
        let (outcome, detail) = match now {
            Outcome::Begins => (outcome::MINPLAT_CHECK_BEGINS, ""),
            Outcome::Passed(detail) => (outcome::MINPLAT_CHECK_PASSED, detail),
            Outcome::Failed(detail) => (outcome::MINPLAT_CHECK_FAILED, detail),
            Outcome::NotCheckable(detail) => (outcome::MINPLAT_CHECK_NOT_CHECKABLE, detail),
        };
        let told = minplat_check_t {
            outcome,
            name: check.name.as_ptr(),
            name_len: check.name.len(),
            meaning: check.meaning.as_ptr(),
            meaning_len: check.meaning.len(),
            remedy: check.remedy.as_ptr(),
            remedy_len: check.remedy.len(),
            detail: detail.as_ptr(),
            detail_len: detail.len(),
        };
        // SAFETY: whoever gave the hook said what it takes.
        crate::turn::lend(|| unsafe { hook(config.env, &raw const told) });
    }
}
