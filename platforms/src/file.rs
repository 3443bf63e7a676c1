//! Reading a platform file: TOML with line numbers, `extends`, and `--set`.

use std::borrow::ToOwned;
use std::collections::BTreeMap;
use std::format;
use std::path::{Path, PathBuf};
use std::string::{String, ToString};
use std::vec::Vec;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::keys::{self, KEYS};
use crate::problem::{Problem, Problems};
use crate::value::Value;

/// A value, and who gave it.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    pub(crate) value: Value,
    pub(crate) file: String,
    pub(crate) line: Option<usize>,
    /// The folder that paths in the file start from; none in a shipped file.
    pub(crate) dir: Option<PathBuf>,
}

/// What a chain of files and `--set` gives.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layers {
    /// What the outermost file calls itself; none: its stem.
    pub(crate) name: Option<String>,
    pub(crate) summary: String,
    pub(crate) values: BTreeMap<&'static str, Given>,
    /// Every file that was read, outermost first.
    pub(crate) files: Vec<PathBuf>,
}

/// Where a platform file is.
enum Source {
    Shipped(&'static str, &'static str),
    File(PathBuf),
}

impl Source {
    /// A shipped name, or a path (from `dir`, where one is given).
    fn find(name: &str, dir: Option<&Path>) -> Option<Self> {
        if let Some((name, text)) = crate::shipped::PLATFORMS.iter().find(|(n, _)| *n == name) {
            return Some(Self::Shipped(name, text));
        }
        let path = dir.map_or_else(|| PathBuf::from(name), |d| d.join(name));
        (name.ends_with(".toml") || path.is_file()).then_some(Self::File(path))
    }

    fn label(&self) -> String {
        match self {
            Self::Shipped(name, _) => format!("platforms/{name}.toml"),
            Self::File(path) => path.display().to_string(),
        }
    }
}

fn unknown(name: &str, file: String, line: Option<usize>) -> Problem {
    let names = crate::shipped::PLATFORMS.iter().map(|(n, _)| *n);
    let own = format!("{name}.toml");
    let near = if Path::new(&own).is_file() { Some(own) } else { nearest(name, names.clone()).map(str::to_owned) };
    let near = near.map_or(String::new(), |n| format!(" (did you mean {n}?)"));
    Problem {
        file,
        line,
        key: None,
        what: format!("there is no platform called \"{name}\"{near}"),
        remedy: format!("give the path of a .toml file, or one of: {}", names.collect::<Vec<_>>().join(", ")),
    }
}

/// The name of a changed platform, `x+key=value+key=value`, taken apart again. A `+` inside a value stays there: what follows it
/// has no `=`.
fn taken_apart(name: &str) -> Option<(Source, Vec<String>)> {
    let (base, changes) = name.split_once('+')?;
    let mut sets: Vec<String> = Vec::new();
    for part in changes.split('+') {
        match sets.last_mut() {
            Some(last) if !part.contains('=') => *last = format!("{last}+{part}"),
            _ => sets.push(part.to_owned()),
        }
    }
    Some((Source::find(base, None)?, sets))
}

