//! Which pages can be written, which can be executed, and that none ever can be both.

use std::fmt;
use std::ops::Range;
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

/// What became of the pages that the library made executable so far, those of modules in place included: those may always be executed, and
/// never be written (`library::flash`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CodePages {
    /// How often a range became executable.
    pub made: u64,
    /// How often an executable range could not be executed any more: data again, or unmapped.
    pub unmade: u64,
    /// How often a range was writable and executable at once.
    pub writable: u64,
}

#[derive(Default)]
struct Book {
    executable: RangeMap<usize, ()>,
    pages: CodePages,
}

static BOOK: Mutex<Option<Book>> = Mutex::new(None);

fn with<R>(job: impl FnOnce(&mut Book) -> R) -> R {
    let mut book = BOOK.lock().unwrap_or_else(PoisonError::into_inner);
    job(book.get_or_insert_default())
}

/// What was made executable so far.
pub fn code_pages() -> CodePages {
    with(|book| book.pages)
}

/// Bytes that are executable now, in whole pages.
pub fn executable() -> u64 {
    with(|book| book.executable())
}

/// A range, whose last page counts in whole, has this protection now.
pub(super) fn note(addr: usize, size: usize, flags: u32) {
    // SAFETY: no conditions.
    let page = unsafe { super::linux::page_size() };
    with(|book| book.note(addr..addr.saturating_add(size.next_multiple_of(page)), flags));
}

impl Book {
    fn executable(&self) -> u64 {
        self.executable.iter().map(|(range, ())| (range.end - range.start) as u64).sum()
    }

    fn note(&mut self, pages: Range<usize>, flags: u32) {
        if pages.is_empty() {
            return;
        }
        if flags & EXECUTE == 0 {
            self.pages.unmade += u64::from(self.executable.overlaps(&pages));
            self.executable.remove(pages);
            return;
        }
        self.pages.made += 1;
        self.pages.writable += u64::from(flags & WRITE != 0);
        self.executable.insert(pages, ());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_is_both_is_noticed() {
        let mut book = Book::default();
        book.note(0..8192, READ | EXECUTE);
        assert_eq!(book.executable(), 8192);
        book.note(4096..8192, READ | WRITE);
        assert_eq!(book.executable(), 4096);
        book.note(0..4096, READ | WRITE | EXECUTE);
        book.note(0..4096, 0);
        assert_eq!(book.executable(), 0);
        assert_eq!(book.pages, CodePages { made: 2, unmade: 2, writable: 1 });
    }

    #[test]
    fn the_last_page_counts_in_whole() {
        // Nobody has anything there.
        note(1 << 60, 5000, READ | WRITE | EXECUTE);
        let found =
            with(|book| book.executable.overlapping((1 << 60)..(1 << 61)).map(|(range, ())| range.clone()).next());
        assert_eq!(found, Some((1 << 60)..(1 << 60) + 8192));
        note(1 << 60, 5000, 0);
    }
}
