//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::examples::Places;

/// Compiles the examples for a platform, runs them in its device library, and checks every answer.
#[derive(clap::Parser)]
#[command(name = "minplat-tour", version)]
pub(crate) struct Args {
    /// Examples by name (`add`, `trap` …); all of them if none is given.
    pub(crate) examples: Vec<String>,

    /// A shipped platform's name, or the path of a platform file.
    #[arg(short, long, value_name = "NAME|PATH", default_value = minplat_platform::DEFAULT)]
    pub(crate) platform: String,

    /// Changes one key of the platform.
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,

    /// The device library, instead of the one that `minplat-build` made for the platform.
    #[arg(long, value_name = "FILE")]
    pub(crate) library: Option<PathBuf>,

    /// The checkout with `examples/`.
    #[arg(long, value_name = "DIR", default_value = ".")]
    root: PathBuf,

    /// A guest that was not built is an error, not left out.
    #[arg(long)]
    pub(crate) strict: bool,

    /// The same as JSON.
    #[arg(long)]
    pub(crate) json: bool,

    /// Lists the shipped platforms whose library this machine can load, and ends.
    #[arg(long)]
    pub(crate) list_platforms: bool,
}

impl Args {
    /// The folders that this run reads and writes.
    pub(crate) fn places(&self) -> Places {
        let artifacts = std::env::var_os("MINPLAT_ARTIFACTS")
            .filter(|dir| !dir.is_empty())
            .map_or_else(|| self.root.join("artifacts"), PathBuf::from);
        Places { root: self.root.clone(), built: artifacts.join("examples") }
    }

    /// The arguments with which this program runs itself for one example, but for the example's name.
    pub(crate) fn again(&self) -> Vec<OsString> {
        let mut arguments: Vec<OsString> = vec!["--platform".into(), (&self.platform).into()];
        for set in &self.set {
            arguments.extend(["--set".into(), set.into()]);
        }
        if let Some(library) = &self.library {
            arguments.extend(["--library".into(), library.into()]);
        }
        if self.strict {
            arguments.push("--strict".into());
        }
        arguments.extend(["--root".into(), (&self.root).into()]);
        arguments
    }
}
