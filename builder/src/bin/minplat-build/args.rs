//! The command line as it is typed; [`crate::plan`] makes checked values of it.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

/// Builds the device library of a platform: archive, headers, manifest, and a shared object where a Linux process can play
/// the device.
#[derive(Parser, Debug)]
#[command(name = "minplat-build", version, after_help = AFTER)]
pub(crate) struct Args {
    /// Shipped platforms' names, or paths of platform files [default: x86_64-minplat].
    #[arg(value_name = "NAME|PATH.toml")]
    pub(crate) platforms: Vec<String>,

    /// Build every shipped platform.
    #[arg(long, conflicts_with = "platforms")]
    pub(crate) all: bool,

    /// Change a key of the platforms, as in wasm.interruption=fuel; may be given again. Modules have to agree.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) sets: Vec<String>,

    /// Where the platforms' folders are written [default: $MINPLAT_ARTIFACTS, or artifacts].
    #[arg(short, long, value_name = "DIR")]
    pub(crate) out_dir: Option<PathBuf>,

    /// The minplat checkout to build from [default: the one that this program was made in, or the one around the current folder].
    #[arg(long, value_name = "DIR")]
    pub(crate) source: Option<PathBuf>,

    /// The Rust toolchain: a name that rustup knows, or the path of a rustc or of a folder with bin/rustc.
    #[arg(long, value_name = "NAME|PATH")]
    pub(crate) toolchain: Option<String>,

    /// Fail where Cargo.lock would have to change.
    #[arg(long)]
    pub(crate) locked: bool,

    /// Use no network.
    #[arg(long)]
    pub(crate) offline: bool,

    /// Cores to use [default: all]; the result does not depend on it.
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) jobs: Option<u16>,

    /// Print the manifests, where they are and how long each took as JSON.
    #[arg(long)]
    pub(crate) json: bool,

    /// Show Cargo's messages.
    #[arg(short, long, conflicts_with = "quiet")]
    pub(crate) verbose: bool,

    /// Print errors only.
    #[arg(short, long)]
    pub(crate) quiet: bool,

    /// List the shipped platforms.
    #[arg(long, visible_alias = "list-platforms")]
    pub(crate) list: bool,

    /// Build the library of a manifest again and compare every file; what comes out is kept where --out-dir says, if it does.
    #[arg(long, value_name = "manifest.json", conflicts_with_all = ["platforms", "all", "sets", "list", "print"])]
    pub(crate) reproduce: Option<PathBuf>,

    /// Print what a program in Rust needs on one platform: its Cargo configuration, the Cargo that goes with it, or the functions that it defines.
    #[arg(long, value_name = "WHAT", conflicts_with_all = ["all", "list", "json"])]
    pub(crate) print: Option<Print>,
}

/// What `--print` prints. (Documentation of its values would make the help twice as long.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Print {
    // A Cargo configuration: target, flags, profile, platform; the dependency with its features stands in a comment.
    CargoConfig,
    // The command that is Cargo with that configuration's toolchain.
    Cargo,
    // The functions that the program defines, one a line.
    Symbols,
}

const AFTER: &str = "\
Exit codes: 0 done, 1 a platform failed, 2 wrong usage.

Examples:
  minplat-build                                            artifacts/x86_64-minplat/{lib,include,share}
  minplat-build mymachine.toml -o build
  minplat-build aarch64-minplat riscv64-minplat            several at once, in parallel
  minplat-build --set wasm.interruption=fuel               artifacts/x86_64-minplat+wasm.interruption=fuel/
  minplat-build --reproduce share/minplat/manifest.json    is the library what this source gives?
  minplat-build --print cargo-config > .cargo/config.toml  a program in Rust; docs/rust.md";
