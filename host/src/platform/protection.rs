//! Which pages can be written, which can be executed, and that none ever can be both.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use rangemap::RangeMap;
use serde::Serialize;

/// The bits of `wasmtime-platform.h`.
pub(super) const READ: u32 = 1;
pub(super) const WRITE: u32 = 2;
const EXECUTE: u32 = 4;

/// Memory protection as the trace shows it: `rwx`.
pub(super) struct Protection(pub(super) u32);

impl fmt::Display for Protection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("none");
        }
        let letters = [(READ, "r"), (WRITE, "w"), (EXECUTE, "x")];
        letters.iter().filter(|(bit, _)| self.0 & bit != 0).try_for_each(|(_, letter)| f.write_str(letter))
    }
}

/// What became of the pages that were made executable so far, those of modules in place included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CodePages {
    /// How often a range became executable.
    pub made: u64,
    /// How often an executable range could not be executed any more: data again, or unmapped.
    pub unmade: u64,
    /// How often a range was writable and executable at once.
    pub writable: u64,
}

struct Book {
    executable: RangeMap<usize, ()>,
    pages: CodePages,
}

static BOOK: Mutex<Option<Book>> = Mutex::new(None);

fn with<R>(job: impl FnOnce(&mut Book) -> R) -> R {
    let mut book = BOOK.lock().unwrap_or_else(PoisonError::into_inner);
    job(book.get_or_insert_with(|| Book { executable: RangeMap::new(), pages: CodePages::default() }))
}

/// What was made executable so far.
pub fn code_pages() -> CodePages {
    with(|book| book.pages)
}

/// Bytes that are executable now, in whole pages.
pub fn executable() -> u64 {
    with(|book| book.executable.iter().map(|(range, ())| (range.end - range.start) as u64).sum())
}

/// A range, whose last page counts in whole, has this protection now.
pub(super) fn note(addr: usize, size: usize, flags: u32) {
    // SAFETY: no conditions.
    let page = unsafe { super::linux::page_size() };
    let range = addr..addr.saturating_add(size.next_multiple_of(page));
    if range.is_empty() {
        return;
    }
    with(|book| {
        if flags & EXECUTE == 0 {
            book.pages.unmade += u64::from(book.executable.overlaps(&range));
            book.executable.remove(range);
            return;
        }
        book.pages.made += 1;
        book.pages.writable += u64::from(flags & WRITE != 0);
        book.executable.insert(range, ());
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_page_counts_in_whole_and_a_page_that_is_both_is_noticed() {
        let before = code_pages();
        let base = 1 << 60;
        note(base, 5000, READ | EXECUTE);
        assert_eq!(executable(), 8192);
        note(base + 4096, 1, READ | WRITE);
        assert_eq!(executable(), 4096);
        note(base, 1, READ | WRITE | EXECUTE);
        note(base, 1, 0);
        assert_eq!(executable(), 0);
        let after = code_pages();
        let new = [after.made - before.made, after.unmade - before.unmade, after.writable - before.writable];
        assert_eq!(new, [2, 2, 1]);
    }
}
