//! How large the stacks are, at the end of the RAM: from below the guard, the process stack, the main stack.

/// Bytes of the main stack: for faults alone.
pub(crate) const MAIN: u64 = 1 << 10;

/// Bytes of the process stack, that everything else is done on: the platform's `budget.stack`, and what the firmware needs.
pub(crate) const PROCESS: u64 = 15 << 10;

/// Bytes of the guard below it; a power of two, and larger than any frame of the library.
pub(crate) const GUARD: u64 = 4 << 10;
