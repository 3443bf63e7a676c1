//! Values as text: what the command line takes and what is printed. Whatever is printed can be given again.

pub mod backtrace;
pub mod failure;
mod parse;
mod print;

pub use parse::{parse, size};
pub use print::{list, print};
