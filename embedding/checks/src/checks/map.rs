//! New memory.

use super::check;
use crate::check::Check;
use crate::finding::Found;
use crate::machine::{Machine, READ_WRITE};
use crate::probe::Access;

pub(super) static FRESH: &[Check] = &[
    check(
        "map-aligned",
        aligned,
        "New pages start at a multiple of the page size, for one page and for several, and never at NULL.",
        "Let wasmtime_mmap_new give out whole pages.",
    ),
    check(
        "map-zero",
        zero,
        "New pages read as zeros, those too that were used and given back before, and those that were reserved first.",
        "Clear pages before they are given out; memory that was in use is not blank.",
    ),
];

pub(super) static MAPPINGS: &[Check] = &[
    check(
        "map-many",
        many,
        "Many mappings can be there at once, none overlaps another, and giving some back leaves the others as they are.",
        "Keep a record of what is given out; see that the tables have room for 48 mappings.",
    ),
    check(
        "map-odd",
        odd,
        "Mappings of odd numbers of pages, given back in another order, work again and again.",
        "Merge neighbours that are free, and give back exactly what was given out.",
    ),
    check(
        "map-large",
        large,
        "As much address space as a linear memory takes (memory.reservation and guards) can be reserved, and parts of it used.",
        "Let a reservation without access take no memory. If the address space is too small, set memory.reservation in the platform \
         file.",
    ),
    check(
        "map-refuses",
        refuses,
        "More than the machine can have is refused with an error, not with an address.",
        "Return an error code where wasmtime_mmap_new finds no room; check sums for overflow.",
    ),
];

fn aligned(m: &Machine<'_>) -> Found {
    let page = m.page()?;
    for pages in [1, 2, 3, 1, 5, 1, 16] {
        let new = m.map(pages, READ_WRITE)?;
        ensure!(m, new.start % page == 0, "{pages} pages start at {:#x}, which is no multiple of {page}", new.start);
        // The next one has another place.
        let other = m.map(1, 0)?;
        ensure!(m, other.start % page == 0, "a page starts at {:#x}, which is no multiple of {page}", other.start);
    }
    Ok(())
}

fn zero(m: &Machine<'_>) -> Found {
    let page = m.page()?;
    for round in 0..3 {
        for pages in [1, 3, 8] {
            let new = m.map(pages, READ_WRITE)?;
            if let Some(at) = new.differs(0, pages * page, |_| 0)? {
                fail!(m, "byte {at} of {pages} new pages is not 0, in round {round} of 0 to 2");
            }
            new.fill(0, pages * page, |_| 0xa5)?;
        }
    }
    let reserved = m.map(4, 0)?;
    reserved.protect(page, 2 * page, READ_WRITE)?;
    if let Some(at) = reserved.differs(page, 2 * page, |_| 0)? {
        fail!(m, "byte {at} of reserved pages is not 0 when they become accessible");
    }
    Ok(())
}

/// The mappings of a check, some of them.
const MANY: usize = 48;

fn many(m: &Machine<'_>) -> Found {
    let page = m.page()?;
    let mut all = [const { None }; MANY];
    let mark = |number: usize| move |_: usize| number as u8 + 1;
    for (number, place) in all.iter_mut().enumerate() {
        let new = m.map(1 + number % 3, READ_WRITE)?;
        new.fill(0, new.bytes, mark(number))?;
        *place = Some(new);
    }
    let look = |all: &[Option<crate::machine::Pages<'_, '_>>; MANY]| {
        for (number, pages) in all.iter().enumerate() {
            if let Some(pages) = pages
                && let Some(at) = pages.differs(0, pages.bytes, mark(number))?
            {
                fail!(m, "byte {at} of mapping {number} of {MANY} has changed: does it overlap another?");
            }
        }
        Ok(())
    };
    look(&all)?;
    for place in all.iter_mut().step_by(2) {
        *place = None;
    }
    look(&all)?;
    for (number, place) in all.iter_mut().enumerate().step_by(2) {
        let new = m.map(2, READ_WRITE)?;
        if let Some(at) = new.differs(0, 2 * page, |_| 0)? {
            fail!(m, "byte {at} of a new mapping between others is not 0");
        }
        new.fill(0, 2 * page, mark(number))?;
        *place = Some(new);
    }
    look(&all)
}

fn odd(m: &Machine<'_>) -> Found {
    let page = m.page()?;
    for round in 0..4 {
        let first = m.map(1, READ_WRITE)?;
        let second = m.map(7, READ_WRITE)?;
        let third = m.map(3, 0)?;
        let fourth = m.map(13, READ_WRITE)?;
        second.fill(0, 7 * page, |at| at as u8)?;
        third.protect(2 * page, page, READ_WRITE)?;
        third.fill(2 * page, page, |_| 9)?;
        drop(first);
        drop(fourth);
        if let Some(at) = second.differs(0, 7 * page, |at| at as u8)? {
            fail!(m, "byte {at} of 7 pages changed when others were given back, in round {round} of 0 to 3");
        }
        let code = second.unmap();
        ensure!(m, code == 0, "wasmtime_munmap of 7 pages failed with code {code}");
        ensure!(m, third.read(3 * page - 1)? == 9, "the last byte of 3 pages changed when others were given back");
    }
    Ok(())
}

fn large(m: &Machine<'_>) -> Found {
    let page = m.page()?;
    let wanted = m.platform.reservation.next_multiple_of(page).max(256 * page);
    let space = m.map_bytes(wanted, 0)?;
    for offset in [0, wanted / 2 / page * page, wanted - page] {
        space.protect(offset, page, READ_WRITE)?;
        space.write(offset + page - 1, 5)?;
        ensure!(m, space.read(offset + page - 1)? == 5, "byte {} of {wanted} lost what was written", offset + page - 1);
        ensure!(m, space.read(offset)? == 0, "byte {offset} of {wanted} is not 0");
        if m.takes_faults() && offset != 0 {
            let what = format_args!("the page before byte {offset} of a reservation without access");
            m.faults(Access::Load, space.start + offset - 1, what)?;
        }
    }
    Ok(())
}

fn refuses(m: &Machine<'_>) -> Found {
    let (memory, page) = (m.memory()?, m.page()?);
    for bytes in [usize::MAX - page + 1, (usize::MAX / 2 + 1) & !(page - 1)] {
        let mut start = core::ptr::null_mut();
        // SAFETY: new memory, and a place for its address.
        let code = unsafe { (memory.mmap_new)(bytes, READ_WRITE, &raw mut start) };
        ensure!(m, code != 0, "wasmtime_mmap_new of {bytes} bytes, which no machine has, returned 0");
    }
    Ok(())
}
