//! Pages that are replaced by new ones.

use super::check;
use crate::check::Check;
use crate::finding::{Finding, Found};
use crate::machine::{Machine, Pages, READ_WRITE, Shown};
use crate::platform::READ;
use crate::probe::Access;

pub(super) static CHECKS: &[Check] = &[
    check(
        "remap-zero",
        zero,
        "Pages that are replaced read as zeros, and their neighbours stay as they are.",
        "Give the range blank pages, or clear them; what was there must be gone.",
    ),
    check(
        "remap-protects",
        protects,
        "Pages that are replaced have the protection that was asked for, not the one of before.",
        "Set the protection together with the new pages, and drop stale entries of the TLB on every core.",
    ),
];

/// Replaces a part of the pages.
fn remap(m: &Machine<'_>, pages: &Pages<'_, '_>, offset: usize, size: usize, protection: u32) -> Result<(), Finding> {
    let Some(remap) = m.memory()?.mmap_remap else {
        not_checkable!(
            m,
            "no library of this release asks for wasmtime_mmap_remap, and the program gave none (mmap_remap)"
        );
    };
    // SAFETY: the range is the check's.
    let code = unsafe { remap(pages.pointer.wrapping_add(offset), size, protection) };
    ensure!(m, code == 0, "wasmtime_mmap_remap of {size} bytes to {} failed with code {code}", Shown(protection));
    Ok(())
}

fn zero(m: &Machine<'_>) -> Found {
    let page = m.page()?;
    let pages = m.map(4, READ_WRITE)?;
    for _ in 0..3 {
        pages.fill(0, 4 * page, |_| 0xa5)?;
        remap(m, &pages, page, 2 * page, READ_WRITE)?;
        if let Some(at) = pages.differs(page, 2 * page, |_| 0)? {
            fail!(m, "byte {} of two pages that were replaced is not 0", at - page);
        }
        for (number, offset) in [(0, 0), (3, 3 * page)] {
            if let Some(at) = pages.differs(offset, page, |_| 0xa5)? {
                fail!(m, "byte {} of page {number} changed when pages 1 and 2 were replaced", at - offset);
            }
        }
    }
    Ok(())
}

fn protects(m: &Machine<'_>) -> Found {
    let page = m.page()?;
    let pages = m.map(3, READ_WRITE)?;
    pages.fill(0, 3 * page, |_| 1)?;
    for protection in [READ, 0, READ_WRITE, 0] {
        remap(m, &pages, page, page, protection)?;
        let now = Shown(protection);
        if protection != 0 {
            let byte = m.done(Access::Load, pages.start + page, format_args!("reading a page replaced with {now}"))?;
            ensure!(m, byte == 0, "a page replaced with {now} reads {byte}, not 0");
        }
        if protection == READ_WRITE {
            pages.write(2 * page - 1, 1)?;
        }
        if m.takes_faults() {
            if protection != READ_WRITE {
                let what = format_args!("writing to a page replaced with {now}");
                m.faults(Access::Store(1), pages.start + page, what)?;
            }
            if protection == 0 {
                m.faults(Access::Load, pages.start + page, format_args!("reading a page replaced with {now}"))?;
            }
        }
    }
    Ok(())
}
