//! Text out, by semihosting.

pub(crate) use minplat_port::semihosted::console::*;
