//! What firmware tells, as `ports/firmware/src/record.rs` lists it.

use std::fmt;

use minplat_host::{Frame, Kind, Trap, Value, text};

/// The first character of a record.
pub const START: char = '\u{1e}';

/// A record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// What the firmware is linked with.
    Platform {
        /// The platform's name.
        name: String,
        /// minplat's version.
        version: String,
        /// Wasmtime's major version.
        wasmtime: String,
        /// Bytes of a page; 0: there are none.
        page_size: u64,
        /// The platform's fingerprint.
        fingerprint: String,
    },
    /// A store is taken, for this.
    Begin(String),
    /// What follows is told by the task of this number; `None`: by the firmware itself.
    Task(Option<u64>),
    /// A result.
    Result(Printed),
    /// A function is called: what follows comes of it.
    Calling(String),
    /// An error; frames follow.
    Error(Told),
    /// A value that an exception carries, the one that the last error is.
    Thrown(Printed),
    /// A function in the place of a missing one was called.
    Stub {
        /// The module that it is imported from.
        module: String,
        /// Its name there.
        name: String,
        /// What it was called with.
        args: Vec<Printed>,
        /// What it gave.
        results: Vec<Printed>,
    },
    /// A guest's text that could be taken for a record.
    Line(String),
    /// A function that was running.
    Frame(Frame),
    /// How many steps of the store came out as expected.
    Passed(u64),
    /// A step that did not.
    Failed {
        /// Its line.
        line: u64,
        /// What came out.
        what: String,
        /// The error's text, where it was one.
        text: String,
    },
    /// A number of the library's or the board's statistics.
    Stat(String, u64),
    /// A check of the platform.
    Check {
        /// `begins`, `passed`, `failed` or `unknown`.
        outcome: String,
        /// Its name.
        name: String,
        /// What holds where it passes.
        meaning: String,
        /// What to do where it fails.
        remedy: String,
        /// What was seen.
        detail: String,
    },
    /// The library gave up.
    Panic(String),
    /// The firmware ends, with this code.
    End(u8),
    /// Something else, as it came.
    Unknown(String),
}

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printed {
    /// Its kind.
    pub kind: Kind,
    /// As `minplat-host` prints it.
    pub text: String,
}

/// As in `i32:1`.
impl fmt::Display for Printed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind, self.text)
    }
}

/// Values as in `i32:1, f64:0.5`.
pub fn list(values: &[Printed]) -> String {
    values.iter().map(Printed::to_string).collect::<Vec<_>>().join(", ")
}

/// An error of the library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// What was being done.
    pub doing: String,
    /// Its code.
    pub code: u32,
    /// Which trap it is.
    pub trap: Option<Trap>,
    /// Whether more functions were running than there are frames.
    pub truncated: bool,
    /// The whole text.
    pub text: String,
}

impl Record {
    /// Reads one, without its first character.
    pub fn parse(line: &str) -> Self {
        let mut fields = line.split('\t').map(plain);
        let word = fields.next().unwrap_or_default();
        let fields: Vec<_> = fields.collect();
        Self::of(&word, &fields).unwrap_or_else(|| Record::Unknown(line.to_owned()))
    }

    fn of(word: &str, fields: &[String]) -> Option<Self> {
        let number = |text: &String| text.parse().ok();
        Some(match (word, fields) {
            ("platform", [name, version, wasmtime, page_size, fingerprint]) => Record::Platform {
                name: name.clone(),
                version: version.clone(),
                wasmtime: wasmtime.clone(),
                page_size: number(page_size)?,
                fingerprint: fingerprint.clone(),
            },
            ("begin", [name]) => Record::Begin(name.clone()),
            ("task", [task]) if task == "-" => Record::Task(None),
            ("task", [task]) => Record::Task(Some(number(task)?)),
            ("result", [kind, bits]) => Record::Result(value(kind, bits)?),
            ("thrown", [kind, bits]) => Record::Thrown(value(kind, bits)?),
            ("calling", [function]) => Record::Calling(function.clone()),
            ("stub", [module, name, values @ ..]) => {
                let mut sides = values.split(|field| field == "->").map(|side| {
                    let (pairs, []) = side.as_chunks::<2>() else { return None };
                    pairs.iter().map(|[kind, bits]| value(kind, bits)).collect::<Option<Vec<_>>>()
                });
                let (args, results) = (sides.next()??, sides.next()??);
                Record::Stub { module: module.clone(), name: name.clone(), args, results }
            }
            ("line", [text]) => Record::Line(text.clone()),
            ("error", [doing, code, trap, in_words, truncated, text]) => Record::Error(Told {
                doing: doing.clone(),
                code: code.parse().ok()?,
                trap: trap.parse().ok().map(|code| Trap { code, text: in_words.clone() }),
                truncated: truncated == "1",
                text: text.clone(),
            }),
            ("frame", [index, module_offset, text_offset, name, module]) => Record::Frame(Frame {
                function_index: index.parse().ok()?,
                function_name: some(name),
                module_name: some(module),
                module_offset: u32::from_str_radix(module_offset, 16).ok(),
                text_offset: u32::from_str_radix(text_offset, 16).ok(),
            }),
            ("passed", [count]) => Record::Passed(number(count)?),
            ("failed", [line, what, text]) => {
                Record::Failed { line: number(line)?, what: what.clone(), text: text.clone() }
            }
            ("stat", [name, count]) => Record::Stat(name.clone(), number(count)?),
            ("check", [outcome, name, meaning, remedy, detail]) => Record::Check {
                outcome: outcome.clone(),
                name: name.clone(),
                meaning: meaning.clone(),
                remedy: remedy.clone(),
                detail: detail.clone(),
            },
            ("panic", [text]) => Record::Panic(text.clone()),
            ("end", [code]) => Record::End(code.parse().ok()?),
            _ => return None,
        })
    }
}

