//! Nothing: the crate is here for what it depends on.
