//! Room for the trap handler: it runs on the thread's alternate signal stack, walks the wasm stack and allocates there.
//! The stack that Rust gives its threads is for one message and too small.

use std::cell::OnceCell;

/// What `wasmtime-platform.h` calls ample, and as much again for the host's own wrappers and trace.
const SIZE: usize = 128 << 10;
const GUARD: usize = 64 << 10;

struct AltStack(*mut libc::c_void);

thread_local! {
    static CURRENT: OnceCell<AltStack> = const { OnceCell::new() };
}

/// Gives the current thread such a stack, once.
pub(crate) fn ensure() {
    CURRENT.with(|current| {
        current.get_or_init(install);
    });
}

fn install() -> AltStack {
    // SAFETY: asks for new memory.
    let memory = unsafe {
        libc::mmap(std::ptr::null_mut(), GUARD + SIZE, libc::PROT_NONE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1, 0)
    };
    assert_ne!(memory, libc::MAP_FAILED, "no room for a signal stack: {}", std::io::Error::last_os_error());
    let base = memory.wrapping_byte_add(GUARD);
    let stack = libc::stack_t { ss_sp: base, ss_flags: 0, ss_size: SIZE };
    // SAFETY: the upper part is ours and lives until `drop`, which takes it out of use first.
    let installed = unsafe {
        libc::mprotect(base, SIZE, libc::PROT_READ | libc::PROT_WRITE) == 0
            && libc::sigaltstack(&stack, std::ptr::null_mut()) == 0
    };
    assert!(installed, "cannot set a signal stack: {}", std::io::Error::last_os_error());
    AltStack(memory)
}

impl Drop for AltStack {
    fn drop(&mut self) {
        let off = libc::stack_t { ss_sp: std::ptr::null_mut(), ss_flags: libc::SS_DISABLE, ss_size: 0 };
        // SAFETY: after the first call nothing uses the memory, which is ours.
        unsafe {
            libc::sigaltstack(&off, std::ptr::null_mut());
            libc::munmap(self.0, GUARD + SIZE);
        }
    }
}
