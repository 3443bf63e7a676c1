//! Calls into code that indexes without checks, on data that may be damaged.

use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};

/// Runs `read`; a panic in it becomes an error. Wasmtime's data structures trust what they were deserialized from, and
/// a bare `.cwasm` (without the digest in minplat's trailer) may hold anything.
///
/// # Errors
/// `read` panicked.
pub(crate) fn guard<T>(read: impl FnOnce() -> T) -> anyhow::Result<T> {
    let hook = take_hook();
    set_hook(Box::new(|_| {}));
    let result = catch_unwind(AssertUnwindSafe(read));
    set_hook(hook);
    result.map_err(|_| anyhow::anyhow!("one of its tables is damaged"))
}
