//! Threads that this process lends to the checks.

use std::ffi::c_void;
use std::thread;

use minplat_checks::Threads;

use crate::device::{self, ffi};

/// New threads of this process.
pub(super) struct OfProcess;

impl Threads for OfProcess {
    fn run(&self, count: usize, job: &(dyn Fn(usize) + Sync)) -> bool {
        thread::scope(|scope| {
            let started: Vec<_> = (0..count)
                .map(|number| {
                    thread::Builder::new().name(format!("check {number}")).spawn_scoped(scope, move || {
                        device::ensure_signal_stack();
                        job(number);
                    })
                })
                .collect();
            started.iter().all(Result::is_ok)
        })
    }
}

/// A job of C's, on its way to another thread.
struct Job(ffi::minplat_thread_job_t, *mut c_void);

// SAFETY: whoever gives a job to `minplat_run_threads_t` wants it called on other threads.
unsafe impl Sync for Job {}

impl Job {
    /// # Safety
    /// The argument is the one that was given with the job.
    unsafe fn run(&self, number: usize) {
        // SAFETY: the caller's.
        unsafe { (self.0)(self.1, number) }
    }
}

/// `minplat_run_threads_t`.
pub(super) unsafe extern "C" fn run_for_c(
    _env: *mut c_void,
    count: usize,
    job: Option<ffi::minplat_thread_job_t>,
    arg: *mut c_void,
) -> bool {
    let Some(job) = job else { return false };
    let job = Job(job, arg);
    // SAFETY: job and argument came together.
    OfProcess.run(count, &|number| unsafe { job.run(number) })
}
