//! The command line.

use std::path::PathBuf;

use clap::Parser;

use crate::language::Language;
use crate::suite::Suite;

/// Runs WebAssembly test scripts (.wast) on a platform: each module is compiled for it, loaded into its device library, and
/// called through the C API.
#[derive(Parser)]
#[command(
    name = "minplat-wast",
    version,
    after_help = "Exit codes: 0 nothing failed; 1 something failed; 2 the command \
    line makes no sense. What a platform does not support is counted apart, and is no failure."
)]
pub(crate) struct Args {
    /// Scripts, folders with scripts (every .wast below them), or - for standard input.
    #[arg(value_name = "FILE|DIR", required_unless_present_any = ["suite", "conformance"])]
    pub(crate) scripts: Vec<PathBuf>,

    /// The official scripts of a version instead, which are inside this program.
    #[arg(long, value_enum, value_name = "VERSION", conflicts_with = "scripts")]
    pub(crate) suite: Option<Suite>,

    /// A shipped platform's name, or the path of a platform file [default: x86_64-minplat; with --port, the port's first].
    #[arg(short, long, value_name = "NAME|PATH")]
    pub(crate) platform: Option<String>,

    /// On a bare machine instead, which QEMU plays: its firmware replays what was compiled here. `minplat-qemu list` lists them.
    #[arg(long, value_name = "PORT", conflicts_with_all = ["set", "library"])]
    pub(crate) port: Option<String>,

    /// Changes one key of the platform, of modules and of the library.
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,

    /// The device library, instead of the one that `minplat-build` made for the platform.
    #[arg(long, value_name = "FILE")]
    pub(crate) library: Option<PathBuf>,

    /// What modules may use: the features of a version of WebAssembly, or all. A suite brings its own.
    #[arg(long, value_enum, value_name = "VERSION", default_value = "all", conflicts_with = "suite")]
    pub(crate) features: Language,

    /// Only scripts with this text in their name or path; may be repeated.
    #[arg(long, value_name = "TEXT")]
    pub(crate) filter: Vec<String>,

    /// Failures that are known, in a table like tools/wast/exceptions.toml, which is the suites' own: a suite's hold for files with
    /// its --features too, by the end of their paths.
    #[arg(long, value_name = "FILE")]
    pub(crate) exceptions: Option<PathBuf>,

    /// Prints a report for programs.
    #[arg(long)]
    pub(crate) json: bool,

    /// Prints failures and the sum alone, without a row for each script.
    #[arg(short, long)]
    pub(crate) quiet: bool,

    /// Runs every suite on every shipped platform that it is promised on, and prints docs/conformance.md.
    #[arg(long, conflicts_with_all = ["scripts", "suite", "port", "platform", "set", "library", "features", "filter", "exceptions", "json"])]
    pub(crate) conformance: bool,
}
