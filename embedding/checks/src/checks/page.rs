//! The page.

use super::check;
use crate::check::Check;
use crate::finding::Found;
use crate::machine::{Machine, READ_WRITE};
use crate::probe::{Access, Tried};

pub(super) static SIZE: &[Check] = &[check(
    "page-size",
    size,
    "wasmtime_page_size says a power of two, always the same, and the one of offers.page-size.",
    "Return the size that the page tables work with, and give it to the platform file as offers.page-size.",
)];

pub(super) static GRANULE: &[Check] = &[check(
    "page-granule",
    granule,
    "Protection works in pages of the size that wasmtime_page_size says, no larger and no smaller ones.",
    "Return the size that the page tables work with. A machine that groups several pages (large pages, guest pages on larger \
     host pages) says the size of the group, and aligns to it.",
)];

fn size(m: &Machine<'_>) -> Found {
    let memory = m.memory()?;
    // SAFETY: no conditions.
    let page = unsafe { (memory.page_size)() };
    ensure!(m, page.is_power_of_two(), "it says {page}, which is no power of two");
    ensure!(m, (64..=1 << 30).contains(&page), "it says {page}, which no page has");
    for _ in 0..16 {
        // SAFETY: no conditions.
        let again = unsafe { (memory.page_size)() };
        ensure!(m, again == page, "it said {page} first, and {again} later");
    }
    let promised = m.platform.page_size;
    ensure!(m, promised == 0 || promised == page, "it says {page}; offers.page-size of the platform is {promised}");
    Ok(())
}

fn granule(m: &Machine<'_>) -> Found {
    m.needs_traps()?;
    let page = m.page()?;
    let pages = m.map(3, READ_WRITE)?;
    ensure!(m, pages.start % page == 0, "pages start at {:#x}, which is no multiple of {page}", pages.start);
    pages.protect(page, page, 0)?;
    // Neighbours that went too: the true page is larger. A page that is still there in part: it is smaller.
    for at in [0, page - 1, 2 * page, 3 * page - 1] {
        if let Tried::Faulted(_) = m.attempt(Access::Load, pages.start + at, None)? {
            fail!(m, "taking access to page 1 of 0 to 2 took it to byte {at} too: pages are larger than {page} bytes");
        }
    }
    for at in [page, page + page / 2, 2 * page - 1] {
        m.faults(Access::Load, pages.start + at, format_args!("byte {} of a page without access", at - page))?;
    }
    // One byte of a page stands for all of it.
    pages.protect(page, page, READ_WRITE)?;
    pages.protect(page, 1, 0)?;
    if let Tried::Done(_) = m.attempt(Access::Load, pages.start + page, None)? {
        not_checkable!(m, "a length of 1 byte protects nothing: see protect-length");
    }
    let mut true_size = page;
    while true_size > 64 && matches!(m.attempt(Access::Load, pages.start + page + true_size / 2, None)?, Tried::Done(_))
    {
        true_size /= 2;
    }
    ensure!(m, true_size == page, "it says {page} bytes, and protection works in units of {true_size}");
    Ok(())
}
