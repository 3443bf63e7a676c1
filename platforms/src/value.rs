//! The values of keys: parsing them from a file or from `--set`, and printing them.

use std::fmt;
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

/// A value of some [`Kind`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `true` or `false`.
    Bool(bool),
    /// A number of bytes.
    Bytes(u64),
    /// A text, or one of several choices.
    Text(String),
    /// Several texts.
    List(Vec<String>),
}

/// What a key takes.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// `true` or `false`.
    Bool,
    /// A size: an integer, or a text such as `"64 KiB"`.
    Bytes,
    /// Any text.
    Text,
    /// One of these texts.
    Choice(&'static [&'static str]),
    /// A list of texts; with `--set`, separated by commas.
    List,
}

const UNITS: [(&str, u32); 4] = [("KiB", 10), ("MiB", 20), ("GiB", 30), ("TiB", 40)];

impl Kind {
    /// What the key takes, for messages and the reference page.
    pub fn describe(self) -> String {
        match self {
            Kind::Bool => "true or false".into(),
            Kind::Bytes => "bytes: an integer, or a text such as \"64 KiB\"".into(),
            Kind::Text => "a text".into(),
            Kind::Choice(names) => {
                let names: Vec<_> = names.iter().map(|n| format!("\"{n}\"")).collect();
                format!("one of {}", names.join(", "))
            }
            Kind::List => "a list of texts".into(),
        }
    }

    /// A value from the text of `--set key=text`, or from a text in a file.
    pub fn parse(self, text: &str) -> Option<Value> {
        match self {
            Kind::Bool => text.parse().ok().map(Value::Bool),
            Kind::Bytes => parse_bytes(text).map(Value::Bytes),
            Kind::Text => Some(Value::Text(text.into())),
            Kind::Choice(names) => names.contains(&text).then(|| Value::Text(text.into())),
            Kind::List => Some(Value::List(
                text.split(',').map(str::trim).filter(|t| !t.is_empty()).map(str::to_string).collect(),
            )),
        }
    }

    /// A value from a TOML value.
    pub fn from_toml(self, value: &toml::de::DeValue<'_>) -> Option<Value> {
        use toml::de::DeValue;
        match (self, value) {
            (Kind::Bool, DeValue::Boolean(b)) => Some(Value::Bool(*b)),
            (Kind::Bytes, DeValue::Integer(i)) => u64::from_str_radix(i.as_str(), i.radix()).ok().map(Value::Bytes),
            (Kind::Bytes | Kind::Text | Kind::Choice(_), DeValue::String(s)) => self.parse(s),
            (Kind::List, DeValue::Array(items)) => items
                .iter()
                .map(|item| match item.get_ref() {
                    DeValue::String(s) => Some(s.to_string()),
                    _ => None,
                })
                .collect::<Option<_>>()
                .map(Value::List),
            _ => None,
        }
    }
}

/// Bytes from `"4096"`, `"64 KiB"`, `"4GiB"`.
fn parse_bytes(text: &str) -> Option<u64> {
    let text = text.trim();
    for (unit, shift) in UNITS {
        if let Some(number) = text.strip_suffix(unit) {
            let number: u64 = number.trim().parse().ok()?;
            return number.checked_mul(1 << shift);
        }
    }
    text.parse().ok()
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Bool(b) => write!(f, "{b}"),
            Value::Text(t) => f.write_str(t),
            Value::List(items) => f.write_str(&items.join(",")),
            Value::Bytes(0) => f.write_str("0"),
            Value::Bytes(n) => {
                let best = UNITS.iter().rev().find(|(_, shift)| n % (1 << shift) == 0);
                match best {
                    Some((unit, shift)) => write!(f, "{} {unit}", n >> shift),
                    None => write!(f, "{n}"),
                }
            }
        }
    }
}

impl Value {
    /// The value as TOML writes it.
    pub fn to_toml(&self) -> String {
        let quote = |text: &str| toml::Value::String(text.to_string()).to_string();
        match self {
            Value::Bool(b) => b.to_string(),
            Value::Bytes(_) => quote(&self.to_string()),
            Value::Text(t) => quote(t),
            Value::List(items) => {
                let items: Vec<_> = items.iter().map(|i| quote(i)).collect();
                format!("[{}]", items.join(", "))
            }
        }
    }
}
