//! A thread for a guest: a stack of the size that its platform promises.

use std::io;
use std::thread;

/// What the host itself needs of a guest's stack besides what wasm may use: bytes.
const HOST_SHARE: usize = 8 << 20;

/// Runs a job on a thread whose stack has room for `native_stack` bytes of wasm and for the host.
///
/// # Errors
/// There can be no such thread.
///
/// # Panics
/// If the job does.
pub fn run<R: Send>(native_stack: usize, job: impl FnOnce() -> R + Send) -> io::Result<R> {
    thread::scope(|scope| {
        let builder = thread::Builder::new().name("guest".into()).stack_size(native_stack.saturating_add(HOST_SHARE));
        let handle = builder.spawn_scoped(scope, job)?;
        Ok(handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}
