//! A stack of exactly so many bytes, with a guard below it.

use std::any::Any;
use std::cell::Cell;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use super::gauge::{PAINT, first_touched};

/// Inaccessible bytes below: more than any frame, so that none steps over them.
const GUARD: usize = 1 << 20;

/// Runs a job on a stack of its own, of `bytes` bytes (up to 16 more, for alignment), below which nothing can be accessed: a
/// job that wants more is a fault. The answer tells how many bytes were used, the frame or two of this function's that start
/// the job included.
///
/// # Errors
/// There is no memory for it.
///
/// # Panics
/// If the job does.
pub(super) fn run<R>(bytes: usize, job: impl FnOnce() -> R) -> io::Result<(R, usize)> {
    let stack = Stack::new(bytes.next_multiple_of(16))?;
    let mut job = Some(job);
    let mut outcome = None;
    let mut body = || outcome = job.take().map(|job| catch_unwind(AssertUnwindSafe(job)));
    stack.switch(&mut body)?;
    let used = stack.used();
    match outcome {
        Some(Ok(result)) => Ok((result, used)),
        Some(Err(panic)) => resume_unwind(panic as Box<dyn Any + Send>),
        None => Err(io::Error::other("the job was not run")),
    }
}

/// Where the stack is, and the guard below it.
struct Stack {
    memory: *mut libc::c_void,
    length: usize,
    bytes: usize,
}

impl Stack {
    fn new(bytes: usize) -> io::Result<Self> {
        let length = GUARD + bytes.next_multiple_of(4096);
        // SAFETY: asks for new memory.
        let memory = unsafe {
            libc::mmap(std::ptr::null_mut(), length, libc::PROT_NONE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1, 0)
        };
        if memory == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let stack = Self { memory, length, bytes };
        // SAFETY: the upper part of what was just mapped.
        if unsafe { libc::mprotect(stack.bottom(), length - GUARD, libc::PROT_READ | libc::PROT_WRITE) } != 0 {
            return Err(io::Error::last_os_error());
        }
        for address in (stack.bottom().addr()..stack.top()).step_by(8) {
            // SAFETY: nobody uses it yet.
            unsafe { std::ptr::without_provenance_mut::<u64>(address).write_volatile(PAINT) };
        }
        Ok(stack)
    }

    /// The lowest address, at the start of a page.
    fn bottom(&self) -> *mut libc::c_void {
        self.memory.wrapping_byte_add(GUARD)
    }

    fn top(&self) -> usize {
        self.bottom().addr() + self.bytes
    }

    /// Runs `body` there, and comes back.
    fn switch(&self, body: &mut dyn FnMut()) -> io::Result<()> {
        thread_local! {
            static BODY: Cell<Option<*mut (dyn FnMut() + 'static)>> = const { Cell::new(None) };
        }
        extern "C" fn start() {
            if let Some(body) = BODY.take() {
                // SAFETY: it lives until `switch` returns, and nobody else has it.
                unsafe { (*body)() };
            }
        }
        let body: *mut (dyn FnMut() + '_) = body;
        // SAFETY: only the lifetime changes, and `start` is done with it before `switch` returns.
        BODY.set(Some(unsafe { std::mem::transmute::<*mut (dyn FnMut() + '_), *mut (dyn FnMut() + 'static)>(body) }));
        // SAFETY: both contexts are filled before they are used; the new one runs on memory that is this stack's own, and
        // ends in the old one, which is this frame.
        unsafe {
            let (mut here, mut there): (libc::ucontext_t, libc::ucontext_t) = (std::mem::zeroed(), std::mem::zeroed());
            if libc::getcontext(&raw mut there) != 0 {
                return Err(io::Error::last_os_error());
            }
            there.uc_stack.ss_sp = self.bottom();
            there.uc_stack.ss_size = self.bytes;
            there.uc_link = &raw mut here;
            libc::makecontext(&raw mut there, start, 0);
            if libc::swapcontext(&raw mut here, &raw const there) != 0 {
                return Err(io::Error::last_os_error());
            }
        }
        Ok(())
    }

    fn used(&self) -> usize {
        let top = self.top();
        top - first_touched(self.bottom().addr(), top)
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        // SAFETY: nothing runs on it any more.
        unsafe { libc::munmap(self.memory, self.length) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::hint::black_box;

    #[inline(never)]
    fn dig(levels: usize) -> u8 {
        let mut hole = [0u8; 1024];
        black_box(&mut hole)[levels % 1024] = 1;
        if levels == 0 { hole[0] } else { dig(levels - 1).wrapping_add(black_box(&hole)[1]) }
    }

    #[test]
    fn what_is_used_is_what_is_told() {
        let used = |levels| run(1 << 20, || black_box(dig(levels))).unwrap().1;
        let (nothing, shallow, deep) = (run(1 << 20, || ()).unwrap().1, used(1), used(101));
        assert!(nothing < 1024 && (100 << 10..120 << 10).contains(&(deep - shallow)), "{nothing} {shallow} {deep}");
    }

    #[test]
    fn a_panic_comes_out() {
        let panic = catch_unwind(|| run(1 << 20, || panic!("inside")).map(|((), used)| used)).unwrap_err();
        assert_eq!(panic.downcast_ref::<&str>(), Some(&"inside"));
    }
}
