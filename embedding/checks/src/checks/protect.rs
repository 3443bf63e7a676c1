//! Protection.

use super::check;
use crate::check::Check;
use crate::finding::{Finding, Found};
use crate::machine::{Machine, Pages, READ_EXECUTE, READ_WRITE, Shown};
use crate::platform::{EXECUTE, READ, WRITE};
use crate::probe::{self, Access};

pub(super) static CHECKS: &[Check] = &[
    check(
        "protect-allows",
        allows,
        "What a protection permits can be done, whichever the pages had before.",
        "Set the page's bits to what is asked for, and drop stale entries of the TLB on every core.",
    ),
    check(
        "protect-forbids",
        forbids,
        "What a protection does not permit faults, whichever the pages had before: a write without WRITE, anything without READ.",
        "Enforce protection in wasmtime_mmap_new and wasmtime_mprotect, and drop stale entries of the TLB on every core. Guard pages \
         stand for bounds checks: without it a guest reads and writes what is not its own.",
    ),
    check(
        "protect-execute",
        execute,
        "Pages without EXEC are not executed: a write that goes astray never becomes code. Not checkable where the CPU has no such \
         protection.",
        "Let wasmtime_mmap_new and wasmtime_mprotect forbid execution wherever EXEC is not asked for (x86_64: the bit NX, once \
         EFER.NXE is set; aarch64: UXN and PXN; riscv64: no X).",
    ),
    check(
        "protect-length",
        length,
        "A length that is no multiple of the page size counts its last page in whole.",
        "Round the end of the range up to a page, never down.",
    ),
    check(
        "protect-range",
        range,
        "The pages of the range change, and no others.",
        "Walk from the first page to the last one, and split large pages that lie across an end.",
    ),
    check(
        "protect-keeps",
        keeps,
        "What is in the pages stays when their protection changes, to no access and back too.",
        "Change the protection in place; do not map anew.",
    ),
    check(
        "protect-foreign",
        foreign,
        "Memory that wasmtime_mmap_new did not give, as of a module in place, can be protected or is left as it is; never an error.",
        "Accept any page-aligned range of the program: change its pages, or return 0 where such memory is executable as it is.",
    ),
];

/// What the library asks for.
const ALL: [u32; 4] = [0, READ, READ_WRITE, READ_EXECUTE];

/// What code of a check returns.
const ANSWER: u8 = 42;

/// A page with code at its start, coherent for instruction fetch.
fn with_code<'m, 'a>(m: &'m Machine<'a>) -> Result<Pages<'m, 'a>, Finding> {
    let page = m.map(1, READ_WRITE)?;
    if probe::SUPPORTED {
        page.write_code(0, ANSWER)?;
    }
    page.write(page.bytes - 1, ANSWER)?;
    page.protect(0, page.bytes, READ_EXECUTE)?;
    Ok(page)
}

/// Does what is permitted.
fn permitted(m: &Machine<'_>, page: &Pages<'_, '_>, protection: u32, before: u32) -> Found {
    let last = page.bytes - 1;
    let (now, before) = (Shown(protection), Shown(before));
    if protection & READ != 0 {
        let what = format_args!("reading a page with {now} that had {before}");
        let byte = m.done(Access::Load, page.start + last, what)?;
        ensure!(m, byte == usize::from(ANSWER), "a page with {now} that had {before} lost what was in it");
    }
    if protection & WRITE != 0 {
        m.done(
            Access::Store(ANSWER),
            page.start + last,
            format_args!("writing to a page with {now} that had {before}"),
        )?;
    }
    if protection & EXECUTE != 0 && probe::SUPPORTED {
        let what = format_args!("executing a page with {now} that had {before}");
        let answer = m.done(Access::Call, page.start, what)?;
        ensure!(m, answer == usize::from(ANSWER), "code that returns {ANSWER} returned {answer}");
    }
    Ok(())
}

/// Tries what is forbidden.
fn forbidden(m: &Machine<'_>, page: &Pages<'_, '_>, protection: u32, before: &dyn core::fmt::Display) -> Found {
    let now = Shown(protection);
    for at in [page.start, page.start + page.bytes / 2, page.start + page.bytes - 1] {
        if protection & READ == 0 {
            m.faults(Access::Load, at, format_args!("reading a page with {now} {before}"))?;
        }
        if protection & WRITE == 0 && at != page.start {
            m.faults(Access::Store(ANSWER), at, format_args!("writing to a page with {now} {before}"))?;
        }
    }
    if protection & READ == 0 {
        m.faults(Access::Call, page.start, format_args!("executing a page with {now} {before}"))?;
    }
    Ok(())
}

fn allows(m: &Machine<'_>) -> Found {
    let page = with_code(m)?;
    for before in ALL {
        for now in ALL {
            page.protect(0, page.bytes, before)?;
            page.protect(0, page.bytes, now)?;
            permitted(m, &page, now, before)?;
        }
    }
    for protection in [READ, READ_WRITE] {
        let new = m.map(2, protection)?;
        let byte = new.read(new.bytes - 1)?;
        ensure!(m, byte == 0, "the last byte of a new page with {} is {byte}, not 0", Shown(protection));
        if protection == READ_WRITE {
            new.write(new.bytes - 1, 1)?;
        }
    }
    Ok(())
}

fn forbids(m: &Machine<'_>) -> Found {
    m.needs_traps()?;
    let page = with_code(m)?;
    for before in ALL {
        for now in ALL {
            page.protect(0, page.bytes, before)?;
            // A stale entry of the TLB needs an access to be there.
            permitted(m, &page, before, READ_EXECUTE)?;
            page.protect(0, page.bytes, now)?;
            forbidden(m, &page, now, &format_args!("that had {}", Shown(before)))?;
        }
    }
    for protection in [0, READ, READ_WRITE] {
        let new = m.map(1, protection)?;
        forbidden(m, &new, protection, &"as wasmtime_mmap_new gave it")?;
    }
    Ok(())
}

