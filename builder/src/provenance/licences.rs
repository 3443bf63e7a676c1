//! The licences of everything in the library as one text: a table, then each text once with those whose it is.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use spdx::{Expression, LicenseItem, ParseMode};

use super::parts::{Origin, Part};

/// Names of files with licences or notices, in lower case, as they begin.
const NAMES: &[&str] = &["license", "licence", "copying", "notice", "copyright", "unlicense"];

/// The text for the library of `platform`. `root` is the checkout, `toolchain` Rust's source, where it is on this machine.
///
/// # Errors
/// A file cannot be read, a licence is no SPDX expression, or one of its names has no text.
pub fn text(platform: &str, parts: &[Part], root: &Path, toolchain: &Path) -> Result<Vec<u8>> {
    // Each text, and the files that it stands in.
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut out = format!(
        "Licences of what is in the minplat library for {platform}.\n\n\
         The texts are those of the packages, each once. Where a package has none the text is SPDX's for the licence that it\n\
         names, which is said then. Of licences joined by OR any one may be chosen.\n\n"
    );
    for part in parts {
        let (name, version) = (&part.name, &part.version);
        let whose = match part.origin {
            Origin::Checkout => "minplat",
            Origin::Registry(_) => "crates.io",
            Origin::Toolchain => "Rust",
        };
        writeln!(out, "{name:26} {version:10} {whose:10} {}", part.license).expect("a String takes any text");
        let folder = match part.origin {
            Origin::Checkout => Some(root),
            _ => part.dir.as_deref(),
        };
        let mut found = folder.map_or_else(|| Ok(Vec::new()), files)?;
        let has_licence = !found.is_empty();
        if part.origin == Origin::Toolchain && toolchain.is_dir() {
            found.extend(files(toolchain)?);
        }
        for path in found {
            let text = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            let file = path.file_name().unwrap_or_default().to_string_lossy();
            let place = format!("{name} {version}: {file}");
            texts.entry(clean(&String::from_utf8_lossy(&text))).or_default().push(place);
        }
        if !has_licence {
            for (license, text) in named(part)? {
                let place = format!("{name} {version}: {license}, the text of SPDX (the package has none)");
                texts.entry(clean(text)).or_default().push(place);
            }
        }
    }
    // In the order of their first owners.
    let mut texts: Vec<_> = texts.into_iter().collect();
    texts.sort_by(|a, b| a.1.cmp(&b.1));
    for (text, places) in texts {
        out += &format!("\n{}\n", "=".repeat(100));
        out.extend(places.iter().map(|place| format!("{place}\n")));
        out += &format!("{}\n\n{text}\n", "-".repeat(100));
    }
    Ok(out.into_bytes())
}

/// Licence files right in a folder, and in its `LICENSES`.
fn files(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).with_context(|| format!("cannot read the folder {}", dir.display()))? {
        let path = entry.with_context(|| format!("cannot read the folder {}", dir.display()))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        let code = [".rs", ".toml", ".sh", ".py", ".json"].iter().any(|end| name.ends_with(end));
        if !NAMES.iter().any(|known| name.starts_with(known)) || code {
            continue;
        }
        if path.is_file() {
            found.push(path);
        } else if path.is_dir() && name.starts_with("licen") {
            let inside = fs::read_dir(&path).with_context(|| format!("cannot read the folder {}", path.display()))?;
            found.extend(inside.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.is_file()));
        }
    }
    found.sort();
    Ok(found)
}

/// The licences that a part names, with SPDX's texts.
fn named(part: &Part) -> Result<Vec<(String, &'static str)>> {
    let (name, license) = (&part.name, &part.license);
    let expression = Expression::parse_mode(license, ParseMode::LAX).map_err(|error| {
        anyhow::anyhow!("the licence of {name}, {license:?}, is no SPDX expression: {}", error.reason)
    })?;
    let mut texts = Vec::new();
    for wanted in expression.requirements() {
        let LicenseItem::Spdx { id, .. } = &wanted.req.license else {
            anyhow::bail!("{name} has a licence of its own, {}, and no file with it", wanted.req);
        };
        texts.push((id.name.to_string(), id.text()));
        if let Some(exception) = wanted.req.addition.as_ref().and_then(|addition| addition.id()) {
            texts.push((exception.name.to_string(), exception.text()));
        }
    }
    texts.sort();
    texts.dedup();
    Ok(texts)
}

/// Without what keeps equal texts from being equal: line ends, blanks at them, empty lines around.
fn clean(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(str::trim_end).collect();
    lines.join("\n").trim_matches('\n').to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(name: &str, license: &str, dir: &Path) -> Part {
        Part {
            name: name.into(),
            version: "1.0.0".into(),
            license: license.into(),
            features: Vec::new(),
            origin: Origin::Registry("00".into()),
            dir: Some(dir.into()),
            depends: Vec::new(),
        }
    }

    #[test]
    fn a_text_is_there_once_and_a_missing_one_comes_from_spdx() {
        let dir = tempfile::tempdir().unwrap();
        let none = Path::new("/nonexistent");
        for (name, file, text) in
            [("a", "LICENSE-MIT", "the text\r\n"), ("b", "license.md", "\nthe text  \n"), ("c", "x", "")]
        {
            fs::create_dir(dir.path().join(name)).unwrap();
            fs::write(dir.path().join(name).join(file), text).unwrap();
        }
        fs::write(dir.path().join("a/license.rs"), "no text").unwrap();
        let folder = |name: &str| dir.path().join(name);
        let parts = [
            part("a", "MIT", &folder("a")),
            part("b", "MIT", &folder("b")),
            part("c", "ISC OR Apache-2.0 WITH LLVM-exception", &folder("c")),
        ];
        let text = String::from_utf8(text("p", &parts, none, none).unwrap()).unwrap();
        assert_eq!(text.matches("the text\n").count(), 1, "{text}");
        assert!(text.contains("\na 1.0.0: LICENSE-MIT\nb 1.0.0: license.md\n---"), "{text}");
        assert!(!text.contains("no text"), "{text}");
        for spdx in
            ["c 1.0.0: ISC, the text of SPDX", "c 1.0.0: LLVM-exception, the text of SPDX", "c 1.0.0: Apache-2.0,"]
        {
            assert!(text.contains(spdx), "{spdx}");
        }
        assert!(text.contains("Permission to use, copy, modify"), "{text}");
    }

    #[test]
    fn a_licence_without_a_text_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        for license in ["LicenseRef-mine", "no such thing"] {
            let error = text("p", &[part("a", license, dir.path())], dir.path(), dir.path()).unwrap_err();
            assert!(error.to_string().contains('a'), "{error}");
        }
    }
}
