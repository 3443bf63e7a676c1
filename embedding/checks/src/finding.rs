//! Why a check did not pass, and its words.

use core::fmt;

/// Why a check did not pass; the words are in the machine's `detail`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finding {
    /// The platform breaks its contract.
    Failed,
    /// It cannot be told here.
    NotCheckable,
}

/// What a check returns.
pub(crate) type Found = Result<(), Finding>;

/// Ends a check: it failed.
macro_rules! fail {
    ($machine:expr, $($text:tt)*) => {
        return Err($machine.found($crate::finding::Finding::Failed, format_args!($($text)*)))
    };
}

/// Ends a check: it cannot be told here.
macro_rules! not_checkable {
    ($machine:expr, $($text:tt)*) => {
        return Err($machine.found($crate::finding::Finding::NotCheckable, format_args!($($text)*)))
    };
}

/// Ends a check unless the condition holds.
macro_rules! ensure {
    ($machine:expr, $condition:expr, $($text:tt)*) => {
        if !$condition {
            fail!($machine, $($text)*)
        }
    };
}

/// A text without a heap; what does not fit is cut.
#[derive(Clone, Copy)]
pub(crate) struct Text {
    bytes: [u8; 240],
    len: usize,
}

impl Text {
    pub(crate) const EMPTY: Self = Self { bytes: [0; 240], len: 0 };

    pub(crate) fn of(words: fmt::Arguments<'_>) -> Self {
        let mut text = Self::EMPTY;
        // A text that does not fit is cut; there is no other error.
        let _ = fmt::write(&mut text, words);
        text
    }

    pub(crate) fn get(&self) -> &str {
        self.bytes.get(..self.len).and_then(|bytes| core::str::from_utf8(bytes).ok()).unwrap_or("")
    }
}

impl fmt::Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = text.floor_char_boundary(self.bytes.len() - self.len);
        for (to, from) in self.bytes.iter_mut().skip(self.len).zip(text.as_bytes().iter().take(end)) {
            *to = *from;
        }
        self.len += end;
        if end == text.len() { Ok(()) } else { Err(fmt::Error) }
    }
}
