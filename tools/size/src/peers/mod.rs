//! Other runtimes by the ruler that budgets are about: [`build`] makes a program of each that does what the size probe does,
//! [`given`] looks at files that the user names, [`page`] shows all of it in a table.

pub(crate) mod build;
pub(crate) mod given;
pub(crate) mod page;

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use minplat_builder::probe::More;
use minplat_builder::sizes::Sizes;
use minplat_platform::Platform;
use minplat_platform::settings::Code;
use serde::Serialize;

use crate::cli::PeersArgs;
use crate::model::Beside;
use crate::{measure, say};

/// Does what the command line wants.
///
/// # Errors
/// Something cannot be measured.
pub(crate) fn run(args: &PeersArgs) -> Result<()> {
    let platform = Platform::load(&args.platform, &args.sets)?;
    let is_wanted = |peer: &&Peer| !args.no_build && (args.only.is_empty() || args.only.contains(peer));
    let built: Vec<_> = Peer::value_variants().iter().filter(is_wanted).copied().collect();
    let wishes = build::Wishes { kept_in: args.out_dir.clone(), jobs: args.jobs };
    let comparison = Comparison::new(&platform, &built, &args.files, &wishes)?;
    match args.json {
        true => say(&(serde_json::to_string_pretty(&comparison)? + "\n"))?,
        false => say(&page::text(&comparison))?,
    }
    comparison.check()
}

/// A runtime that this program can build; the names are those of folders in `tools/size/peers`, and of crates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Peer {
    /// The crate wasmtime as published, its runtime alone.
    Wasmtime,
    /// The interpreter wasmi.
    Wasmi,
    /// The interpreter tinywasm.
    Tinywasm,
}

impl Peer {
    /// Its name, of the folder and of the crate.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Wasmtime => "wasmtime",
            Self::Wasmi => "wasmi",
            Self::Tinywasm => "tinywasm",
        }
    }

    /// How it runs wasm on a platform.
    fn runs(self, platform: &Platform) -> &'static str {
        match self {
            Self::Wasmtime => runs_compiled(platform),
            Self::Wasmi | Self::Tinywasm => "interprets wasm",
        }
    }
}

fn runs_compiled(platform: &Platform) -> &'static str {
    match platform.settings().code {
        Code::Native => "runs machine code compiled before",
        Code::Pulley32 | Code::Pulley64 => "interprets bytecode compiled before",
    }
}

/// A file that the user named, as the runtime that it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    /// What the row is called.
    pub(crate) name: String,
    /// The file.
    pub(crate) path: PathBuf,
}

impl Named {
    /// `NAME=PATH`.
    ///
    /// # Errors
    /// It is something else: what it must be.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((name, path)) if !name.is_empty() && !path.is_empty() => {
                Ok(Self { name: name.into(), path: path.into() })
            }
            _ => Err("write NAME=PATH, as in wasm3=build/wasm3.elf".into()),
        }
    }
}

/// All runtimes beside each other.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Comparison {
    /// The platform.
    pub(crate) platform: String,
    /// What builds and links.
    pub(crate) toolchain: String,
    /// The linker's arguments before the files.
    pub(crate) link: Vec<String>,
    /// minplat, those that were built, those that were given.
    pub(crate) rows: Vec<Row>,
    /// What to know of the numbers.
    pub(crate) method: Vec<String>,
}

/// One runtime.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Row {
    /// The runtime.
    pub(crate) name: String,
    /// Its release, where it is known.
    pub(crate) version: Option<String>,
    /// How it runs wasm, where it is known.
    pub(crate) runs: Option<String>,
    /// Its bytes; none where it could not be built.
    pub(crate) sizes: Option<Sizes>,
    /// What was measured of a file, what else there is of minplat, or why something could not be built.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) remark: Option<String>,
}

impl Comparison {
    /// Measures: files first, since mistakes there show at once, then minplat, then what has to be built.
    ///
    /// # Errors
    /// A file or minplat's library cannot be measured. A runtime that cannot be built is a row that says so.
    pub(crate) fn new(platform: &Platform, peers: &[Peer], files: &[Named], wishes: &build::Wishes) -> Result<Self> {
        let given = files.iter().map(given::row).collect::<Result<Vec<_>>>()?;
        if let Some(folder) = &wishes.kept_in {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("cannot make the folder {}; name another with -o", folder.display()))?;
        }
        let prefix = measure::prefix(platform)?;
        let measured = measure::probe(platform, &prefix, &More::default())?;
        let versions = measure::versions(&prefix)?;
        let bench = build::Bench::new(platform, &measured.link)?;
        let beside = measure::beside(&measure::manifest(&prefix)?);
        let mut rows = vec![Row {
            name: "minplat".into(),
            version: Some(versions.minplat),
            runs: Some(runs_compiled(platform).into()),
            sizes: Some(measured.sizes),
            remark: Some(
                beside.iter().map(|Beside { what, bytes }| format!("{what}: {bytes}")).collect::<Vec<_>>().join("; "),
            ),
        }];
        for (nth, peer) in peers.iter().enumerate() {
            let version = bench.version(*peer)?;
            eprintln!("{} of {}: building {} {version} for {}", nth + 1, peers.len(), peer.name(), platform.name());
            let (sizes, remark) = match bench.measure(*peer, wishes) {
                Ok(sizes) => (Some(sizes), None),
                Err(error) => {
                    let error = format!("{error:#}");
                    eprintln!("{}: {error}", peer.name());
                    (None, Some(format!("not built: {}", error.lines().next().unwrap_or_default())))
                }
            };
            let runs = Some(peer.runs(platform).into());
            rows.push(Row { name: peer.name().into(), version: Some(version), runs, sizes, remark });
        }
        rows.extend(given);
        let method = page::method(platform, &bench, &versions.wasmtime, peers, &measured.how)?;
        let link = bench.link.clone();
        Ok(Self { platform: platform.name().into(), toolchain: bench.toolchain(), link, rows, method })
    }

    /// Whether everything was measured.
    ///
    /// # Errors
    /// Something was not: what.
    pub(crate) fn check(&self) -> Result<()> {
        let missing: Vec<_> = self.rows.iter().filter(|row| row.sizes.is_none()).map(|row| row.name.as_str()).collect();
        if !missing.is_empty() {
            bail!("not everything could be built: {}; why stands above", missing.join(", "));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Named;

    #[test]
    fn a_file_has_a_name() {
        let named = Named::parse("wasm3=a=b.elf").unwrap();
        assert_eq!((named.name.as_str(), named.path.to_str()), ("wasm3", Some("a=b.elf")));
        for wrong in ["", "wasm3", "=a.elf", "wasm3="] {
            assert!(Named::parse(wrong).is_err_and(|error| error.contains("NAME=PATH")), "{wrong}");
        }
    }
}