fn execute(m: &Machine<'_>) -> Found {
    m.needs_traps()?;
    if !probe::can_forbid_execution() {
        not_checkable!(m, "this CPU executes whatever it can read");
    }
    let page = with_code(m)?;
    for protection in [READ, READ_WRITE] {
        page.protect(0, page.bytes, protection)?;
        m.faults(Access::Call, page.start, format_args!("executing a page with {}", Shown(protection)))?;
    }
    let new = m.map(1, READ_WRITE)?;
    new.write_code(0, ANSWER)?;
    let what = format_args!("executing a page with READ|WRITE as wasmtime_mmap_new gave it");
    m.faults(Access::Call, new.start, what)?;
    Ok(())
}

fn length(m: &Machine<'_>) -> Found {
    let page = m.page()?;
    let pages = m.map(4, 0)?;
    for size in [1, page - 1, page + 1, 2 * page - 1, 2 * page] {
        let whole = size.div_ceil(page);
        pages.protect(0, size, READ_WRITE)?;
        for number in 0..whole {
            let what = format_args!("writing to page {number} after a change of {size} bytes to READ|WRITE");
            m.done(Access::Store(1), pages.start + number * page + page - 1, what)?;
        }
        if m.takes_faults() {
            let what = format_args!("page {whole} after a change of {size} bytes to READ|WRITE");
            m.faults(Access::Load, pages.start + whole * page, what)?;
            pages.protect(0, 4 * page, READ_WRITE)?;
            pages.protect(0, size, 0)?;
            for number in 0..whole {
                let what = format_args!("page {number} after a change of {size} bytes to no access");
                m.faults(Access::Load, pages.start + number * page + page - 1, what)?;
            }
            let what = format_args!("page {whole} after a change of {size} bytes to no access");
            m.done(Access::Load, pages.start + whole * page, what)?;
        }
        pages.protect(0, 4 * page, 0)?;
    }
    Ok(())
}

fn range(m: &Machine<'_>) -> Found {
    m.needs_traps()?;
    let page = m.page()?;
    let pages = m.map(6, READ_WRITE)?;
    for (first, count) in [(0, 1), (1, 1), (2, 3), (5, 1), (0, 6)] {
        pages.protect(first * page, count * page, READ)?;
        for number in 0..6 {
            for at in [pages.start + number * page, pages.start + (number + 1) * page - 1] {
                let (last, what) = (first + count - 1, "after a change of pages");
                if (first..first + count).contains(&number) {
                    m.faults(
                        Access::Store(1),
                        at,
                        format_args!("writing to page {number} {what} {first} to {last} to READ"),
                    )?;
                } else {
                    m.done(
                        Access::Store(1),
                        at,
                        format_args!("writing to page {number} {what} {first} to {last} to READ"),
                    )?;
                }
            }
        }
        pages.protect(0, 6 * page, READ_WRITE)?;
    }
    Ok(())
}

fn keeps(m: &Machine<'_>) -> Found {
    let page = m.page()?;
    let pages = m.map(3, READ_WRITE)?;
    let pattern = |at: usize| (at ^ at >> 8) as u8;
    pages.fill(0, 3 * page, pattern)?;
    for protection in [READ, 0, READ_EXECUTE, 0, READ_WRITE] {
        pages.protect(page, page, protection)?;
        if protection != 0
            && let Some(at) = pages.differs(0, 3 * page, pattern)?
        {
            fail!(m, "byte {at} of three pages has changed since the middle one has {}", Shown(protection));
        }
    }
    Ok(())
}

fn foreign(m: &Machine<'_>) -> Found {
    let page = m.page()?;
    let Some((start, bytes)) = m.platform.foreign else {
        not_checkable!(m, "the program gave no memory of its own for it");
    };
    let skipped = start.addr().next_multiple_of(page) - start.addr();
    if skipped + 2 * page > bytes {
        not_checkable!(m, "the memory that the program gave for it has no two whole pages of {page} bytes");
    }
    let own = start.wrapping_add(skipped);
    let read = || m.done(Access::Load, own.addr() + page - 1, format_args!("reading the program's own memory"));
    let write =
        |at, byte| m.done(Access::Store(byte), own.addr() + at, format_args!("writing to the program's own memory"));
    write(page - 1, 3)?;
    if probe::SUPPORTED {
        for (i, byte) in probe::code(ANSWER).into_iter().enumerate() {
            m.done(Access::Store(byte), own.addr() + i, format_args!("writing to the program's own memory"))?;
        }
    }
    // As code is published: any length, from a page on.
    let back = || m.protect(own, page - 3, READ_WRITE);
    m.protect(own, page - 3, READ_EXECUTE)?;
    let run = || {
        let what = format_args!("writing to the page behind what became READ|EXEC");
        m.done(Access::Store(5), own.addr() + page, what)?;
        ensure!(m, read()? == 3, "the program's own memory lost what was in it");
        if probe::SUPPORTED {
            let what = format_args!("executing the program's own memory with READ|EXEC");
            let answer = m.done(Access::Call, own.addr(), what)?;
            ensure!(m, answer == usize::from(ANSWER), "code that returns {ANSWER} returned {answer}");
        }
        Ok(())
    };
    let ran = run();
    // Whatever was found, the program gets its memory back as it was.
    back()?;
    ran?;
    write(page - 1, 4)?;
    ensure!(m, read()? == 4, "the program's own memory cannot be written any more");
    Ok(())
}
