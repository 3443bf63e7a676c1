//! Memory that is given back.

use super::check;
use crate::check::Check;
use crate::finding::Found;
use crate::machine::{Machine, READ_EXECUTE, READ_WRITE};
use crate::platform::READ;
use crate::probe::Access;

pub(super) static CHECKS: &[Check] = &[
    check(
        "unmap-faults",
        faults,
        "An access to memory that was given back faults.",
        "Take the pages out of the page tables, and drop stale entries of the TLB on every core.",
    ),
    check(
        "unmap-whole",
        whole,
        "What was mapped can be given back whole, whatever was protected in parts since, without an error.",
        "Walk over the range page by page; an error here ends in the library's panic handler.",
    ),
    check(
        "unmap-again",
        again,
        "Memory that was given back is there for the next mapping: 256 times 1 MiB, or less where there is less.",
        "Return pages and address space to where wasmtime_mmap_new takes them from.",
    ),
];

fn faults(m: &Machine<'_>) -> Found {
    m.needs_traps()?;
    let page = m.page()?;
    let pages = m.map(3, READ_WRITE)?;
    pages.fill(0, 3 * page, |_| 1)?;
    let start = pages.start;
    let code = pages.unmap();
    ensure!(m, code == 0, "wasmtime_munmap of 3 pages failed with code {code}");
    for at in [0, page + 1, 3 * page - 1] {
        m.faults(Access::Load, start + at, format_args!("reading byte {at} of pages that were given back"))?;
        m.faults(Access::Store(1), start + at, format_args!("writing byte {at} of pages that were given back"))?;
    }
    Ok(())
}

fn whole(m: &Machine<'_>) -> Found {
    let page = m.page()?;
    for _ in 0..8 {
        let pages = m.map(8, 0)?;
        pages.protect(page, 3 * page, READ_WRITE)?;
        pages.fill(page, 3 * page, |_| 1)?;
        pages.protect(2 * page, page, READ)?;
        pages.protect(3 * page, page, READ_EXECUTE)?;
        pages.protect(6 * page, 2 * page, READ_WRITE)?;
        let code = pages.unmap();
        ensure!(m, code == 0, "wasmtime_munmap of 8 pages that were protected in parts failed with code {code}");
    }
    Ok(())
}

fn again(m: &Machine<'_>) -> Found {
    let page = m.page()?;
    // A small machine has less.
    let fits = |bytes: &usize| m.map_bytes(*bytes, READ_WRITE).is_ok();
    let bytes = [1 << 20, 1 << 18].into_iter().filter(|bytes| bytes % page == 0).find(fits).unwrap_or(page);
    m.forget();
    for round in 0..256 {
        let pages = m.map_bytes(bytes, READ_WRITE)?;
        for at in (0..bytes).step_by(page) {
            pages.write(at, 1)?;
        }
        let code = pages.unmap();
        ensure!(m, code == 0, "wasmtime_munmap of {bytes} bytes failed with code {code}, in round {round}");
    }
    Ok(())
}
