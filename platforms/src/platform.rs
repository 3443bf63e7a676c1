//! A platform: a file that was read, completed and checked.

use std::format;
use std::path::PathBuf;
use std::string::{String, ToString};
use std::vec::Vec;

use target_lexicon::Triple;

use crate::check;
use crate::file::{self, Given, Layers};
use crate::float_abi;
use crate::keys::{Fallback, KEYS, TABLES};
use crate::problem::{Problem, Problems};
use crate::resolve::{self, Values};
use crate::settings::Settings;
use crate::target::RustTarget;

/// The platform of a user who does not name one.
pub const DEFAULT: &str = "x86_64-minplat";

/// A checked, resolved platform.
#[derive(Clone, Debug)]
pub struct Platform {
    name: String,
    summary: String,
    pub(crate) values: Values,
    settings: Settings,
    target: RustTarget,
    pub(crate) triple: Triple,
    files: Vec<PathBuf>,
}

impl Platform {
    /// Loads a platform by shipped name or by the path of its file; `sets` are `key=value` on top.
    ///
    /// # Errors
    /// Everything that is wrong, at once: unknown keys, values that do not fit, combinations that cannot work.
    pub fn load(name_or_path: &str, sets: &[String]) -> Result<Self, Problems> {
        let (name, layers) = file::read(name_or_path, sets)?;
        let missing: Vec<_> = KEYS
            .iter()
            .filter(|k| matches!(k.default, Fallback::Required) && !layers.values.contains_key(k.path.as_str()))
            .map(|k| Problem {
                file: name_or_path.to_string(),
                line: None,
                key: Some(k.path.clone()),
                what: "it is missing".into(),
                remedy: format!("give it, or extend a platform that does, as in extends = \"{DEFAULT}\""),
            })
            .collect();
        if !missing.is_empty() {
            return Err(Problems(missing));
        }
        Self::resolve(name, layers)
    }

    fn resolve(name: String, layers: Layers) -> Result<Self, Problems> {
        let origin = |key: &str| layers.values.get(key);
        let problem = |key: &str, what: String, remedy: &str| {
            let given = origin(key);
            Problem {
                file: given.map_or_else(|| name.clone(), |g| g.file.clone()),
                line: given.and_then(|g| g.line),
                key: Some(key.to_string()),
                what,
                remedy: remedy.to_string(),
            }
        };
        let values = Values::complete(layers.values.iter().map(|(k, g)| (*k, g.value.clone())).collect());
        let dir = origin("target.rust").and_then(|g: &Given| g.dir.as_deref());
        let target = RustTarget::read(values.text("target.rust"), dir)
            .map_err(|(what, remedy)| problem("target.rust", what, &remedy))?;
        let (triple, arch) = target.parse().map_err(|(what, remedy)| problem("target.rust", what, &remedy))?;
        let cpu = resolve::cpu(values.list("target.cpu"), arch).map_err(|bad| {
            let names = resolve::cpu_names(arch).join(", ");
            let known = if names.is_empty() { "leave it out".into() } else { format!("{} has: {names}", arch.name()) };
            problem("target.cpu", format!("\"{bad}\" is no CPU feature of {}", arch.name()), &known)
        })?;
        let settings = resolve::settings(&values, arch, float_abi::is_soft(&target, arch), cpu);
        let found = check::findings(&settings);
        // A key that only follows another is not the one to mend, where the other is told too.
        let any_given = found.iter().any(|(key, ..)| origin(key).is_some());
        let problems: Vec<_> = found
            .into_iter()
            .filter(|(key, ..)| !any_given || origin(key).is_some())
            .map(|(key, what, remedy)| problem(key, what, remedy))
            .collect();
        if !problems.is_empty() {
            return Err(Problems(problems));
        }
        Ok(Self { name, summary: layers.summary, values, settings, target, triple, files: layers.files })
    }

    /// The names of the platforms that come with minplat, the default first.
    pub fn shipped() -> impl Iterator<Item = &'static str> {
        crate::shipped::PLATFORMS.iter().map(|(name, _)| *name)
    }

    /// The file's `name` or else its stem, followed by `+key=value` for each `--set`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the machine is, in a sentence.
    pub fn summary(&self) -> &str {
        &self.summary
    }

    /// What both sides read.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What the library is built for.
    pub fn rust_target(&self) -> &RustTarget {
        &self.target
    }

    /// The files that were read for it, the named one first; none for a shipped platform. For depfiles.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// A key's value as text, where it has one.
    pub fn value(&self, key: &str) -> Option<String> {
        self.values.find(key).map(ToString::to_string)
    }

    /// [`Self::to_toml`] with the name in it, for a file that is called something else.
    pub fn to_named_toml(&self) -> String {
        format!("name = {}\n{}", toml::Value::String(self.name.clone()), self.to_toml())
    }

    /// The whole platform as one file that extends nothing: every key, defaults included. Read back it is the same
    /// platform; a target's JSON that is not shipped has to lie beside it.
    pub fn to_toml(&self) -> String {
        let mut out = format!("summary = {}\n", toml::Value::String(self.summary.clone()));
        for (table, doc) in TABLES {
            out += &format!("\n[{table}] # {doc}\n");
            let keys = KEYS.iter().filter(|k| k.path.split('.').next() == Some(*table));
            for key in keys {
                let Some(value) = self.values.find(&key.path) else { continue };
                let short = &key.path[table.len() + 1..];
                let value = match (&self.target, key.path.as_str()) {
                    // The JSON file stands beside the resolved platform.
                    (RustTarget::Json { file_name, .. }, "target.rust") => {
                        crate::value::Value::Text(file_name.clone()).to_toml()
                    }
                    _ => value.to_toml(),
                };
                out += &format!("{short} = {value}\n");
            }
        }
        out
    }
}
