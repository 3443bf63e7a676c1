//! The end, by semihosting.

pub(crate) use minplat_port::semihosted::exit::exit;
