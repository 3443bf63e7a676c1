//! The ports: folders of `ports/` with a `port.toml`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use minplat_builder::source::Source;
use minplat_platform::Platform;
use serde::Deserialize;

/// A machine that there is firmware for.
#[derive(Clone, Debug)]
pub struct Port {
    /// Its name: that of its folder, of the firmware's binary, and behind `minplat-` of its package.
    pub name: String,
    /// Where its sources are.
    pub folder: PathBuf,
    /// What its `port.toml` says.
    pub about: About,
}

/// A `port.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// The machine in a few words.
    pub summary: String,
    /// The platforms that it implements; the first is the default.
    pub platforms: Vec<String>,
    /// How QEMU is started.
    pub qemu: Qemu,
    /// Where a bundle is put.
    pub boot: Boot,
}

/// How QEMU is started.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Qemu {
    /// The program.
    pub program: String,
    /// The package of Debian that it is in.
    pub package: String,
    /// Machine, memory, and what the character device `console` is connected to.
    pub args: Vec<String>,
}

/// Where a bundle is put before the start.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Boot {
    /// The physical address.
    pub address: u64,
    /// Bytes that there is room for.
    pub size: u64,
}

impl Port {
    /// Every port of a checkout, by name.
    ///
    /// # Errors
    /// A folder or a file cannot be read, or a file makes no sense.
    pub fn all(source: &Source) -> Result<Vec<Self>> {
        let ports = source.root.join("ports");
        let attempt = || format!("cannot look for ports in {}", ports.display());
        let mut all = Vec::new();
        for entry in fs::read_dir(&ports).with_context(attempt)? {
            let folder = entry.with_context(attempt)?.path();
            if folder.join("port.toml").is_file() {
                all.push(Self::read(&folder)?);
            }
        }
        all.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(all)
    }

    fn read(folder: &Path) -> Result<Self> {
        let file = folder.join("port.toml");
        let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let about: About = toml::from_str(&text).with_context(|| format!("{} makes no sense", file.display()))?;
        if about.platforms.is_empty() {
            bail!("{} names no platform: give `platforms` at least one", file.display());
        }
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self { name, folder: folder.to_owned(), about })
    }

    /// The port of this name.
    ///
    /// # Errors
    /// There is none: the text lists those that there are.
    pub fn find(source: &Source, name: &str) -> Result<Self> {
        let all = Self::all(source)?;
        let names: Vec<_> = all.iter().map(|port| port.name.clone()).collect();
        let found = all.into_iter().find(|port| port.name == name);
        found.with_context(|| format!("there is no port {name}; there are {}", names.join(", ")))
    }

    /// The platform to use: the port's first, or the one that is asked for, a shipped one, a variant of one
    /// (`x+key=value`) or somebody's file.
    ///
    /// # Errors
    /// The platform makes no sense, or is for another machine.
    pub fn platform(&self, asked: Option<&str>) -> Result<Platform> {
        let name = asked.unwrap_or(&self.about.platforms[0]);
        let platform = Platform::load(name, &[]).map_err(|problems| anyhow::anyhow!("{problems}"))?;
        for implemented in &self.about.platforms {
            let own = Platform::load(implemented, &[]).map_err(|problems| anyhow::anyhow!("{problems}"))?;
            if own.rust_target().triple() == platform.rust_target().triple() {
                return Ok(platform);
            }
        }
        bail!(
            "{} is for {}, which is not the machine of {}; it implements {}",
            platform.name(),
            platform.rust_target().triple(),
            self.name,
            self.about.platforms.join(", ")
        )
    }
}
