//! The machine as the firmware sees it.

use core::cell::RefCell;
use core::ffi::c_void;
use core::slice;

use minplat_port::Board;
use minplat_sys::minplat_check_config_t;

use crate::{Port, image};

/// A machine whose memory is set up.
pub struct Machine<P: Port> {
    console: RefCell<P::Console>,
    /// The instructions before the firmware's first.
    reset: u64,
}

impl<P: Port> Machine<P> {
    /// Call it once, with the count of instructions at the firmware's first.
    pub fn new(reset: u64) -> Self {
        Self { console: RefCell::new(P::open()), reset }
    }
}

impl<P: Port> Board for Machine<P> {
    fn write(&self, bytes: &[u8]) {
        P::write(&mut self.console.borrow_mut(), bytes);
    }

    fn exit(&self, code: u8) -> ! {
        P::exit(code)
    }

    fn boot_input(&self) -> Option<&'static [u8]> {
        let bundle = P::memory().with(|memory| Ok(memory.boot_input())).ok()?;
        if bundle.is_empty() {
            return None;
        }
        // SAFETY: RAM that is mapped read-only, and that nobody writes.
        Some(unsafe { slice::from_raw_parts(core::ptr::with_exposed_provenance(bundle.start), bundle.len()) })
    }

    fn stack(&self) -> (*mut c_void, usize) {
        let stack = image::stack();
        (core::ptr::with_exposed_provenance_mut(stack.start), stack.len())
    }

    fn limit_memory(&self, bytes: usize) {
        P::memory().limit(bytes);
    }

    fn tell_more(&self, tell: &mut dyn FnMut(&str, u64)) {
        tell("instructions", P::instructions() - self.reset);
        P::memory().tell(tell);
        P::tell(tell);
    }

    fn run_tasks(&self, count: usize, job: &(dyn Fn(usize) + Sync)) -> bool {
        P::run_tasks(count, job)
    }

    fn is_emulated(&self) -> bool {
        P::IS_EMULATED
    }

    fn configure_checks(&self, config: &mut minplat_check_config_t) {
        config.mmap_remap = Some(P::remap);
    }
}
