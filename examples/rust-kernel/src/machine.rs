//! The machine. Here it is a bare Linux process on x86_64, without a C library; a kernel has its entry point, its console and
//! its page tables in the place of these system calls. Vector registers must be on: Linux has done that.

use core::arch::{asm, global_asm};

/// Bytes of a page.
pub(crate) const PAGE: usize = 4096;

// The bits of `protection`, as `wasmtime-platform.h` has them, are Linux's own: 1 read, 2 write, 4 execute.
const PRIVATE_ANONYMOUS: usize = 0x02 | 0x20;
const FIXED: usize = 0x10;

const WRITE: usize = 1;
const MMAP: usize = 9;
const MPROTECT: usize = 10;
const MUNMAP: usize = 11;
const EXIT_GROUP: usize = 231;

// Linux starts a program with a stack, and nothing on it to return to.
global_asm!(".globl _start", "_start:", "xor ebp, ebp", "and rsp, -16", "call {entry}", entry = sym entry);

extern "C" fn entry() -> ! {
    exit(crate::start())
}

/// Ends the machine.
pub(crate) fn exit(code: i32) -> ! {
    // SAFETY: it takes a number, and does not come back.
    _ = unsafe { system_call(EXIT_GROUP, [code as usize, 0, 0, 0, 0, 0]) };
    loop {
        core::hint::spin_loop();
    }
}

/// Writes to the console. Text that it does not take is lost.
pub(crate) fn write(mut bytes: &[u8]) {
    while !bytes.is_empty() {
        // SAFETY: it reads these bytes.
        match unsafe { system_call(WRITE, [1, bytes.as_ptr().addr(), bytes.len(), 0, 0, 0]) } {
            Ok(written) if written > 0 => bytes = &bytes[written..],
            _ => return,
        }
    }
}

/// Maps zeroed pages: anywhere where `at` is null, else there, in the place of what was mapped.
pub(crate) fn map(at: *mut u8, size: usize, protection: u32) -> Result<*mut u8, i32> {
    let flags = if at.is_null() { PRIVATE_ANONYMOUS } else { PRIVATE_ANONYMOUS | FIXED };
    // SAFETY: new pages are nobody's; those at `at` are the caller's to replace.
    let mapped = unsafe { system_call(MMAP, [at.addr(), size, protection as usize, flags, usize::MAX, 0]) };
    mapped.map(core::ptr::with_exposed_provenance_mut)
}

/// Gives pages back: 0, or why not.
pub(crate) fn unmap(at: *mut u8, size: usize) -> i32 {
    // SAFETY: the pages are the caller's to give.
    unsafe { system_call(MUNMAP, [at.addr(), size, 0, 0, 0, 0]) }.map_or_else(|code| code, |_| 0)
}

/// Changes the protection of pages: 0, or why not.
pub(crate) fn protect(at: *mut u8, size: usize, protection: u32) -> i32 {
    // SAFETY: the pages are the caller's.
    unsafe { system_call(MPROTECT, [at.addr(), size, protection as usize, 0, 0, 0]) }.map_or_else(|code| code, |_| 0)
}

/// # Safety
/// What the call does to memory is the caller's to answer for.
unsafe fn system_call(number: usize, arguments: [usize; 6]) -> Result<usize, i32> {
    let [a, b, c, d, e, f] = arguments;
    let result: isize;
    // SAFETY: the caller's contract is the function's own; the registers are those that Linux names.
    unsafe {
        asm!(
            "syscall",
            inlateout("rax") number => result,
            in("rdi") a, in("rsi") b, in("rdx") c, in("r10") d, in("r8") e, in("r9") f,
            lateout("rcx") _, lateout("r11") _,
            options(nostack),
        );
    }
    if result < 0 { Err(-result as i32) } else { Ok(result as usize) }
}
