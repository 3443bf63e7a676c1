//! Where artifacts lie, as they would in flash: in one file in memory. What is mapped from a file costs nothing until it is
//! used, and the images of a module's memories are pages of the file. Code lies in large pages, as far as it fills some and there are such, as
//! a kernel maps flash: a large module runs faster on them, for the processor translates fewer addresses, and is made executable faster.

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

/// The file, and its bytes so far: whole pages.
struct Flash {
    file: File,
    end: usize,
}

static FLASH: Mutex<Option<Flash>> = Mutex::new(None);

/// Copies bytes to the start of new pages, which are never freed.
pub(super) fn place(contents: &[u8]) -> Result<&'static [u8]> {
    let mut flash = FLASH.lock().unwrap_or_else(PoisonError::into_inner);
    let flash = match &mut *flash {
        Some(flash) => flash,
        none => none.insert(Flash::new()?),
    };
    flash.file.write_all_at(contents, flash.end as u64)?;
    let large = large_pages(contents);
    let address = if large.is_empty() { ptr::null_mut() } else { reserve(contents.len(), large.start)? };
    let mut pages = ptr::null_mut();
    let offset = libc::off_t::try_from(flash.end)?;
    // SAFETY: takes the place of what was reserved for it, or asks for new memory; and gives a place for the result.
    let code = unsafe { map_file(flash.file.as_raw_fd(), offset, address, contents.len(), &raw mut pages) };
    if code != 0 {
        return Err(io::Error::from_raw_os_error(code).into());
    }
    flash.end += contents.len().next_multiple_of(page());
    if !large.is_empty() {
        // SAFETY: within what was just mapped, which nobody has yet.
        unsafe { in_large_pages(pages.add(large.start), &contents[large]) }?;
    }
    // SAFETY: new pages of this length, never unmapped; nobody writes to this part of the file again.
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

/// Addresses for so many bytes of which those from `at` on begin with a large page.
fn reserve(len: usize, at: usize) -> Result<*mut u8> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    // SAFETY: asks for new memory.
    let start = unsafe { libc::mmap(ptr::null_mut(), len + LARGE_PAGE, libc::PROT_NONE, flags, -1, 0) };
    if start == libc::MAP_FAILED {
        return Err(io::Error::last_os_error().into());
    }
    let start = start.cast::<u8>();
    // What is left over at either end stays: addresses, no memory.
    Ok(start.wrapping_add(start.wrapping_add(at).align_offset(LARGE_PAGE)))
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
    }
    Ok(())
}

fn page() -> usize {
    // SAFETY: no conditions.
    usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(4096)
}

impl Flash {
    fn new() -> Result<Self> {
        // SAFETY: the name is a C string.
        let fd = unsafe { libc::memfd_create(c"minplat-artifacts".as_ptr(), libc::MFD_CLOEXEC) };
        if fd < 0 {
            return Err(io::Error::last_os_error()).context("memfd_create");
        }
        // SAFETY: the descriptor is new and nobody else's.
        Ok(Self { file: unsafe { File::from_raw_fd(fd) }, end: 0 })
    }
}
