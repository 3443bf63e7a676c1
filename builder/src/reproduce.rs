//! A library built again from its manifest: what it is built from, and whether the same came out.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use minplat_platform::Platform;
use serde_json::{Map, Value};

use crate::inputs::Digest;
use crate::job::MANIFEST;
use crate::manifest::hex;

/// A library that is to be built again.
#[derive(Debug)]
pub struct Original {
    /// What the user called its manifest.
    called: String,
    manifest: Value,
    /// The folder of its files, where the manifest lies in one.
    pub prefix: Option<PathBuf>,
    /// Its platform, and what to call that: a shipped name, or the file beside the manifest.
    pub platform: (String, Platform),
}

/// What a comparison came to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// How many files are the same.
    pub same: usize,
    /// Files that differ, or that only one of the two has.
    pub files: Vec<String>,
    /// What else the manifests differ in: what was measured, and how.
    pub facts: Vec<String>,
}

impl Original {
    /// Reads a manifest, and the platform file beside it.
    ///
    /// # Errors
    /// One cannot be read, or is of another library.
    pub fn read(path: &Path) -> Result<Self> {
        let called = path.display().to_string();
        let text = fs::read(path).with_context(|| format!("cannot read {called}; name the {MANIFEST} of a library"))?;
        let manifest: Value = serde_json::from_slice(&text).with_context(|| format!("{called} is no JSON"))?;
        let (Some(name), Some(fingerprint), Some(_)) =
            (manifest["platform"].as_str(), manifest["fingerprint"].as_str(), manifest["files"].as_object())
        else {
            bail!("{called} is no manifest of a library: it names no platform or no files; name the {MANIFEST} of one")
        };
        let beside = path.with_file_name("platform.toml");
        let text = fs::read_to_string(&beside).with_context(|| {
            format!("cannot read {}; copy the library's platform.toml beside its manifest", beside.display())
        })?;
        let shipped = Platform::load(name, &[]).ok().filter(|platform| platform.to_named_toml() == text);
        let platform = match shipped {
            Some(platform) => (name.to_string(), platform),
            None => {
                let file = beside.display().to_string();
                let platform = Platform::load(&file, &[])?;
                (file, platform)
            }
        };
        let found = hex(&platform.1.fingerprint());
        if found != fingerprint {
            bail!(
                "{called} is of a library with the fingerprint {fingerprint}, and this minplat gives {found} to {}: build with the \
                 minplat and the platform file that it was built with",
                beside.display()
            );
        }
        let whole = path.canonicalize().with_context(|| format!("cannot tell where {called} lies"))?;
        let prefix = whole.ends_with(MANIFEST).then(|| whole.ancestors().nth(3).map(Path::to_path_buf)).flatten();
        Ok(Self { called, manifest, prefix, platform })
    }

    /// Checks what can be checked before: that the same programs are here, and that the library's own files are what the
    /// manifest says.
    ///
    /// # Errors
    /// Something differs: what, and what to do.
    pub fn check(&self, programs: &BTreeMap<&'static str, String>) -> Result<()> {
        let there = |name: &str| self.manifest["toolchain"][name].as_str().unwrap_or("unknown");
        let other = programs.iter().filter(|(name, here)| there(name) != here.as_str());
        let other: Vec<_> =
            other.map(|(name, here)| format!("{name}: it was {}, and is {here}", there(name))).collect();
        if !other.is_empty() {
            bail!(
                "{} was built by other programs, which may write other bytes; install those, or name them with --toolchain:\n  {}",
                self.called,
                other.join("\n  ")
            );
        }
        let Some(prefix) = &self.prefix else { return Ok(()) };
        let is_same = |path: &str, file: &Value| {
            fs::read(prefix.join(path)).is_ok_and(|contents| file["sha256"] == Digest::of(&contents).hex().as_str())
        };
        let files = self.files().iter().filter(|(path, file)| !is_same(path, file));
        let wrong: Vec<_> = files.map(|(path, _)| path.as_str()).collect();
        if !wrong.is_empty() {
            bail!(
                "these files of {} are missing, or not what {} says; copy the library again: {}",
                prefix.display(),
                self.called,
                wrong.join(", ")
            );
        }
        Ok(())
    }

    /// Compares with the manifest of what was built.
    pub fn compare(&self, built: &Value) -> Comparison {
        let mut comparison = Comparison::default();
        let none = Map::new();
        let (before, now) = (self.files(), built["files"].as_object().unwrap_or(&none));
        for (path, file) in before {
            match now.get(path) {
                Some(other) if other == file => comparison.same += 1,
                Some(other) => comparison.files.push(format!("{path}: it was {file}, and is {other}")),
                None => comparison.files.push(format!("{path} is not built any more")),
            }
        }
        let more = now.keys().filter(|path| !before.contains_key(*path));
        comparison.files.extend(more.map(|path| format!("{path} is new")));
        let without = |manifest: &Value| {
            let mut facts = manifest.clone();
            facts.as_object_mut().map(|facts| facts.remove("files"));
            facts
        };
        differ(&without(&self.manifest), &without(built), String::new(), &mut comparison.facts);
        comparison
    }

