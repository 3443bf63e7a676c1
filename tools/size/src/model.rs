//! What a report consists of, as it is saved and read again.

use serde::{Deserialize, Serialize};

/// The layout of a saved report; it changes when a field changes its meaning.
pub(crate) const FORMAT: u32 = 1;

/// Who owns each byte of something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Report {
    /// The layout of this file.
    pub(crate) format: u32,
    /// What was looked at: a platform, a file.
    pub(crate) name: String,
    /// What that is, in a sentence's end.
    pub(crate) what: String,
    /// Whose the bytes are said to be.
    pub(crate) by: By,
    /// What an owner is called: a crate, or a kind of part.
    pub(crate) owner: String,
    /// Bytes of all sections.
    pub(crate) total: u64,
    /// Bytes that must be stored: code, constants, and the first values of variables.
    pub(crate) flash: u64,
    /// Bytes of memory from the start: variables.
    pub(crate) ram: u64,
    /// Sizes to look at beside: of the whole library, of the shared object.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) beside: Vec<Beside>,
    /// Sections, as they lie.
    pub(crate) sections: Vec<Section>,
    /// Every byte of them once, largest first.
    pub(crate) rows: Vec<Row>,
    /// How the rows were found, in sentences.
    pub(crate) method: Vec<String>,
}

/// Another size of the same thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Beside {
    /// Of what.
    pub(crate) what: String,
    /// Its bytes that are loaded.
    pub(crate) bytes: u64,
}

/// Two ways to say whose code is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum By {
    /// Each instruction's, by the innermost function that it was inlined from.
    #[default]
    Crate,
    /// A function's, as the linker sees it, with all that was inlined into it.
    Symbol,
}

/// What bytes are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Class {
    /// Instructions.
    Code,
    /// Data that is read only.
    Constants,
    /// Variables with a first value.
    Data,
    /// Variables that begin as zero.
    Zero,
    /// Room between parts.
    Padding,
}

impl Class {
    /// In the order of columns.
    pub(crate) const ALL: [Self; 5] = [Self::Code, Self::Constants, Self::Data, Self::Zero, Self::Padding];

    /// As a column's head.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Constants => "constants",
            Self::Data => "data",
            Self::Zero => "zero",
            Self::Padding => "padding",
        }
    }
}

/// A section.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Section {
    /// Its name; in an object, that of the section that a linker puts it into.
    pub(crate) name: String,
    /// What it is for.
    pub(crate) class: Class,
    /// Its bytes.
    pub(crate) bytes: u64,
    /// Bytes of it that are stored.
    pub(crate) flash: u64,
    /// Bytes of it that take memory from the start.
    pub(crate) ram: u64,
}

/// Bytes of one section that one function, or one other thing, owns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Row {
    /// The section.
    pub(crate) section: String,
    /// What they are for.
    pub(crate) class: Class,
    /// The crate; or in parentheses what stands for one.
    pub(crate) owner: String,
    /// The function, or the variable; generic arguments as `_`.
    pub(crate) item: String,
    /// How many instances of a generic, or how many parts.
    pub(crate) count: u64,
    /// All of them together.
    pub(crate) bytes: u64,
    /// Of what several own: those.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) users: Vec<String>,
}

/// The owner of room between parts.
pub(crate) const PADDING: &str = "(padding)";
/// The owner of what nothing is known of.
pub(crate) const UNATTRIBUTED: &str = "(unattributed)";
/// The owner of compiled modules that firmware carries.
pub(crate) const MODULES: &str = "(embedded modules)";
/// The owner of memory that a linker's script names, as stacks.
pub(crate) const SCRIPT: &str = "(linker script)";
/// The owner of code that the compiler took out of several functions.
pub(crate) const OUTLINED: &str = "(shared: outlined)";
/// The owner of functions that turned out equal, and are one.
pub(crate) const FOLDED: &str = "(shared: folded)";
/// The owner of constants that several crates use.
pub(crate) const SHARED: &str = "(shared: constants)";

impl Report {
    /// Owners with their bytes, by class and together; largest first.
    pub(crate) fn owners(&self) -> Vec<(String, [u64; Class::ALL.len()], u64)> {
        let mut all = std::collections::BTreeMap::<&str, [u64; Class::ALL.len()]>::new();
        for row in &self.rows {
            all.entry(&row.owner).or_default()[row.class as usize] += row.bytes;
        }
        let mut all: Vec<_> =
            all.into_iter().map(|(owner, classes)| (owner.to_string(), classes, classes.iter().sum())).collect();
        all.sort_by(|a: &(String, _, u64), b| b.2.cmp(&a.2).then_with(|| a.0.cmp(&b.0)));
        all
    }
}
