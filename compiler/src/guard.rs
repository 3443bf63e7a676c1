//! Calls into code that indexes without checks, on data that may be damaged.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    /// Whether this thread is in [`guard`]: its panics are answers, not news.
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Runs `read`; a panic in it becomes an error. Wasmtime's data structures trust what they were deserialized from, and
/// a bare `.cwasm` (without the digest in minplat's trailer) may hold anything.
///
/// # Errors
/// `read` panicked.
pub(crate) fn guard<T>(read: impl FnOnce() -> T) -> anyhow::Result<T> {
    // The hook is one for all threads, and modules are compiled on many: it is put in place once, and never back.
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |panic| {
            if !GUARDED.get() {
                before(panic);
            }
        }));
    });
    let outer = GUARDED.replace(true);
    let result = catch_unwind(AssertUnwindSafe(read));
    GUARDED.set(outer);
    result.map_err(|_| anyhow::anyhow!("one of its tables is damaged"))
}
