//! How large the stack is, at the end of the RAM, and the guard below it.

/// Bytes of the stack: the platform's `budget.stack`, and what the firmware needs.
pub(crate) const STACK: u64 = 16 << 10;

/// Bytes of the guard below it; a power of two, and larger than any frame of the library.
pub(crate) const GUARD: u64 = 4 << 10;
