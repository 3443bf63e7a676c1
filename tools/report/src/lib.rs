//! What the tools that measure have in common when they tell what they found: [`Table`], as text or in Markdown; numbers for people
//! ([`thousands`], [`percent`]); what is made of many times ([`median`], [`spread`], [`geometric_mean`]); the place of a document that a program writes ([`Place`]); and [`say`], standard output.

mod number;
mod out;
mod place;
mod statistics;
mod table;

pub use number::{percent, thousands};
pub use out::say;
pub use place::Place;
pub use statistics::{geometric_mean, median, spread};
pub use table::Table;
