//! Images of linear memories.

use super::check;
use crate::check::Check;
use crate::finding::{Finding, Found};
use crate::machine::{Machine, Pages, READ_WRITE};
use crate::platform::{Image, Memory};

pub(super) static CHECKS: &[Check] = &[
    check(
        "image-content",
        content,
        "A range that an image is mapped to reads as the bytes that the image was made from, whole or the first part of them, and can \
         be written; what is around it stays.",
        "Copy or map exactly len bytes to addr, readable and writable. Or store NULL in wasmtime_memory_image_new: then the library \
         copies.",
    ),
    check(
        "image-copies",
        copies,
        "An image does not change with the bytes that it was made from.",
        "Copy the bytes in wasmtime_memory_image_new: they are valid during the call only.",
    ),
    check(
        "image-private",
        private,
        "A write to one mapping of an image is seen in no other, and not in the image.",
        "Map copy-on-write or copy; never share writable pages between mappings.",
    ),
    check(
        "image-outlives",
        outlives,
        "Mappings keep their contents when the image is given up, and can still be written and given back.",
        "Keep the image's memory for as long as a mapping uses it.",
    ),
];

/// Pages of the images here.
const PAGES: usize = 3;

fn pattern(at: usize) -> u8 {
    (at ^ at >> 8 ^ 0x5a) as u8
}

/// An image that is given up in the end.
struct Made<'a> {
    memory: &'a Memory,
    image: *mut Image,
}

impl Drop for Made<'_> {
    fn drop(&mut self) {
        // SAFETY: `image_new` made it.
        unsafe { (self.memory.image_free)(self.image) };
    }
}

/// Pages with the pattern, and an image of them.
fn make<'m, 'a>(m: &'m Machine<'a>) -> Result<(Pages<'m, 'a>, Made<'a>), Finding> {
    let memory = m.memory()?;
    let source = m.map(PAGES, READ_WRITE)?;
    source.fill(0, source.bytes, pattern)?;
    let mut image = core::ptr::null_mut();
    // SAFETY: the bytes are there, and a place for the result.
    let code = unsafe { (memory.image_new)(source.pointer, source.bytes, &raw mut image) };
    ensure!(m, code == 0, "wasmtime_memory_image_new of {} bytes failed with code {code}", source.bytes);
    if image.is_null() {
        not_checkable!(m, "the machine keeps no images (NULL), which is right; the library copies");
    }
    Ok((source, Made { memory, image }))
}

fn map_at(m: &Machine<'_>, made: &Made<'_>, pages: &Pages<'_, '_>, offset: usize, len: usize) -> Found {
    // SAFETY: the image lives, and the range is the check's.
    let code = unsafe { (made.memory.image_map_at)(made.image, pages.pointer.wrapping_add(offset), len) };
    ensure!(m, code == 0, "wasmtime_memory_image_map_at of {len} bytes failed with code {code}");
    Ok(())
}

fn content(m: &Machine<'_>) -> Found {
    let page = m.page()?;
    let (source, made) = make(m)?;
    for count in [PAGES, 1, 2] {
        let pages = m.map(PAGES + 2, READ_WRITE)?;
        pages.fill(0, pages.bytes, |_| 7)?;
        map_at(m, &made, &pages, page, count * page)?;
        if let Some(at) = pages.differs(page, count * page, |at| pattern(at - page))? {
            fail!(m, "byte {} of an image of which {count} pages were mapped is not the image's", at - page);
        }
        for (offset, bytes) in [(0, page), ((count + 1) * page, (PAGES + 1 - count) * page)] {
            if let Some(at) = pages.differs(offset, bytes, |_| 7)? {
                fail!(m, "mapping {count} pages of an image at byte {page} changed byte {at}");
            }
        }
        pages.write(page, 1)?;
        pages.write((count + 1) * page - 1, 1)?;
        let code = pages.unmap();
        ensure!(m, code == 0, "wasmtime_munmap of pages with an image in them failed with code {code}");
    }
    // Over a reservation too, as instances have it.
    let space = m.map(PAGES + 1, 0)?;
    map_at(m, &made, &space, 0, PAGES * page)?;
    if let Some(at) = space.differs(0, PAGES * page, pattern)? {
        fail!(m, "byte {at} of an image that was mapped to reserved pages is not the image's");
    }
    drop(source);
    Ok(())
}

fn copies(m: &Machine<'_>) -> Found {
    let (source, made) = make(m)?;
    source.fill(0, source.bytes, |_| 0)?;
    drop(source);
    let pages = m.map(PAGES, READ_WRITE)?;
    map_at(m, &made, &pages, 0, pages.bytes)?;
    if let Some(at) = pages.differs(0, pages.bytes, pattern)? {
        fail!(m, "byte {at} of an image changed when the bytes that it was made from did");
    }
    Ok(())
}

fn private(m: &Machine<'_>) -> Found {
    let (_source, made) = make(m)?;
    let (one, other) = (m.map(PAGES, READ_WRITE)?, m.map(PAGES, READ_WRITE)?);
    map_at(m, &made, &one, 0, one.bytes)?;
    map_at(m, &made, &other, 0, other.bytes)?;
    one.fill(0, one.bytes, |_| 1)?;
    if let Some(at) = other.differs(0, other.bytes, pattern)? {
        fail!(m, "a write to byte {at} of one mapping of an image is seen in another one");
    }
    other.fill(0, other.bytes, |_| 2)?;
    if let Some(at) = one.differs(0, one.bytes, |_| 1)? {
        fail!(m, "a write to byte {at} of one mapping of an image is seen in another one");
    }
    let later = m.map(PAGES, READ_WRITE)?;
    map_at(m, &made, &later, 0, later.bytes)?;
    if let Some(at) = later.differs(0, later.bytes, pattern)? {
        fail!(m, "a write to byte {at} of a mapping of an image has changed the image");
    }
    // Mapped again, it is as new.
    map_at(m, &made, &one, 0, one.bytes)?;
    if let Some(at) = one.differs(0, one.bytes, pattern)? {
        fail!(m, "byte {at} is not the image's when it is mapped to the same place again");
    }
    Ok(())
}

fn outlives(m: &Machine<'_>) -> Found {
    let (source, made) = make(m)?;
    let pages = m.map(PAGES, READ_WRITE)?;
    map_at(m, &made, &pages, 0, pages.bytes)?;
    pages.write(0, 1)?;
    drop(made);
    drop(source);
    // What the image's memory might be used for now.
    let next = m.map(2 * PAGES, READ_WRITE)?;
    next.fill(0, next.bytes, |_| 9)?;
    let expected = |at: usize| if at == 0 { 1 } else { pattern(at) };
    if let Some(at) = pages.differs(0, pages.bytes, expected)? {
        fail!(m, "byte {at} of a mapping changed when the image was given up");
    }
    pages.write(pages.bytes - 1, 2)?;
    let code = pages.unmap();
    ensure!(m, code == 0, "wasmtime_munmap of an image's mapping failed with code {code} after the image was given up");
    Ok(())
}
