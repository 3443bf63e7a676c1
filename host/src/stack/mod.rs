//! The native stack that a library needs: measured by painting it, and shown to be enough by a guard page.
//!
//! `own` gives a job a stack of exactly so many bytes; `need` runs each kind of call on one and looks how far down it
//! came; `guarded` lets a guest recurse without end where there is not a byte more than promised; `gauge` measures what
//! happens on the thread's own stack.

mod gauge;
mod guarded;
mod need;
mod own;
mod probe;

pub use gauge::Gauge;
pub use guarded::{Recursion, recurse};
pub use need::{Need, measure};
