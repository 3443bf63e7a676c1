//! A thread for a guest: a stack of the size that its platform promises, and how much of it was used.

use std::io;
use std::thread;

/// What the host itself needs of a guest's stack besides what wasm may use: bytes.
const HOST_SHARE: usize = 8 << 20;
/// What is written below the stack pointer before the job, to be found untouched afterwards.
const PAINT: u64 = 0x5ca1_ab1e_0ddb_a110;
/// What the job's own frames may have written already when the painting starts: bytes.
const RED_ZONE: usize = 4096;

/// Runs a job on a thread whose stack has room for `native_stack` bytes of wasm and for the host. With `measure` the
/// answer tells how many bytes of the stack the job used at most, host functions included.
///
/// # Errors
/// There can be no such thread.
///
/// # Panics
/// If the job does.
pub fn run<R: Send>(
    native_stack: usize,
    measure: bool,
    job: impl FnOnce() -> R + Send,
) -> io::Result<(R, Option<usize>)> {
    thread::scope(|scope| {
        let body = move || if measure { measured(job) } else { (job(), None) };
        let builder = thread::Builder::new().name("guest".into()).stack_size(native_stack.saturating_add(HOST_SHARE));
        let handle = builder.spawn_scoped(scope, body)?;
        Ok(handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

fn measured<R>(job: impl FnOnce() -> R) -> (R, Option<usize>) {
    let Some(bottom) = stack_bottom() else { return (job(), None) };
    let top = paint(bottom);
    let result = job();
    (result, Some(top.saturating_sub(first_touched(bottom, top))))
}

/// The lowest address of this thread's stack that may be used.
fn stack_bottom() -> Option<usize> {
    // SAFETY: the attributes are filled by the first call, read, and destroyed.
    unsafe {
        let mut attributes = std::mem::zeroed();
        if libc::pthread_getattr_np(libc::pthread_self(), &mut attributes) != 0 {
            return None;
        }
        let (mut bottom, mut size, mut guard) = (std::ptr::null_mut(), 0, 0);
        let known = libc::pthread_attr_getstack(&attributes, &mut bottom, &mut size) == 0
            && libc::pthread_attr_getguardsize(&attributes, &mut guard) == 0;
        libc::pthread_attr_destroy(&mut attributes);
        // Whether the guard is inside the range depends on the C library; leaving it out twice costs nothing.
        known.then_some(bottom.addr() + guard)
    }
}

/// Paints from the bottom up to shortly below this frame; answers where it ended.
#[inline(never)]
fn paint(bottom: usize) -> usize {
    let here = 0u64;
    let top = ((&raw const here).addr() - RED_ZONE) & !7;
    for address in (bottom..top).step_by(8) {
        // SAFETY: unused stack of this thread, below every live frame.
        unsafe { std::ptr::without_provenance_mut::<u64>(address).write_volatile(PAINT) };
    }
    top
}

/// The lowest word between the two that is not paint any more.
fn first_touched(bottom: usize, top: usize) -> usize {
    let painted = |address: &usize| {
        // SAFETY: stack of this thread, written by `paint`.
        let word = unsafe { std::ptr::without_provenance::<u64>(*address).read_volatile() };
        word == PAINT
    };
    (bottom..top).step_by(8).find(|address| !painted(address)).unwrap_or(top)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::hint::black_box;

    #[inline(never)]
    fn dig(levels: usize) -> u8 {
        let mut hole = [0u8; 1024];
        black_box(&mut hole)[levels % 1024] = 1;
        if levels == 0 { hole[0] } else { dig(levels - 1).wrapping_add(black_box(hole)[1]) }
    }

    #[test]
    fn deeper_jobs_use_more() {
        let used = |levels| run(1 << 20, true, move || black_box(dig(levels))).unwrap().1.unwrap();
        let (shallow, deep) = (used(10), used(1000));
        assert!(deep - shallow >= 990 * 1024, "10 levels: {shallow} bytes, 1000 levels: {deep} bytes");
        assert!(shallow < 100 << 10, "10 levels used {shallow} bytes");
    }
}
