//! What a machine is to this firmware.

use core::ffi::c_void;

use minplat_sys::minplat_check_config_t;

/// A machine that was brought up: memory, traps and console work. One port, one type.
pub trait Board {
    /// Writes to the console; waits until all of it is taken.
    fn write(&self, bytes: &[u8]);

    /// Ends: switches the machine off with this code where it can, stops it where it cannot.
    fn exit(&self, code: u8) -> !;

    /// The memory where a bundle may have been put before the start, as far as it goes. It stays as it is.
    fn boot_input(&self) -> Option<&'static [u8]> {
        None
    }

    /// Memory for the library's heap, on a machine without pages. Nobody else uses it.
    fn pool(&self) -> Option<(*mut c_void, usize)> {
        None
    }

    /// More of it, which may be slower.
    fn slow_pool(&self) -> Option<(*mut c_void, usize)> {
        None
    }

    /// The stack that [`crate::run()`] is called on: its lowest address, aligned to 4 bytes, and its size.
    fn stack(&self) -> (*mut c_void, usize);

    /// Lets the library have so many bytes of the machine's pages at most, from now on. A pool is cut by [`crate::run()`].
    fn limit_memory(&self, _bytes: usize) {}

    /// Tells what the machine itself has and had, as names and numbers: pages, tables; `instructions`, those since the reset, which is
    /// of worth in an emulator that counts them.
    fn tell_more(&self, _tell: &mut dyn FnMut(&str, u64)) {}

    /// Calls `job` with 0 to `count - 1`, each on a task with a stack of its own, all at the same time, and returns true when every
    /// one has returned. False, and nothing was done: the machine has no tasks, or not so many. Tasks write to the console
    /// one at a time, and end the machine.
    fn run_tasks(&self, _count: usize, _job: &(dyn Fn(usize) + Sync)) -> bool {
        false
    }

    /// Whether an emulator plays the machine: the platform checks then do not vouch for caches, which it does not have.
    fn is_emulated(&self) -> bool;

    /// Adds to the platform checks what the machine can give: `wasmtime_mmap_remap`.
    fn configure_checks(&self, _config: &mut minplat_check_config_t) {}
}
