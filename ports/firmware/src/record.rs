//! What is told to the program at the other end of the console.
//!
//! | record | fields |
//! | --- | --- |
//! | `platform` | name, version of minplat, Wasmtime's major, bytes of a page (0: none), fingerprint |
//! | `begin` | name of the store that is taken |
//! | `task` | what follows is told by the task of this number, or by the firmware (`-`) |
//! | `result` | kind, bits: hexadecimal; `null` or `ref` for references |
//! | `calling` | function: what follows comes of this call |
//! | `thrown` | kind, bits: as of `result`, what the exception carries that the `error` before it is |
//! | `stub` | module, name, kind and bits of each argument, `->`, kind and bits of each result: a function in the place of a missing one was called |
//! | `line` | a guest's text that has the first byte of a record in it |
//! | `error` | what was being done, code, trap (`-`: none), trap in words, whether there are more frames than follow, text |
//! | `frame` | function, offset in the `.wasm`, offset in `.text` (`-`: unknown), name, module's name |
//! | `passed` | how many steps of the store came out as expected |
//! | `failed` | line, what came out |
//! | `stat` | name, number |
//! | `check` | `begins`, `passed`, `failed` or `unknown`; name, meaning, remedy, detail |
//! | `panic` | what the library said |
//! | `end` | exit code |
//!
//! In fields `\t`, `\n`, `\r`, `\\` and `\x1e` stand for themselves as a backslash and a letter (`e` for the last).

use core::fmt::{self, Write};

use crate::Board;

/// The first byte of a record.
pub const START: u8 = 0x1e;

/// A record that is being told.
pub struct Record<'a> {
    board: &'a dyn Board,
    buffer: [u8; 128],
    len: usize,
    /// Whether the text at hand may be anything, so needs care.
    escapes: bool,
}

impl<'a> Record<'a> {
    /// Begins one.
    pub fn new(board: &'a dyn Board, word: &str) -> Self {
        let mut record = Self { board, buffer: [0; 128], len: 0, escapes: false };
        record.push(START);
        record.plain(word);
        record
    }

    /// Adds a field.
    #[must_use]
    pub fn field(mut self, text: &str) -> Self {
        self.push(b'\t');
        for byte in text.bytes() {
            self.escaped(byte);
        }
        self
    }

    /// Adds a field of bytes that should be UTF-8.
    #[must_use]
    pub fn bytes(mut self, bytes: &[u8]) -> Self {
        self.push(b'\t');
        for byte in bytes {
            self.escaped(*byte);
        }
        self
    }

    /// Adds a field that is composed.
    #[must_use]
    pub fn with(mut self, args: fmt::Arguments<'_>) -> Self {
        self.push(b'\t');
        self.escapes = true;
        // Writing to the console cannot fail.
        _ = self.write_fmt(args);
        self.escapes = false;
        self
    }

    /// Adds a number in decimal.
    #[must_use]
    pub fn number(self, number: u64) -> Self {
        self.with(format_args!("{number}"))
    }

    /// Ends it.
    pub fn end(mut self) {
        self.push(b'\n');
        self.flush();
    }

    fn plain(&mut self, text: &str) {
        text.bytes().for_each(|byte| self.push(byte));
    }

    fn escaped(&mut self, byte: u8) {
        match byte {
            b'\t' => self.plain("\\t"),
            b'\n' => self.plain("\\n"),
            b'\r' => self.plain("\\r"),
            b'\\' => self.plain("\\\\"),
            START => self.plain("\\e"),
            byte => self.push(byte),
        }
    }

    fn push(&mut self, byte: u8) {
        if self.len == self.buffer.len() {
            self.flush();
        }
        self.buffer[self.len] = byte;
        self.len += 1;
    }

    fn flush(&mut self) {
        self.board.write(&self.buffer[..self.len]);
        self.len = 0;
    }
}

impl Write for Record<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.escapes {
            text.bytes().for_each(|byte| self.escaped(byte));
        } else {
            self.plain(text);
        }
        Ok(())
    }
}

/// Writes a guest's text as a line of its own; as a record where it could be taken for one.
pub fn guest_line(board: &dyn Board, text: &[u8]) {
    if text.contains(&START) {
        return Record::new(board, "line").bytes(text).end();
    }
    board.write(text);
    board.write(b"\n");
}
