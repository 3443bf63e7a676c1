//! What the tools that measure have in common when they tell what they found: [`Table`], as text or in Markdown; numbers for people
//! ([`thousands`], [`percent`]); the place of a document that a program writes ([`Place`]); and [`say`], standard output.

mod number;
mod out;
mod place;
mod table;

pub use number::{percent, thousands};
pub use out::say;
pub use place::Place;
pub use table::Table;
