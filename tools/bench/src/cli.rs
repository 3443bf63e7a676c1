//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Measures minplat beside the engines that one would otherwise pick, on this machine.
#[derive(Parser, Debug)]
#[command(name = "minplat-bench", version, after_help = AFTER, args_conflicts_with_subcommands = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) inside: Option<Inside>,
    /// Measure these sections only; without it, all but `instructions`.
    #[arg(long, value_delimiter = ',', value_name = "SECTION")]
    pub(crate) only: Vec<SectionName>,
    /// These kernels only.
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    pub(crate) kernels: Vec<String>,
    /// These engines only, of --list or made of another platform: PLATFORM or wasmtime:PLATFORM. One that cannot take part is an
    /// error; one that cannot run a kernel is, where the kernels are named too.
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    pub(crate) engines: Vec<String>,
    /// How often each engine has its turn.
    #[arg(long, value_name = "N", default_value_t = 9, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) rounds: u16,
    /// Short rounds: to see that all works, not how fast.
    #[arg(long)]
    pub(crate) quick: bool,
    /// WAMR takes part: the path of `iwasm`.
    #[arg(long, value_name = "FILE", requires = "wamrc")]
    pub(crate) wamr: Option<PathBuf>,
    /// The path of WAMR's compiler, `wamrc`.
    #[arg(long, value_name = "FILE", requires = "wamr")]
    pub(crate) wamrc: Option<PathBuf>,
    /// wasm3 takes part: its path.
    #[arg(long, value_name = "FILE")]
    pub(crate) wasm3: Option<PathBuf>,
    /// Where the kernels are.
    #[arg(long, value_name = "DIR")]
    pub(crate) kernels_in: Option<PathBuf>,
    /// Where results.json, results.md and the charts go. Without it, those of all sections go to artifacts/bench, and those of some nowhere.
    #[arg(short, long, value_name = "DIR")]
    pub(crate) out_dir: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Put the tables into a document, all times of one run, and the charts beside it, in a folder with the document's name.
    #[arg(long, value_name = "FILE.md")]
    pub(crate) write: Option<PathBuf>,
    /// Measure nothing: take what an earlier run found.
    #[arg(long, value_name = "RESULTS.json", conflicts_with_all = ["only", "kernels", "engines", "quick", "wamr", "wasm3"])]
    pub(crate) from: Option<PathBuf>,
    /// Tell what changed since an earlier run.
    #[arg(long, value_name = "RESULTS.json")]
    pub(crate) against: Option<PathBuf>,
    /// List the engines that can take part.
    #[arg(long)]
    pub(crate) list: bool,
    /// List those of them that are platforms, whose libraries minplat-build builds.
    #[arg(long, conflicts_with = "list")]
    pub(crate) list_platforms: bool,
}

/// What the program is to itself, in other processes.
#[derive(Subcommand, Debug)]
pub(crate) enum Inside {
    /// An engine with a module, which answers commands on standard input.
    #[command(hide = true)]
    Engine {
        name: String,
        module: PathBuf,
        /// What was compiled for it before; it is written if it is not there.
        compiled: PathBuf,
    },
    /// Compiles a module by the wasmtime crate and prints the milliseconds.
    #[command(hide = true)]
    Compile {
        #[command(flatten)]
        how: Crate,
        platform: String,
        module: PathBuf,
    },
}

/// How the crate is used.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub(crate) struct Crate {
    /// All cores.
    #[arg(long)]
    pub(crate) parallel: bool,
    /// One.
    #[arg(long)]
    pub(crate) serial: bool,
    /// Whether minplat makes the same code.
    #[arg(long)]
    pub(crate) compare: bool,
}

/// A section.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SectionName {
    /// Kernels in every engine, by turns.
    Execution,
    /// Load, instantiation and first call of modules of 82 bytes, 1 KB and 1 MB.
    Startup,
    /// A thousand instances of one module: how fast they are made, what each takes.
    Instances,
    /// Nanoseconds of a call into a guest, and out of it.
    Calls,
    /// Compile time and peak memory.
    Compile,
    /// Kernels in instructions, which callgrind counts: slow, and the same every time.
    Instructions,
}

const AFTER: &str = "\
Kernels are built by tools/bench/kernels/build.sh, libraries by minplat-build; ./build.sh bench does both. Results go to \
artifacts/bench/ ($MINPLAT_ARTIFACTS). Let nothing else run meanwhile.

Exit codes: 0 done, 1 it failed (engines that do not agree on a result among it), 2 the command line makes no sense.";
