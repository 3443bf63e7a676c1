//! The artifact as a file.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow, bail};
use minplat_format::{FormatError, UnpackError};

use super::flash::place;

/// An artifact in memory, at the start of a page: where flash would hold it.
pub struct Artifact {
    platform: String,
    fingerprint: [u8; 32],
    wasmtime_major: u32,
    bytes: &'static [u8],
    expanded: Option<Vec<u8>>,
}

impl Artifact {
    /// Reads a file and checks it as far as a device's boot loader could: layout and digest.
    ///
    /// # Errors
    /// It cannot be read, or it is no whole artifact; the text says what it is instead, where that can be told.
    pub fn read(path: &Path) -> Result<Self> {
        Self::parse(&path.display().to_string(), &read_file(path)?)
    }

    /// Takes bytes that were read already; `shown` is what errors call them.
    ///
    /// # Errors
    /// They are no whole artifact.
    pub fn parse(shown: &str, contents: &[u8]) -> Result<Self> {
        let expanded = match minplat_format::is_packed(contents) {
            true => Some(expanded(contents).with_context(|| format!("{shown} cannot be run"))?),
            false => None,
        };
        let parsed = minplat_format::read(expanded.as_deref().unwrap_or(contents))
            .map_err(|error| refusal(contents, &error))
            .with_context(|| format!("{shown} cannot be run"))?;
        Ok(Self {
            platform: parsed.trailer.platform.to_owned(),
            fingerprint: parsed.trailer.fingerprint,
            wasmtime_major: parsed.trailer.wasmtime_major,
            bytes: place(contents).with_context(|| format!("no memory for {shown}"))?,
            expanded,
        })
    }

    /// The platform it was compiled for, as the file names it.
    pub fn platform(&self) -> &str {
        &self.platform
    }

    /// That platform's fingerprint.
    pub fn fingerprint(&self) -> [u8; 32] {
        self.fingerprint
    }

    /// The Wasmtime major that compiled it.
    pub fn wasmtime_major(&self) -> u32 {
        self.wasmtime_major
    }

    /// What comes out, where the file is packed.
    pub fn expanded(&self) -> Option<&[u8]> {
        self.expanded.as_deref()
    }

    /// All of the file. It starts on a page and is never freed, so that it can be used in place.
    pub fn bytes(&self) -> &'static [u8] {
        self.bytes
    }
}

/// Reads a file that ought to be one, with an error that says what it is if not.
pub(super) fn read_file(path: &Path) -> Result<Vec<u8>> {
    let shown = path.display();
    let attempt = || format!("cannot read {shown}; check the path");
    let file = fs::metadata(path).with_context(attempt)?;
    if file.is_dir() {
        bail!("{shown} is a directory: name a file in it");
    }
    fs::read(path).with_context(attempt)
}

/// What a packed artifact says of itself is inside; the device expands it once more.
fn expanded(packed: &[u8]) -> Result<Vec<u8>> {
    minplat_format::unpack_any(packed).map_err(|error| match error {
        UnpackError::Format(error) => anyhow!("it is packed, and cannot be expanded: {error}"),
        UnpackError::OutOfMemory => anyhow!("it is packed, and there is no memory for what comes out: copy it again"),
    })
}

/// Says what a file is that is no artifact.
fn refusal(contents: &[u8], error: &FormatError) -> anyhow::Error {
    let text = || std::str::from_utf8(contents).is_ok_and(|text| text.trim_start().starts_with(['(', ';']));
    match contents {
        [] => anyhow!("it is empty: was it written to the end? Compile it again with minplat-compile"),
        [0, b'a', b's', b'm', 1, 0, 0, 0, ..] => {
            anyhow!(
                "it is a WebAssembly module that is not compiled yet: run minplat-compile on it, then run the .cwasm"
            )
        }
        [0, b'a', b's', b'm', _, 0, 1, 0, ..] => {
            anyhow!(
                "it is a WebAssembly component: minplat-host runs modules; programs in Rust run components (docs/rust.md)"
            )
        }
        _ if text() => anyhow!("it is WebAssembly text: run minplat-compile on it, then run the .cwasm"),
        _ => anyhow!("{error}"),
    }
}
