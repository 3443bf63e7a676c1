//! Tables for everything that the firmware has.

use core::ops::Range;

use minplat_frames::{Error, Flags, Frames, Machine, Memory};

use crate::image;

/// The memory of a machine: each part of the firmware with its protection, what is between them and around a bundle as frames. RAM
/// goes from the image at least to `ram_end`; `devices` are ranges besides, with what may be done there.
///
/// # Errors
/// The machine has too little memory: the text says what to do.
///
/// # Safety
/// The RAM behind the image is there at its own addresses, and nobody uses it, but for a bundle in `boot_input`, which nobody writes.
pub unsafe fn map<M: Machine>(
    ram_end: usize,
    boot_input: Range<usize>,
    devices: &[(Range<usize>, Flags)],
) -> Result<Memory<M>, &'static str> {
    let few = |_: Error| "the machine has too little memory for its page tables; give it more (-m 256M)";
    let bundle = boot_input.start..boot_input.end.min(ram_end);
    let areas = [image::whole().end..boot_input.start.min(ram_end), boot_input.end..ram_end];
    let mut frames = Frames::new();
    for area in &areas {
        // SAFETY: the caller's contract.
        unsafe { frames.add(area.start, area.end) };
    }
    let mut memory = Memory::<M>::new(frames, [image::constants(), bundle.clone()]).map_err(few)?;
    let data = Flags::READ | Flags::WRITE;
    let parts = [
        (image::code(), Flags::READ | Flags::EXECUTE),
        (image::constants(), Flags::READ),
        // Between and below the stacks is a page that nobody can access.
        (image::data(), data),
        (image::fault_stack(), data),
        (image::stack(), data),
        (bundle, Flags::READ),
    ];
    let all = devices.iter().cloned().chain(parts).chain(areas.map(|area| (area, data)));
    for (range, flags) in all.filter(|(range, _)| !range.is_empty()) {
        memory.identity(range, flags).map_err(few)?;
    }
    Ok(memory)
}
