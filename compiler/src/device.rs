//! A device that a module is to be loaded by: the settings that it agrees to, from wherever they can be read.

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use minplat_platform::{Platform, WASMTIME_MAJOR};
use object::read::archive::ArchiveFile;
use object::{Object, ObjectSection};

use crate::debug_file::hex;

/// The section of a device library that tells its platform.
pub const LIBRARY_SECTION: &str = ".minplat.platform";

/// What is known of a device.
#[derive(Debug, Clone)]
pub struct Device {
    /// The platform's name.
    pub name: String,
    /// The platform's fingerprint, in hexadecimal.
    pub fingerprint: String,
    /// The platform's base fingerprint, in hexadecimal: an artifact's must be the same.
    pub base: String,
    /// The Wasmtime major that it runs.
    pub wasmtime: String,
    /// Wasmtime's name of each setting that must agree, and the device's value.
    pub agreement: BTreeMap<String, String>,
}

impl Device {
    /// The device that a platform file describes.
    pub fn of_platform(platform: &Platform) -> Self {
        Self {
            name: platform.name().to_string(),
            fingerprint: hex(&platform.fingerprint()),
            base: hex(&platform.base_fingerprint()),
            wasmtime: WASMTIME_MAJOR.to_string(),
            agreement: platform.agreement().into_iter().map(|s| (s.name, s.value)).collect(),
        }
    }

    /// The device that runs a library (`libminplat.a`, `libminplat.so`, or firmware that kept the section), read from
    /// its section `.minplat.platform` without loading it.
    ///
    /// # Errors
    /// It is no ELF or archive of ELFs, or has no such section.
    pub fn of_library(bytes: &[u8]) -> anyhow::Result<Self> {
        let text = if bytes.starts_with(b"!<arch>\n") {
            let archive = ArchiveFile::parse(bytes).context("the archive is damaged")?;
            let mut found = None;
            for member in archive.members() {
                let data = member.and_then(|m| m.data(bytes)).context("the archive is damaged")?;
                // Members that are no objects (symbol tables, metadata) do not matter.
                found = found.or_else(|| section(data).ok().flatten());
            }
            found
        } else {
            section(bytes).context("it is neither a library nor a program in ELF form")?
        };
        let Some(text) = text else {
            bail!("it has no section {LIBRARY_SECTION}: it was not built by minplat-build, or the section was stripped")
        };
        Self::of_lines(&text)
    }

    /// `minplat=…`, `platform=…`, `fingerprint=…`, `base=…`, `wasmtime=…`, and one line for each setting.
    fn of_lines(text: &str) -> anyhow::Result<Self> {
        let mut lines: BTreeMap<String, String> = text
            .lines()
            .map(|line| line.trim_matches(['\0', ' ']))
            .filter(|line| !line.is_empty())
            .filter_map(|line| line.split_once('='))
            .map(|(key, value)| (key.to_string(), value.to_string()))
            .collect();
        let mut take = |key: &str| lines.remove(key);
        let (name, fingerprint, base) = (take("platform"), take("fingerprint"), take("base"));
        let wasmtime = take("wasmtime").unwrap_or_else(|| WASMTIME_MAJOR.to_string());
        // The version of minplat need not agree.
        take("minplat");
        let (Some(name), Some(fingerprint), Some(base)) = (name, fingerprint, base) else {
            bail!(
                "its section {LIBRARY_SECTION} lacks platform, fingerprint or base fingerprint: it is damaged, or another minplat built it; build it again"
            )
        };
        Ok(Self { name, fingerprint, base, wasmtime, agreement: lines })
    }

    /// The device that a released firmware's `manifest.json` describes.
    ///
    /// # Errors
    /// It is no JSON, or lacks `platform`, `fingerprint`, `base` or `agreement`.
    pub fn of_manifest(text: &[u8]) -> anyhow::Result<Self> {
        let json: serde_json::Value = serde_json::from_slice(text).context("it is no manifest.json")?;
        let text = |key: &str| match &json[key] {
            serde_json::Value::String(text) => Ok(text.clone()),
            _ => bail!("it is no manifest of minplat-build: \"{key}\" is missing"),
        };
        let agreement = json["agreement"]
            .as_object()
            .context("it is no manifest of minplat-build: \"agreement\" is missing")?
            .iter()
            .map(|(name, value)| match value {
                serde_json::Value::String(text) => (name.clone(), text.clone()),
                other => (name.clone(), other.to_string()),
            })
            .collect();
        let wasmtime = match &json["wasmtime"] {
            serde_json::Value::String(version) => version.split('.').next().unwrap_or_default().to_string(),
            serde_json::Value::Number(major) => major.to_string(),
            _ => WASMTIME_MAJOR.to_string(),
        };
        let (name, fingerprint, base) = (text("platform")?, text("fingerprint")?, text("base")?);
        Ok(Self { name, fingerprint, base, wasmtime, agreement })
    }
}

fn section(bytes: &[u8]) -> Result<Option<String>, object::Error> {
    let file = object::File::parse(bytes)?;
    let Some(section) = file.section_by_name(LIBRARY_SECTION) else { return Ok(None) };
    Ok(Some(String::from_utf8_lossy(section.data()?).into_owned()))
}