    fn files(&self) -> &Map<String, Value> {
        self.manifest["files"].as_object().expect("it was there when it was read")
    }
}

/// Lists where two values differ, by the names on the way.
fn differ(one: &Value, other: &Value, at: String, differences: &mut Vec<String>) {
    let within = |name: &str| if at.is_empty() { name.to_string() } else { format!("{at} > {name}") };
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            for (name, value) in one {
                differ(value, other.get(name).unwrap_or(&Value::Null), within(name), differences);
            }
            let more = other.iter().filter(|(name, _)| !one.contains_key(*name));
            more.for_each(|(name, value)| differ(&Value::Null, value, within(name), differences));
        }
        (Value::Array(one), Value::Array(other)) => {
            for n in 0..one.len().max(other.len()) {
                let item = |all: &[Value]| all.get(n).cloned().unwrap_or(Value::Null);
                differ(&item(one), &item(other), within(&n.to_string()), differences);
            }
        }
        (one, other) if one == other => {}
        (one, other) => differences.push(format!("{at}: it was {one}, and is {other}")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn original(manifest: Value, prefix: Option<&Path>) -> Original {
        let platform = ("x86_64-minplat".to_string(), Platform::load("x86_64-minplat", &[]).unwrap());
        Original { called: "manifest.json".into(), manifest, prefix: prefix.map(Path::to_path_buf), platform }
    }

    #[test]
    fn files_and_facts_are_told_apart() {
        let one = json!({ "files": { "a": { "bytes": 1 }, "b": { "bytes": 2 } }, "flags": ["-O", "-g"], "x": 1 });
        let same = Comparison { same: 2, ..Comparison::default() };
        assert_eq!(original(one.clone(), None).compare(&one), same);
        let other = json!({ "files": { "a": { "bytes": 3 }, "c": 4 }, "flags": ["-O", "-g", "-s"], "y": 1 });
        let Comparison { same, files, facts } = original(one, None).compare(&other);
        assert_eq!(same, 0);
        assert_eq!(files, ["a: it was {\"bytes\":1}, and is {\"bytes\":3}", "b is not built any more", "c is new"]);
        assert_eq!(
            facts,
            ["flags > 2: it was null, and is \"-s\"", "x: it was 1, and is null", "y: it was null, and is 1"]
        );
    }

    #[test]
    fn other_programs_and_damaged_files_are_found_before() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a"), "text").unwrap();
        let files = json!({ "a": { "sha256": Digest::of(b"text").hex() } });
        let library = original(json!({ "toolchain": { "rustc": "1" }, "files": files }), Some(dir.path()));
        let programs = |rustc: &str| BTreeMap::from([("rustc", rustc.to_string())]);
        library.check(&programs("1")).unwrap();
        let said = library.check(&programs("2")).unwrap_err().to_string();
        assert!(said.contains("rustc: it was 1, and is 2"), "{said}");
        for damage in [Some("other"), None] {
            fs::remove_file(dir.path().join("a")).unwrap();
            damage.iter().for_each(|text| fs::write(dir.path().join("a"), text).unwrap());
            let said = library.check(&programs("1")).unwrap_err().to_string();
            assert!(said.contains("copy the library again: a"), "{said}");
        }
    }

    #[test]
    fn what_is_no_library_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("manifest.json");
        let refused = |word: &str| {
            let error = format!("{:#}", Original::read(&path).unwrap_err());
            assert!(error.contains(word), "{word}: {error}");
        };
        refused("cannot read");
        fs::write(&path, "{").unwrap();
        refused("is no JSON");
        fs::write(&path, "{}").unwrap();
        refused("names no platform");
        let manifest = |fingerprint: &str| {
            let manifest = json!({ "platform": "x86_64-minplat", "fingerprint": fingerprint, "files": {} });
            fs::write(&path, manifest.to_string()).unwrap();
        };
        manifest("00");
        refused("copy the library's platform.toml");
        let platform = Platform::load("x86_64-minplat", &[]).unwrap();
        fs::write(dir.path().join("platform.toml"), platform.to_named_toml()).unwrap();
        refused("the fingerprint 00");
        manifest(&hex(&platform.fingerprint()));
        let library = Original::read(&path).unwrap();
        assert_eq!((library.platform.0.as_str(), library.prefix), ("x86_64-minplat", None));
    }
}
