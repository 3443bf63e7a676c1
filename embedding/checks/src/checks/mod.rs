//! The checks, a file for each kind.

mod code;
mod image;
mod lock;
mod map;
mod page;
mod protect;
mod remap;
mod thread;
mod tls;
mod trap;
mod unmap;

use crate::check::Check;
use crate::finding::Found;
use crate::machine::Machine;

/// Those that others build on come first.
pub(crate) static ALL: &[&[Check]] = &[
    page::SIZE,
    trap::CHECKS,
    map::FRESH,
    page::GRANULE,
    protect::CHECKS,
    unmap::CHECKS,
    remap::CHECKS,
    image::CHECKS,
    map::MAPPINGS,
    code::CHECKS,
    tls::CHECKS,
    lock::CHECKS,
];

/// A check on whose outcome no other depends.
const fn check(
    name: &'static str,
    run: fn(&Machine<'_>) -> Found,
    meaning: &'static str,
    remedy: &'static str,
) -> Check {
    Check { name, meaning, remedy, decides_traps: false, run }
}
