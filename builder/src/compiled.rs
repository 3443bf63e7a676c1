//! What Cargo compiled for the device, as it tells itself: the packages, those of the standard library too, and where their
//! sources lie.

use std::path::{Path, PathBuf};

use serde_json::Value;

/// A package that was compiled for the device.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Compiled {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The folder with its `Cargo.toml`.
    pub dir: PathBuf,
}

/// Reads Cargo's messages, an object a line: libraries whose files went below `output`. Macros and build scripts go elsewhere.
pub fn parse(messages: &str, output: &Path) -> Vec<Compiled> {
    let mut all: Vec<_> = messages.lines().filter_map(|line| compiled(line, output)).collect();
    all.sort();
    all.dedup();
    all
}

fn compiled(line: &str, output: &Path) -> Option<Compiled> {
    let message: Value = serde_json::from_str(line).ok()?;
    let files = message["filenames"].as_array().filter(|_| message["reason"] == "compiler-artifact")?;
    if !files.iter().any(|file| file.as_str().is_some_and(|file| Path::new(file).starts_with(output))) {
        return None;
    }
    // `registry+URL#name@version`, or `path+file:///folder#version` where the folder has the package's name.
    let (place, rest) = message["package_id"].as_str()?.split_once('#')?;
    let (name, version) = match rest.rsplit_once('@') {
        Some((name, version)) => (name, version),
        None => (place.rsplit('/').next()?, rest),
    };
    let dir = Path::new(message["manifest_path"].as_str()?).parent()?.to_path_buf();
    Some(Compiled { name: name.into(), version: version.into(), dir })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_of_the_device_are_read_by_either_kind_of_name() {
        let message = |id: &str, manifest: &str, file: &str| {
            serde_json::json!({ "reason": "compiler-artifact", "package_id": id, "manifest_path": manifest,
                "filenames": [file] })
            .to_string()
        };
        let text = [
            message("registry+https://crates#cobs@0.3.0", "/r/cobs/Cargo.toml", "/t/x/release/deps/libcobs.rlib"),
            message(
                "path+file:///s/library/core#0.0.0",
                "/s/library/core/Cargo.toml",
                "/t/x/release/deps/libcore.rlib",
            ),
            message(
                "path+file:///s/library/core#0.0.0",
                "/s/library/core/Cargo.toml",
                "/t/x/release/deps/libcore.rlib",
            ),
            message("registry+https://crates#syn@2.0.0", "/r/syn/Cargo.toml", "/t/release/deps/libsyn.rlib"),
            r#"{"reason":"build-finished","success":true}"#.into(),
            "no JSON".into(),
        ]
        .join("\n");
        let one = |name: &str, version: &str, dir: &str| Compiled {
            name: name.into(),
            version: version.into(),
            dir: dir.into(),
        };
        let wanted = [one("cobs", "0.3.0", "/r/cobs"), one("core", "0.0.0", "/s/library/core")];
        assert_eq!(parse(&text, Path::new("/t/x/release")), wanted);
    }
}
