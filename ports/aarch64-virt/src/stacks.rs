//! How large the stack of a task is; those of the firmware itself are in `link.ld`.

/// Bytes of a task's stack. Below it is a page that nobody can access.
pub(crate) const TASK: usize = 256 << 10;
