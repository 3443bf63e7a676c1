//! Images: contents that many ranges share until they write to them.
//!
//! An image is a range of its own, read-only: a page that says how long it is, and the contents. Mapping it shares the frames, and
//! promises one for each page, so that no write finds the machine without memory.

use core::ptr::{with_exposed_provenance, with_exposed_provenance_mut};

use crate::tables::Fill;
use crate::{Error, Machine, Memory, PAGE, Protection};

impl<M: Machine> Memory<M> {
    /// `wasmtime_memory_image_new`: the image's address.
    ///
    /// # Errors
    /// As the function's.
    ///
    /// # Safety
    /// The bytes can be read.
    pub unsafe fn image(&mut self, contents: *const u8, len: usize) -> Result<usize, Error> {
        let size = len.checked_add(PAGE).ok_or(Error::OutOfMemory)?;
        let image = self.map(size, Protection::ReadWrite)?;
        for page in (0..size).step_by(PAGE) {
            // By the frame's own address. It was mapped just now, so it is there.
            let frame = self.tables.frame(image + page).ok_or(Error::NotMapped)?;
            let to = with_exposed_provenance_mut::<u8>(frame);
            // SAFETY: the frame is this image's alone; by the caller's contract the bytes are there.
            unsafe {
                match page.checked_sub(PAGE) {
                    None => to.cast::<usize>().write(len),
                    Some(offset) => to.copy_from_nonoverlapping(contents.add(offset), PAGE),
                }
            }
        }
        self.set(image, size, Protection::Read)?;
        Ok(image)
    }

    /// `wasmtime_memory_image_map_at`.
    ///
    /// # Errors
    /// As the function's.
    ///
    /// # Safety
    /// `image` made it, and it was not freed.
    pub unsafe fn map_image(&mut self, image: usize, start: usize, len: usize) -> Result<(), Error> {
        // SAFETY: the first page of an image, which the caller vouches for.
        let contents = unsafe { with_exposed_provenance::<usize>(image).read() };
        if !start.is_multiple_of(PAGE) || !len.is_multiple_of(PAGE) || len > contents {
            return Err(Error::Argument);
        }
        if !self.ranges.contains(start, len) {
            return Err(Error::NotMapped);
        }
        self.back(start, len, Protection::ReadWrite, Fill::Image(image + PAGE))
    }

    /// `wasmtime_memory_image_free`.
    ///
    /// # Errors
    /// [`Error::NotMapped`] for what is no image.
    ///
    /// # Safety
    /// As `map_image`.
    pub unsafe fn free_image(&mut self, image: usize) -> Result<(), Error> {
        // SAFETY: as in `map_image`.
        let len = unsafe { with_exposed_provenance::<usize>(image).read() };
        self.unmap(image, len + PAGE)
    }
}
