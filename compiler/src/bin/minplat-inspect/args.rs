//! The command line as it is typed.

use std::path::{Path, PathBuf};

use clap::Parser;

/// Tells what a compiled module (.cwasm) is, and whether a device can load it.
#[derive(Parser, Debug)]
#[command(name = "minplat-inspect", version, after_help = AFTER)]
pub(crate) struct Args {
    /// The artifact; - is standard input.
    #[arg(value_name = "FILE.cwasm")]
    file: Option<PathBuf>,

    /// Can a device of this platform load it? A shipped name, or the path of a platform file.
    #[arg(short, long, value_name = "NAME|PATH", conflicts_with_all = ["library", "manifest"])]
    pub(crate) platform: Option<String>,

    /// With --platform: change a key; may be given again.
    #[arg(long = "set", value_name = "KEY=VALUE", requires = "platform")]
    pub(crate) sets: Vec<String>,

    /// Can a device with this library (libminplat.a, libminplat.so, or an unstripped firmware) load it?
    #[arg(long, value_name = "LIB", conflicts_with = "manifest")]
    pub(crate) library: Option<PathBuf>,

    /// Can a released firmware with this manifest.json load it?
    #[arg(long, value_name = "FILE")]
    pub(crate) manifest: Option<PathBuf>,

    /// Show the code: of one function, by name or index, or all of it.
    #[arg(long, value_name = "FUNC", num_args = 0..=1, default_missing_value = "")]
    pub(crate) disasm: Option<String>,

    /// Turn addresses into functions, wasm offsets and source lines, with the debug file that minplat-compile wrote.
    /// Addresses are offsets in the code (0x1f), or wasm offsets (wasm:0x1f); - reads a pasted backtrace.
    #[arg(long, value_names = ["FILE.debug", "ADDR"], num_args = 1.., conflicts_with_all = ["disasm", "platform", "library", "manifest"])]
    symbolize: Vec<PathBuf>,

    /// Print JSON.
    #[arg(long, conflicts_with = "disasm")]
    pub(crate) json: bool,

    /// List every function and every setting.
    #[arg(short, long)]
    pub(crate) verbose: bool,

    /// Print a completion script.
    #[arg(long, value_enum, value_name = "SHELL")]
    pub(crate) completions: Option<clap_complete::Shell>,
}

const AFTER: &str = "\
Exit codes: 0 done (with --platform, --library or --manifest: the device loads it), 1 failed (it does not), 2 wrong usage.

Examples:
  minplat-inspect foo.cwasm
  minplat-inspect foo.cwasm --platform pulley64-minplat
  minplat-inspect foo.cwasm --disasm fib
  minplat-host run foo.cwasm 2>&1 | minplat-inspect foo.cwasm --symbolize foo.debug -";

impl Args {
    /// The artifact. `--disasm FILE` may have taken it for a function's name.
    pub(crate) fn take_file(&mut self) -> Option<PathBuf> {
        if self.file.is_none() {
            let taken =
                self.disasm.as_deref().filter(|name| *name == "-" || Path::new(name).is_file()).map(PathBuf::from);
            if taken.is_some() {
                self.disasm = Some(String::new());
            }
            return taken;
        }
        self.file.take()
    }

    /// The debug file and the addresses after it.
    pub(crate) fn symbolize(&self) -> Option<(&Path, &[PathBuf])> {
        let (debug, addresses) = self.symbolize.split_first()?;
        Some((debug, addresses))
    }

    /// Standard input can be read once only.
    pub(crate) fn refuse_two_readers(&self, file: &Path) -> Result<(), String> {
        let named = [Some(file), self.library.as_deref(), self.manifest.as_deref()];
        let symbolize = self.symbolize();
        let pasted =
            symbolize.is_some_and(|(_, addresses)| addresses.is_empty() || addresses.iter().any(|a| is_stdin(a)));
        let files = named.into_iter().chain([symbolize.map(|(debug, _)| debug)]).flatten();
        if files.filter(|path| is_stdin(path)).count() + usize::from(pasted) > 1 {
            return Err("standard input can be read once only: for the module, or for what else - stands for \
                        (--symbolize without addresses reads a backtrace from it); give a file for one of them"
                .into());
        }
        Ok(())
    }

    /// Whether a device is to be compared with.
    pub(crate) fn asks_for_device(&self) -> bool {
        self.platform.is_some() || self.library.is_some() || self.manifest.is_some()
    }
}

fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}
