//! A library built again from its manifest: what it is built from, and whether the same came out.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use minplat_platform::Platform;
use serde_json::Value;

use crate::inputs::Digest;
use crate::job::{Done, Job};
use crate::manifest::hex;

/// A library that is to be built again.
#[derive(Debug)]
pub struct Original {
    /// What the user called its manifest.
    called: String,
    manifest: Value,
    /// The folder of its files, where the manifest lies as it was installed.
    prefix: Option<PathBuf>,
    /// Its platform, and what to call that: a shipped name, or the file beside the manifest.
    pub platform: (String, Platform),
}

impl Original {
    /// Reads a manifest, and the platform file beside it.
    ///
    /// # Errors
    /// One cannot be read, or is of another library.
    pub fn read(path: &Path) -> Result<Self> {
        let called = path.display().to_string();
        let text = fs::read(path)
            .with_context(|| format!("cannot read {called}; name the share/minplat/manifest.json of a library"))?;
        let manifest: Value = serde_json::from_slice(&text).with_context(|| format!("{called} is no JSON"))?;
        let (Some(name), Some(fingerprint)) = (manifest["platform"].as_str(), manifest["fingerprint"].as_str()) else {
            bail!(
                "{called} is no manifest of a library: it names no platform; name the share/minplat/manifest.json of one"
            )
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
        let prefix = path.canonicalize()?.ancestors().nth(3).map(Path::to_path_buf);
        let prefix = prefix.filter(|prefix| prefix.join("lib/libminplat.a").is_file());
        Ok(Self { called, manifest, prefix, platform })
    }

    /// Checks what can be checked before: the programs, and that the library's own files are what the manifest says.
    ///
    /// # Errors
    /// Something differs: what, and what to do.
    pub fn check(&self, job: &Job) -> Result<()> {
        let mut wrong = Vec::new();
        for (name, here) in job.programs() {
            let there = self.manifest["toolchain"][name].as_str().unwrap_or("unknown");
            if there != here {
                wrong.push(format!("{name}: it was {there}, and is {here}"));
            }
        }
        if !wrong.is_empty() {
            bail!(
                "{} was built by other programs, which may write other bytes; install those, or name them with --toolchain:\n  {}",
                self.called,
                wrong.join("\n  ")
            );
        }
        let files = self.manifest["files"].as_object().into_iter().flatten();
        for ((path, file), prefix) in files.zip(std::iter::repeat(&self.prefix)) {
            let Some(contents) = prefix.as_ref().and_then(|prefix| fs::read(prefix.join(path)).ok()) else { continue };
            if file["sha256"] != Digest::of(&contents).hex() {
                wrong.push(path.clone());
            }
        }
        if !wrong.is_empty() {
            bail!("these files are not what {} says; copy them again: {}", self.called, wrong.join(", "));
        }
        Ok(())
    }

    /// Compares what was built; how many files are the same.
    ///
    /// # Errors
    /// Something differs.
    pub fn compare(&self, done: &Done) -> Result<usize> {
        let mut differences = Vec::new();
        differ(&self.manifest, &done.manifest, String::new(), &mut differences);
        if differences.is_empty() {
            return Ok(self.manifest["files"].as_object().map_or(0, serde_json::Map::len));
        }
        bail!("the library is not reproduced; manifests differ:\n  {}", differences.join("\n  "))
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
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            for (n, (one, other)) in one.iter().zip(other).enumerate() {
                differ(one, other, within(&n.to_string()), differences);
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

    #[test]
    fn every_difference_is_found_and_named() {
        let one = json!({ "files": { "a": { "bytes": 1 }, "b": { "bytes": 2 } }, "flags": ["-O", "-g"], "x": 1 });
        let mut found = Vec::new();
        differ(&one, &one, String::new(), &mut found);
        assert!(found.is_empty(), "{found:?}");
        let other = json!({ "files": { "a": { "bytes": 3 }, "c": 4 }, "flags": ["-O", "-s"], "x": 1 });
        differ(&one, &other, String::new(), &mut found);
        assert_eq!(
            found,
            [
                "files > a > bytes: it was 1, and is 3",
                "files > b: it was {\"bytes\":2}, and is null",
                "files > c: it was null, and is 4",
                "flags > 1: it was \"-g\", and is \"-s\"",
            ]
        );
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
        fs::write(&path, json!({ "platform": "mine", "fingerprint": "00" }).to_string()).unwrap();
        refused("copy the library's platform.toml");
        let platform = Platform::load("x86_64-minplat", &[]).unwrap();
        fs::write(dir.path().join("platform.toml"), platform.to_named_toml()).unwrap();
        fs::write(&path, json!({ "platform": "x86_64-minplat", "fingerprint": "00" }).to_string()).unwrap();
        refused("the fingerprint 00");
        let right = json!({ "platform": "x86_64-minplat", "fingerprint": hex(&platform.fingerprint()) });
        fs::write(&path, right.to_string()).unwrap();
        assert_eq!(Original::read(&path).unwrap().platform.0, "x86_64-minplat");
    }
}
