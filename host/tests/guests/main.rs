//! What a guest can do wrong or too much of, on every platform that this process can load: it ends with the right code and a
//! backtrace, and instance, store and machine are as good as before.

mod bounds;
#[path = "../common/mod.rs"]
mod common;
mod depth;
mod full;
mod growth;
mod numbers;
