//! The forms in which an artifact can be written besides a `.cwasm`: for linkers, and for Rust programs.

pub mod elf_target;
pub mod obj;
pub mod rust;

use minplat_platform::Platform;
use minplat_platform::settings::Code;

/// The alignment, in bytes, at which a device can use the artifact in place: a page where it becomes executable or is
/// mapped, else what a bytecode interpreter reads with.
pub fn in_place_alignment(platform: &Platform) -> u64 {
    let settings = platform.settings();
    if settings.code == Code::Native || settings.images { settings.page_size.max(16) } else { 16 }
}

/// A file's stem as a part of a C or Rust name: letters, digits, underscores, and no digit first.
pub fn identifier(stem: &str) -> String {
    let mut name: String = stem.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        name.insert(0, '_');
    }
    name
}
