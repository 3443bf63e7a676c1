//! The command line as it is typed; [`crate::jobs`] makes checked values of it.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use minplat_compiler::compile::OptLevel;
use minplat_platform::value::{Kind, Value};

/// Compiles WebAssembly to artifacts (.cwasm) for one platform.
#[derive(Parser, Debug)]
#[command(name = "minplat-compile", version, after_help = AFTER)]
pub(crate) struct Args {
    /// Modules, .wat or .wasm; - is standard input; with --recursive also directories.
    #[arg(value_name = "INPUT")]
    pub(crate) inputs: Vec<PathBuf>,

    /// Where to write: a file, or for several inputs a directory; - is standard output. Without it, beside each input.
    #[arg(short, long, value_name = "FILE|DIR")]
    pub(crate) output: Option<PathBuf>,

    /// What to compile for: a shipped platform's name, or the path of a platform file.
    #[arg(short, long, value_name = "NAME|PATH", default_value = minplat_platform::DEFAULT)]
    pub(crate) platform: String,

    /// Change a key of the platform, as in wasm.interruption=fuel; may be given again. The device has to agree.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) sets: Vec<String>,

    /// Compile every .wat and .wasm below a directory.
    #[arg(short, long)]
    pub(crate) recursive: bool,

    /// Optimisation instead of the platform's compile.opt-level; no device has to agree.
    #[arg(short = 'O', long = "opt-level", value_enum, value_name = "LEVEL")]
    pub(crate) opt_level: Option<Opt>,

    /// Optimise each module with Binaryen's wasm-opt first, which may use what the platform has: the program that $WASM_OPT
    /// names, or else the one in PATH. Arguments are separated by spaces.
    #[arg(long, value_name = "ARGS", num_args = 0..=1, require_equals = true, default_missing_value = "-O3")]
    pub(crate) wasm_opt: Option<String>,

    /// Carry the module's custom sections of this name in the artifact, where minplat_module_section finds them; may be
    /// given again. Without it an artifact has none.
    #[arg(long = "keep-section", value_name = "NAME")]
    pub(crate) keep_sections: Vec<String>,

    /// What to write.
    #[arg(long, value_enum, default_value = "cwasm")]
    pub(crate) emit: Emit,

    /// Pack the artifact for transport; a device expands it where its library was built with build.unpack. Goes with the
    /// artifact itself, and with --emit obj --copied.
    #[arg(long)]
    pub(crate) pack: bool,

    /// Compile nothing: expand a packed artifact into the file that -o names.
    #[arg(long, conflicts_with_all = ["pack", "emit", "recursive", "debug_file", "depfile", "check", "json", "cache", "wasm_opt", "platform", "sets", "opt_level", "keep_sections"])]
    pub(crate) unpack: bool,

    /// With --emit obj: the section [default: .rodata.minplat.STEM].
    #[arg(long, value_name = "NAME")]
    pub(crate) section: Option<String>,

    /// With --emit obj: what the symbols NAME_start, NAME_end and NAME_size begin with [default: minplat_STEM].
    #[arg(long, value_name = "NAME")]
    pub(crate) symbol: Option<String>,

    /// With --emit obj: the device is to copy the module, so nothing is aligned for use in place.
    #[arg(long)]
    pub(crate) copied: bool,

    /// With --emit obj: write a C header with the symbols and a function that loads the module; for several inputs a
    /// directory.
    #[arg(long, value_name = "FILE")]
    pub(crate) header: Option<PathBuf>,

    /// Write what the device need not carry (names, address map, source lines) for minplat-inspect --symbolize; for
    /// several inputs a directory.
    #[arg(long, value_name = "FILE")]
    pub(crate) debug_file: Option<PathBuf>,

    /// Write a make rule: the outputs depend on the inputs and on the platform's files.
    #[arg(long, value_name = "FILE")]
    pub(crate) depfile: Option<PathBuf>,

    /// Compile, but write nothing.
    #[arg(long)]
    pub(crate) check: bool,

    /// Keep compiled functions in this folder, and take those from it that were compiled before; any number of processes may
    /// use it at once. The result does not depend on it.
    #[arg(long, value_name = "DIR")]
    pub(crate) cache: Option<PathBuf>,

    /// What the files of the cache may take; those that were not used for the longest time go.
    #[arg(long, value_name = "SIZE", default_value = "1 GiB", value_parser = size, requires = "cache")]
    pub(crate) cache_limit: u64,

    /// Cores to use [default: all]; the result does not depend on it.
    #[arg(short, long, value_name = "N")]
    pub(crate) jobs: Option<usize>,

    /// Print sizes, times, imports, exports and used features of each module as JSON.
    #[arg(long)]
    pub(crate) json: bool,

    /// Say what is done.
    #[arg(short, long, conflicts_with = "quiet")]
    pub(crate) verbose: bool,

    /// Print errors only.
    #[arg(short, long)]
    pub(crate) quiet: bool,

    /// List the shipped platforms.
    #[arg(long)]
    pub(crate) list_platforms: bool,

    /// Print the platform as one complete file, --set included.
    #[arg(long)]
    pub(crate) print_platform: bool,

    /// List the names that target.cpu may have on the platform's machine.
    #[arg(long)]
    pub(crate) list_cpu: bool,

    /// Print a completion script.
    #[arg(long, value_enum, value_name = "SHELL")]
    pub(crate) completions: Option<clap_complete::Shell>,
}

const AFTER: &str = "\
Exit codes: 0 done, 1 an input or a file failed, 2 wrong usage.

Examples:
  minplat-compile foo.wat                                  writes foo.cwasm beside it
  minplat-compile -p pulley64-minplat --recursive guests -o out
  minplat-compile --cache cache foo.wasm                   fast where few functions changed
  minplat-compile --wasm-opt='-O3 --converge' foo.wasm     optimised by Binaryen first
  minplat-compile --pack foo.wat                           foo.cwasm, smaller, for a device with build.unpack
  minplat-compile --emit obj foo.wasm                      foo.o, for a firmware's linker
  minplat-compile --emit rust foo.wasm                     foo.rs and foo.cwasm, for `mod foo;`";

/// Bytes, written as platform files have them.
fn size(text: &str) -> Result<u64, String> {
    match Kind::Bytes.parse(text) {
        Some(Value::Bytes(bytes)) => Ok(bytes),
        _ => Err("give bytes, as in 500000, \"64 MiB\" or 2GiB".into()),
    }
}

/// What to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Emit {
    /// The artifact.
    Cwasm,
    /// An object file that holds the artifact, for the linker of the platform's target.
    Obj,
    /// The artifact, and a Rust file beside it that embeds it.
    Rust,
}

impl Emit {
    /// The suffix of the file that is written.
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Emit::Cwasm => "cwasm",
            Emit::Obj => "o",
            Emit::Rust => "rs",
        }
    }
}

/// How to optimise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Opt {
    /// Compile fast.
    None,
    /// Code that runs fast.
    Speed,
    /// Code that runs fast and is small.
    Size,
}

impl From<Opt> for OptLevel {
    fn from(opt: Opt) -> Self {
        match opt {
            Opt::None => OptLevel::None,
            Opt::Speed => OptLevel::Speed,
            Opt::Size => OptLevel::Size,
        }
    }
}