/// Reads a platform by name or path, with everything that it extends, then applies `sets`.
pub(crate) fn read(name: &str, sets: &[String]) -> Result<(String, Layers), Problems> {
    let found = Source::find(name, None).map(|source| (source, Vec::new())).or_else(|| taken_apart(name));
    let (source, mut all) = found.ok_or_else(|| unknown(name, "--platform".into(), None))?;
    all.extend_from_slice(sets);
    let stem = match &source {
        Source::Shipped(name, _) => (*name).to_owned(),
        Source::File(path) => path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
    };
    let mut layers = Layers::default();
    let mut problems = Vec::new();
    read_chain(source, &mut layers, &mut problems, 0);
    let mut full_name = layers.name.clone().unwrap_or(stem);
    if !all.is_empty() {
        drop_budgets(&mut layers);
    }
    for set in &all {
        match read_set(set) {
            Ok((key, given)) => {
                full_name = format!("{full_name}+{key}={}", given.value);
                layers.values.insert(key, given);
            }
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Ok((full_name, layers)) } else { Err(Problems(problems)) }
}

/// A budget is of the platform whose file gives it: what is made from that one, by `extends` or `--set`, has another size.
fn drop_budgets(layers: &mut Layers) {
    layers.values.retain(|key, _| !key.starts_with("budget."));
}

const DEEPEST: usize = 16;

/// Reads one file after what it extends, so that its own values win.
fn read_chain(source: Source, layers: &mut Layers, problems: &mut Vec<Problem>, depth: usize) {
    let file = source.label();
    let (text, dir) = match &source {
        Source::Shipped(_, text) => ((*text).to_owned(), None),
        Source::File(path) => match std::fs::read_to_string(path) {
            Ok(text) => (text, Some(path.parent().unwrap_or(Path::new("")).to_path_buf())),
            Err(e) => {
                problems.push(Problem {
                    file,
                    line: None,
                    key: None,
                    what: format!("cannot read the platform file: {e}"),
                    remedy: "give the path of a readable .toml file, or a shipped name (--list-platforms)".into(),
                });
                return;
            }
        },
    };
    if let Source::File(path) = source {
        layers.files.push(path);
    }
    let line_of = |at: usize| Some(text[..at].matches('\n').count() + 1);
    let problem = |at: Option<usize>, key: Option<&str>, what: String, remedy: String| Problem {
        file: file.clone(),
        line: at.and_then(line_of),
        key: key.map(ToOwned::to_owned),
        what,
        remedy,
    };
    let table = match DeTable::parse(&text) {
        Ok(table) => table,
        Err(e) => {
            let at = e.span().map(|s| s.start);
            let what = format!("not TOML: {}", e.message());
            problems.push(problem(at, None, what, "mend the syntax at that line".into()));
            return;
        }
    };
    let table = table.get_ref();
    let mut own = Vec::new();
    let mut summary = None;
    for (name, value) in table {
        let at = Some(name.span().start);
        match (name.get_ref().as_ref(), value.get_ref()) {
            ("summary", DeValue::String(text)) => summary = Some(text.to_string()),
            ("name", DeValue::String(text)) if text.is_empty() || text.contains(char::is_control) => {
                let what = "a platform's name is a word that can be shown, not empty, on one line".into();
                problems.push(problem(at, Some("name"), what, "leave it out: then the file's stem is the name".into()));
            }
            // A name is not inherited.
            ("name", DeValue::String(text)) => {
                if depth == 0 {
                    layers.name = Some(text.to_string());
                }
            }
            ("extends", DeValue::String(base)) => {
                let found = Source::find(base, dir.as_deref());
                match found {
                    _ if depth == DEEPEST => problems.push(problem(
                        at,
                        Some("extends"),
                        format!("the chain of `extends` is longer than {DEEPEST} files: it runs in a circle"),
                        "let one of the files extend nothing".into(),
                    )),
                    Some(found) => read_chain(found, layers, problems, depth + 1),
                    None => problems.push(Problem {
                        key: Some("extends".into()),
                        ..unknown(base, file.clone(), at.and_then(line_of))
                    }),
                }
            }
            ("summary" | "extends" | "name", _) => problems.push(problem(
                at,
                Some(name.get_ref()),
                "takes a text".into(),
                "write it in double quotes".into(),
            )),
            (table_name, DeValue::Table(entries)) if keys::TABLES.iter().any(|(t, _)| *t == table_name) => {
                own.extend(entries.iter().map(|(key, value)| (format!("{table_name}.{}", key.get_ref()), key, value)));
            }
            (other, _) => {
                let names = keys::TABLES.iter().map(|(t, _)| *t).chain(["summary", "extends", "name"]);
                problems.push(problem(at, Some(other), "no such table or key".into(), suggestion(other, names)));
            }
        }
    }
    if let Some(summary) = summary {
        layers.summary = summary;
    }
    // Only what it extends has been read so far.
    drop_budgets(layers);
    for (path, key, value) in own {
        let at = key_at(key);
        let Some(known) = keys::find(&path) else {
            problems.push(problem(at, Some(&path), "no such key".into(), key_remedy(&path)));
            continue;
        };
        match known.kind.from_toml(value.get_ref()) {
            Some(value) => {
                let line = at.and_then(line_of);
                layers.values.insert(&known.path, Given { value, file: file.clone(), line, dir: dir.clone() });
            }
            None => problems.push(problem(
                at,
                Some(&path),
                format!("the value {} does not fit", text[value.span()].trim()),
                format!("give {}", known.kind.describe()),
            )),
        }
    }
}

fn key_at<T>(key: &Spanned<T>) -> Option<usize> {
    Some(key.span().start)
}

/// Reads one `--set key=value`.
fn read_set(set: &str) -> Result<(&'static str, Given), Problem> {
    let problem = |key: Option<&str>, what: String, remedy: String| Problem {
        file: format!("--set {set}"),
        line: None,
        key: key.map(ToOwned::to_owned),
        what,
        remedy,
    };
    let Some((path, text)) = set.split_once('=') else {
        return Err(problem(None, "no `=` in it".into(), "write --set table.key=value".into()));
    };
    let Some(key) = keys::find(path) else {
        return Err(problem(Some(path), "no such key".into(), key_remedy(path)));
    };
    let Some(value) = key.kind.parse(text) else {
        return Err(problem(
            Some(path),
            format!("the value \"{text}\" does not fit"),
            format!("give {}", key.kind.describe()),
        ));
    };
    let dir = std::env::current_dir().ok();
    Ok((&key.path, Given { value, file: format!("--set {set}"), line: None, dir }))
}

/// What to say of a key that does not exist; a wasm feature that the device runtime cannot have is told apart.
fn key_remedy(path: &str) -> String {
    match path {
        "wasm.threads" | "wasm.shared-everything-threads" | "wasm.stack-switching" => {
            "leave it out: Wasmtime's runtime needs std for it, and a device has none".into()
        }
        "wasm.externref" => "set runtime.gc = true: externref is a garbage-collected type".into(),
        _ => suggestion(path, KEYS.iter().map(|k| k.path.as_str())),
    }
}

fn suggestion<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> String {
    match nearest(name, names) {
        Some(near) => format!("did you mean {near}? (docs/platform-keys.md lists all keys)"),
        None => "take it out, or see docs/platform-keys.md for all keys".to_string(),
    }
}

fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    names
        .map(|n| (strsim::jaro_winkler(name, n), n))
        .filter(|(score, _)| *score > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, n)| n)
}
