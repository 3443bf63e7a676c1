//! What lets other people's builds find the library: the CMake package and the pkg-config file.
//!
//! The texts lie in `embedding/capi/package/`. Those that end in `.in` have places for what a platform decides, `@NAME@`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use minplat_platform::Platform;

use crate::manifest::hex;

/// Each text and where it goes in the prefix.
const FILES: &[(&str, &str)] = &[
    ("minplatConfig.cmake.in", "lib/cmake/minplat/minplatConfig.cmake"),
    ("minplatConfigVersion.cmake.in", "lib/cmake/minplat/minplatConfigVersion.cmake"),
    ("minplatAddModule.cmake", "lib/cmake/minplat/minplatAddModule.cmake"),
    ("minplat.pc.in", "lib/pkgconfig/minplat.pc"),
];

/// The files of the packages, as paths in the prefix and contents. `texts` is the folder with the texts, `version` minplat's.
///
/// # Errors
/// A text cannot be read, or has a place for something that is not known.
pub fn files(texts: &Path, platform: &Platform, version: &str) -> Result<BTreeMap<String, Vec<u8>>> {
    let bytes = platform.pointer_bytes();
    let values = [
        ("PLATFORM", platform.name().to_string()),
        ("FINGERPRINT", hex(&platform.fingerprint())),
        ("CODE", platform.settings().code.name().to_string()),
        ("RUST_TARGET", platform.rust_target().triple().to_string()),
        ("IN_PLACE_ALIGNMENT", platform.in_place_alignment().to_string()),
        ("POINTER_BYTES", bytes.to_string()),
        ("POINTER_BITS", (bytes * 8).to_string()),
        ("VERSION", version.to_string()),
    ];
    let mut files = BTreeMap::new();
    for (name, path) in FILES {
        let from = texts.join(name);
        let mut text = fs::read_to_string(&from).with_context(|| format!("cannot read {}", from.display()))?;
        if name.ends_with(".in") {
            text = filled(&text, &values).with_context(|| format!("{} is not as it should be", from.display()))?;
        }
        files.insert((*path).to_string(), text.into_bytes());
    }
    Ok(files)
}

/// A text with its places filled.
fn filled(text: &str, values: &[(&str, String)]) -> Result<String> {
    let mut parts = text.split('@');
    let mut out = parts.next().unwrap_or_default().to_string();
    loop {
        match (parts.next(), parts.next()) {
            (None, _) => return Ok(out),
            (Some(name), Some(rest)) => match values.iter().find(|(known, _)| *known == name) {
                Some((_, value)) => out = out + value + rest,
                None => bail!("there is nothing to put for @{name}@"),
            },
            (Some(rest), None) => bail!("an @ without a second one, before {rest:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_and_unknown_ones_refused() {
        let values = [("A", "1".to_string()), ("B", "2".to_string())];
        assert_eq!(filled("x@A@y@B@", &values).unwrap(), "x1y2");
        assert!(filled("@C@", &values).unwrap_err().to_string().contains("@C@"));
        assert!(filled("a@b", &values).is_err());
    }

    #[test]
    fn every_shipped_platform_has_whole_files() {
        let texts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../embedding/capi/package");
        for name in Platform::shipped() {
            let platform = Platform::load(name, &[]).unwrap();
            let files = files(&texts, &platform, "1.2.3").unwrap();
            let text = |path: &str| String::from_utf8(files[path].clone()).unwrap();
            assert!(text("lib/cmake/minplat/minplatConfig.cmake").contains(&hex(&platform.fingerprint())), "{name}");
            assert!(text("lib/cmake/minplat/minplatConfigVersion.cmake").contains("\"1.2.3\""), "{name}");
            assert!(text("lib/pkgconfig/minplat.pc").contains(&format!("\nplatform={name}\n")), "{name}");
        }
    }
}