fn some(name: &str) -> Option<String> {
    if name.is_empty() { None } else { Some(name.to_owned()) }
}

/// A value by the number of its kind and its bits, or what it is instead.
fn value(kind: &str, bits: &str) -> Option<Printed> {
    let kind = Kind::from_number(kind.parse().ok()?);
    let text = match bits {
        "null" => bits.into(),
        "ref" => kind.name().into(),
        bits => number(kind, bits)?,
    };
    Some(Printed { kind, text })
}

/// A number or a vector.
fn number(kind: Kind, bits: &str) -> Option<String> {
    let bits = u128::from_str_radix(bits, 16).ok()?;
    let value = match kind {
        Kind::I32 => Value::I32(bits as u32 as i32),
        Kind::I64 => Value::I64(bits as u64 as i64),
        Kind::F32 => Value::F32(bits as u32),
        Kind::F64 => Value::F64(bits as u64),
        Kind::V128 => Value::V128(bits),
        _ => return None,
    };
    Some(text::print(&value))
}

/// A field with what was escaped as it was.
fn plain(field: &str) -> String {
    let mut plain = String::new();
    let mut chars = field.chars();
    while let Some(char) = chars.next() {
        plain.push(match char {
            '\\' => match chars.next() {
                Some('n') => '\n',
                Some('t') => '\t',
                Some('r') => '\r',
                Some('e') => START,
                Some(other) => other,
                None => '\\',
            },
            char => char,
        });
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_printed_as_the_host_prints_them() {
        let of = |line: &str| match Record::parse(line) {
            Record::Result(value) => value.text,
            other => panic!("{other:?}"),
        };
        assert_eq!(of("result\t0\tffffffff"), "-1");
        assert_eq!(of("result\t3\t3ff8000000000000"), "1.5");
        assert_eq!(of("result\t2\t7fc00000"), "nan");
        assert_eq!(of("result\t4\t0000000000000001ffffffffffffffff"), "0x0000000000000001ffffffffffffffff");
        assert_eq!((of("result\t5\tnull").as_str(), of("result\t5\tref").as_str()), ("null", "funcref"));
    }

    #[test]
    fn calls_of_stubs_come_with_their_values() {
        let Record::Stub { module, name, args, results } = Record::parse("stub\tenv\tf\t0\t3\t5\tnull\t->\t1\t0")
        else {
            panic!()
        };
        assert_eq!((module.as_str(), name.as_str()), ("env", "f"));
        assert_eq!((list(&args).as_str(), list(&results).as_str()), ("i32:3, funcref:null", "i64:0"));
        assert!(matches!(Record::parse("stub\tenv\tf\t->"), Record::Stub { args, .. } if args.is_empty()));
        for cut in ["stub\tenv\tf", "stub\tenv\tf\t0\t->", "stub\tenv\tf\t0\tx\t->"] {
            assert_eq!(Record::parse(cut), Record::Unknown(cut.into()));
        }
    }

    #[test]
    fn texts_come_as_they_were() {
        let Record::Error(told) = Record::parse("error\tf\t7\t9\tunreachable\t1\ta\\nb\\\\n\\tc") else { panic!() };
        assert_eq!(told.text, "a\nb\\n\tc");
        assert_eq!((told.code, told.trap.map(|trap| trap.code), told.truncated), (7, Some(9), true));
        let Record::Frame(frame) = Record::parse("frame\t3\t-\t1f\tf\t") else { panic!() };
        assert_eq!((frame.module_offset, frame.text_offset, frame.module_name), (None, Some(0x1f), None));
        assert_eq!(Record::parse("line\ta\\e\\nb\\r"), Record::Line("a\u{1e}\nb\r".into()));
        assert_eq!(Record::parse("what"), Record::Unknown("what".into()));
    }
}
