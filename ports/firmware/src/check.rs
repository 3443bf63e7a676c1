//! The platform checks.

use core::ffi::c_void;
use core::ptr;

use minplat_sys::{
    MINPLAT_CHECK_BEGINS, MINPLAT_CHECK_FAILED, MINPLAT_CHECK_PASSED, linked as api, minplat_check_config_t,
    minplat_check_t, minplat_thread_job_t,
};

use crate::Board;
use crate::library::{Error, bytes};
use crate::record::Record;
use crate::run::tell_error;

/// Runs one check, or all where none is named, and tells of each; whether nothing failed.
pub fn check(board: &dyn Board, only: &str) -> bool {
    let mut config = minplat_check_config_t {
        hook: Some(told),
        env: (&raw const board).cast_mut().cast(),
        only: if only.is_empty() { ptr::null() } else { only.as_ptr() },
        only_len: only.len(),
        run_threads: Some(lend),
        threads_env: (&raw const board).cast_mut().cast(),
        mmap_remap: None,
        is_emulated: board.is_emulated(),
    };
    board.configure_checks(&mut config);
    let mut failed = 0;
    // SAFETY: no guest runs; the hook takes the board.
    match Error::check(unsafe { api::check_platform(&config, &mut failed) }) {
        Ok(()) => failed == 0,
        Err(error) => {
            tell_error(board, format_args!("checking the platform"), &error);
            false
        }
    }
}

/// What a job is called with, for several tasks.
struct Argument(*mut c_void);

// SAFETY: the checks give it to be used by several threads.
unsafe impl Sync for Argument {}

impl Argument {
    fn get(&self) -> *mut c_void {
        self.0
    }
}

/// Lends the checks tasks of the board.
unsafe extern "C" fn lend(
    env: *mut c_void,
    count: usize,
    job: Option<minplat_thread_job_t>,
    argument: *mut c_void,
) -> bool {
    // SAFETY: `env` is what `check` gave.
    let board = unsafe { *env.cast::<&dyn Board>() };
    let (Some(job), argument) = (job, Argument(argument)) else { return false };
    // SAFETY: the job and its argument belong together, and this returns when all tasks have.
    board.run_tasks(count, &|number| unsafe { job(argument.get(), number) })
}

unsafe extern "C" fn told(env: *mut c_void, check: *const minplat_check_t) {
    // SAFETY: `env` is what `check` gave, and the texts are valid during the call.
    unsafe {
        let (board, check) = (*env.cast::<&dyn Board>(), &*check);
        let outcome = match check.outcome {
            MINPLAT_CHECK_BEGINS => "begins",
            MINPLAT_CHECK_PASSED => "passed",
            MINPLAT_CHECK_FAILED => "failed",
            _ => "unknown",
        };
        let record = Record::new(board, "check").field(outcome).bytes(bytes(check.name, check.name_len));
        let record = record.bytes(bytes(check.meaning, check.meaning_len));
        record.bytes(bytes(check.remedy, check.remedy_len)).bytes(bytes(check.detail, check.detail_len)).end();
    }
}
