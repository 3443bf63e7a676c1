//! Turns: on a platform without multi-thread the program lets one task at a time into the library. A library built with
//! `build.debug-assertions` notices a second one and stops; in any other all of this is nothing.
//!
//! A task has its turn from the moment it calls the library until that call returns. While a host function runs, the turn is
//! lent: the host function may call the library again, and so could another task, who must not. It is told apart where the
//! program says which task is running (`current_task` of `minplat_config_t`), and else only if it is still inside when the
//! host function returns.

use core::ffi::c_void;

pub(crate) use watch::{lend, set_task_hook, take};

/// Says which task is running: any number that no other task has while this one lives.
pub type minplat_current_task_t = Option<unsafe extern "C" fn(env: *mut c_void) -> usize>;

#[cfg(not(all(debug_assertions, not(feature = "multi-thread"))))]
mod watch {
    use core::ffi::c_void;

    /// A call of the program's, until it is dropped.
    pub(crate) struct Turn;

    /// Nobody asks here.
    #[inline(always)]
    pub(crate) fn set_task_hook(_hook: super::minplat_current_task_t, _env: *mut c_void) {}

    /// Begins a turn.
    #[inline(always)]
    pub(crate) fn take() -> Turn {
        Turn
    }

    /// Calls the program.
    #[inline(always)]
    pub(crate) fn lend<T>(call: impl FnOnce() -> T) -> T {
        call()
    }
}

#[cfg(all(debug_assertions, not(feature = "multi-thread")))]
mod watch {
    use core::cell::Cell;
    use core::ffi::c_void;
    use core::ptr;
    use core::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    use crate::panic::{fatal, minplat_fatal_t as code};

    /// Nobody is in the library.
    const FREE: usize = 0;
    /// Somebody is.
    const TAKEN: usize = 1;
    /// Somebody is, and has called the program.
    const LENT: usize = 2;

    static STATE: AtomicUsize = AtomicUsize::new(FREE);
    /// Whose turn it is, where the program tells.
    static TASK: AtomicUsize = AtomicUsize::new(0);

    struct Hook(Cell<(super::minplat_current_task_t, *mut c_void)>);

    // SAFETY: it is set before more than one task uses the library, as `minplat_init` demands, and then only read.
    unsafe impl Sync for Hook {}

    static HOOK: Hook = Hook(Cell::new((None, ptr::null_mut())));

    /// Sets who says which task is running.
    pub(crate) fn set_task_hook(hook: super::minplat_current_task_t, env: *mut c_void) {
        HOOK.0.set((hook, env));
    }

    fn current_task() -> usize {
        let (hook, env) = HOOK.0.get();
        // SAFETY: whoever set the hook said what it takes.
        hook.map_or(0, |hook| unsafe { hook(env) })
    }

    /// A call of the program's, until it is dropped.
    pub(crate) struct Turn {
        before: usize,
    }

    /// Begins a turn.
    pub(crate) fn take() -> Turn {
        let before = STATE.swap(TAKEN, SeqCst);
        let now = current_task();
        match before {
            FREE => TASK.store(now, SeqCst),
            LENT if TASK.load(SeqCst) == now => {}
            _ => fatal(code::MINPLAT_FATAL_CONCURRENT_CALL),
        }
        Turn { before }
    }

    impl Drop for Turn {
        fn drop(&mut self) {
            if STATE.swap(self.before, SeqCst) != TAKEN {
                fatal(code::MINPLAT_FATAL_CONCURRENT_CALL);
            }
        }
    }

    /// Calls the program.
    pub(crate) fn lend<T>(call: impl FnOnce() -> T) -> T {
        // What was not begun, as a finalizer before a call, is not lent either.
        if STATE.compare_exchange(TAKEN, LENT, SeqCst, SeqCst).is_err() {
            return call();
        }
        let done = call();
        if STATE.swap(TAKEN, SeqCst) != LENT {
            fatal(code::MINPLAT_FATAL_CONCURRENT_CALL);
        }
        done
    }
}
