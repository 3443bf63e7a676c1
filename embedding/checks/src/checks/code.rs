//! Code that is written as data, and executed.

use super::check;
use crate::check::Check;
use crate::finding::Found;
use crate::machine::{Machine, READ_EXECUTE, READ_WRITE};
use crate::probe;

pub(super) static CHECKS: &[Check] = &[
    check(
        "code-runs",
        runs,
        "Code that was written and then made executable runs, at the start, in the middle and at the end of several pages.",
        "Let READ|EXEC make all pages of the range executable, to the last byte.",
    ),
    check(
        "code-replaced",
        replaced,
        "Code that replaces other code at the same place runs, and not the old one.",
        "Keep contents when pages become writable again, and make them coherent when they become executable again.",
    ),
    check(
        "code-coherent",
        coherent,
        "What is fetched as instructions is what was written as data, each of a thousand times.",
        "On a change to EXEC clean the data cache to the point of unification, invalidate the instruction cache, and let every core \
         drop what it has fetched (aarch64: dc cvau, ic ivau, dsb, isb; riscv64: fence.i on every hart).",
    ),
];

fn needs_code(m: &Machine<'_>) -> Found {
    if !probe::SUPPORTED {
        not_checkable!(m, "no code can be written for this architecture here");
    }
    Ok(())
}

fn runs(m: &Machine<'_>) -> Found {
    let page = m.page()?;
    needs_code(m)?;
    let pages = m.map(3, READ_WRITE)?;
    let places = [0, page, page + page / 2, 3 * page - 8];
    for (number, at) in places.into_iter().enumerate() {
        pages.write_code(at, number as u8 + 1)?;
    }
    pages.protect(0, 3 * page, READ_EXECUTE)?;
    for (number, at) in places.into_iter().enumerate() {
        let answer = pages.call(at)?;
        ensure!(m, answer == number + 1, "code at byte {at} that returns {} returned {answer}", number + 1);
    }
    Ok(())
}

/// Writes, makes executable, calls, makes writable, so many times.
fn rewrite(m: &Machine<'_>, rounds: usize) -> Found {
    let pages = m.map(1, READ_WRITE)?;
    for round in 0..rounds {
        let number = (round % 120) as u8 + 1;
        pages.write_code(0, number)?;
        pages.protect(0, 8, READ_EXECUTE)?;
        let answer = pages.call(0)?;
        ensure!(m, answer == usize::from(number), "code that returns {number} returned {answer}, in round {round}");
        pages.protect(0, 8, READ_WRITE)?;
    }
    Ok(())
}

fn replaced(m: &Machine<'_>) -> Found {
    m.page()?;
    needs_code(m)?;
    rewrite(m, 4)
}

fn coherent(m: &Machine<'_>) -> Found {
    m.page()?;
    needs_code(m)?;
    if m.platform.is_emulated {
        not_checkable!(m, "not checkable under emulation: an emulator has no caches that could differ");
    }
    if cfg!(target_arch = "x86_64") {
        not_checkable!(m, "x86_64 keeps its caches coherent by itself");
    }
    rewrite(m, 1000)
}
