//! Where artifacts lie, as they would in flash: in a file in memory, mapped to be read and executed. What is mapped from a file costs
//! nothing until it is used, the images of a module's memories are pages of the file, and a load need not make code executable. Code lies
//! in large pages, as far as it fills some and there are such, as a kernel maps flash: a large module runs faster on them, for the
//! processor translates fewer addresses.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::fd::{AsRawFd as _, FromRawFd as _};
use std::os::unix::fs::FileExt as _;
use std::ptr;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result};
use object::{Object as _, ObjectSection as _};

use crate::platform::map_file;

/// What the architectures with pages of 4 KiB have as the next size.
const LARGE_PAGE: usize = 2 << 20;

/// What is mapped at once, bytes; a larger artifact has a file to itself.
const CHIP: usize = 1 << 30;

/// A file, the addresses that it is mapped at, and how much of it is used: whole pages.
struct Flash {
    /// Never closed: memories of guests are mapped from it for as long as there are any.
    file: &'static File,
    start: *mut u8,
    size: usize,
    end: usize,
}

// SAFETY: the pages are the process's; what is used of them is written once, before anybody has it.
unsafe impl Send for Flash {}

static FLASH: Mutex<Option<Flash>> = Mutex::new(None);

/// Copies bytes to the start of new pages, which are never freed.
pub(super) fn place(contents: &[u8]) -> Result<&'static [u8]> {
    let mut flash = FLASH.lock().unwrap_or_else(PoisonError::into_inner);
    place_in(&mut flash, CHIP, contents)
}

/// In the file that there is, or in a new one of at least so many bytes.
fn place_in(flash: &mut Option<Flash>, chip: usize, contents: &[u8]) -> Result<&'static [u8]> {
    // With room for what an alignment leaves out.
    let needed = contents.len().next_multiple_of(page()) + LARGE_PAGE;
    let flash = match flash {
        Some(flash) if flash.size - flash.end >= needed => flash,
        full => full.insert(Flash::new(needed.max(chip))?),
    };
    let large = large_pages(contents);
    if !large.is_empty() {
        flash.end += flash.start.wrapping_add(flash.end + large.start).align_offset(LARGE_PAGE);
    }
    flash.file.write_all_at(contents, flash.end as u64)?;
    // SAFETY: it fits in.
    let pages = unsafe { flash.start.add(flash.end) };
    flash.end += contents.len().next_multiple_of(page());
    if !large.is_empty() {
        // SAFETY: within what was just written, which nobody has yet.
        unsafe { in_large_pages(pages.add(large.start), &contents[large]) }?;
    }
    // SAFETY: mapped pages of this length, never unmapped; nobody writes to this part of the file again.
    Ok(unsafe { std::slice::from_raw_parts(pages, contents.len()) })
}

/// The part of an artifact that is code and fills large pages, if it begins with one. A packed one has no code.
fn large_pages(contents: &[u8]) -> Range<usize> {
    let file = object::File::parse(contents).ok();
    let text = file.as_ref().and_then(|file| file.section_by_name(".text")?.file_range());
    let (start, len) = text.map_or((0, 0), |(start, len)| (start as usize, len as usize));
    // What the file says of itself may be wrong.
    let is_right = start.is_multiple_of(page()) && start.checked_add(len).is_some_and(|end| end <= contents.len());
    if is_right { start..start + len / LARGE_PAGE * LARGE_PAGE } else { 0..0 }
}

/// Puts these bytes, whole large pages, into large pages at this address, in place of what is there.
///
/// # Safety
/// So much is mapped there, on the boundary of a large page, and nobody uses it.
unsafe fn in_large_pages(address: *mut u8, bytes: &[u8]) -> Result<()> {
    let access = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED;
    // SAFETY: the caller's. A kernel without large pages refuses the advice, and nothing is lost.
    unsafe {
        if libc::mmap(address.cast(), bytes.len(), access, flags, -1, 0) == libc::MAP_FAILED {
            return Err(io::Error::last_os_error().into());
        }
        libc::madvise(address.cast(), bytes.len(), libc::MADV_HUGEPAGE);
        address.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
        // As the rest of the file. It is the first code at these addresses, and the kernel sees to the caches when it makes written pages
        // executable.
        if libc::mprotect(address.cast(), bytes.len(), libc::PROT_READ | libc::PROT_EXEC) != 0 {
            return Err(io::Error::last_os_error().into());
        }
    }
    Ok(())
}

fn page() -> usize {
    // SAFETY: no conditions.
    usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(4096)
}

impl Flash {
    /// So many bytes of it, which take no memory until they are written.
    fn new(size: usize) -> Result<Self> {
        // SAFETY: the name is a C string.
        let fd = unsafe { libc::memfd_create(c"minplat-artifacts".as_ptr(), libc::MFD_CLOEXEC) };
        if fd < 0 {
            return Err(io::Error::last_os_error()).context("memfd_create");
        }
        // SAFETY: the descriptor is new and nobody else's.
        let file: &File = Box::leak(Box::new(unsafe { File::from_raw_fd(fd) }));
        file.set_len(size as u64)?;
        let mut start = ptr::null_mut();
        // SAFETY: asks for new addresses; there is a place for the result.
        let code = unsafe { map_file(file.as_raw_fd(), 0, ptr::null_mut(), size, &raw mut start) };
        if code != 0 {
            return Err(io::Error::from_raw_os_error(code).into());
        }
        Ok(Self { file, start, size, end: 0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_full_stays_open_behind_the_next() {
        let mut flash = None;
        let contents = |nth: u8| vec![nth; page() + 1];
        let mut placed = vec![place_in(&mut flash, 1, &contents(0)).unwrap()];
        let first = flash.as_ref().unwrap().file;
        while std::ptr::eq(first, flash.as_ref().unwrap().file) {
            placed.push(place_in(&mut flash, 1, &contents(placed.len() as u8)).unwrap());
        }
        for (nth, placed) in placed.iter().enumerate() {
            assert!(placed.as_ptr().addr().is_multiple_of(page()) && *placed == contents(nth as u8), "{nth}");
        }
        assert_eq!(first.metadata().unwrap().len(), (LARGE_PAGE + 2 * page()) as u64);
    }
}
