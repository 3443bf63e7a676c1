//! Makes `minplat.h` from the source of `minplat-capi`, by cbindgen; `cbindgen.toml` beside that crate says how.
//!
//! The header is checked in. `cargo test -p minplat-header` fails when it is stale, and
//! `SNAPSHOTS=overwrite cargo test -p minplat-header` writes it anew.

use std::path::Path;

/// The text of `minplat.h`, made from the crate in this folder.
///
/// # Errors
/// The source or the configuration cannot be read; the text says which and why.
pub fn generate(capi: &Path) -> Result<String, String> {
    let config = cbindgen::Config::from_file(capi.join("cbindgen.toml"))?;
    let bindings = cbindgen::generate_with_config(capi, config).map_err(|e| e.to_string())?;
    let mut text = Vec::new();
    bindings.write(&mut text);
    String::from_utf8(text).map_err(|e| e.to_string())
}
