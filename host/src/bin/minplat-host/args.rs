//! The command line.

use std::path::PathBuf;

use clap::{ArgAction, Parser, Subcommand};
use minplat_host::output::Output;
use minplat_host::platform::Fault;
use minplat_host::text;

/// Plays the device: runs a compiled module in a device library, on Linux.
#[derive(Parser)]
#[command(
    name = "minplat-host",
    version,
    after_help = "Exit codes: 0 done, 1 failed (a trap included), 2 wrong usage."
)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Runs a module
    ///
    /// Results go to standard output, one on a line; everything else to standard error.
    ///
    /// The library is looked for as ARTIFACTS/PLATFORM/lib/libminplat.so: PLATFORM is the one that the module was
    /// compiled for, ARTIFACTS is $MINPLAT_ARTIFACTS, or artifacts in the current directory.
    ///
    /// A module may import host.log(i32, i32): the host prints the UTF-8 text with that address and length in the caller's
    /// exported memory, and a line end, to standard output.
    Run(Box<Run>),
    /// Says what a library is, and what this machine offers it
    Info(Info),
    /// Checks the machine that this program plays, promise by promise
    ///
    /// Tries out what wasmtime-platform.h asks for: by this program, all that it offers to device libraries; or, where a
    /// platform or a library is named, by that library, which must be built with build.platform-checks = true.
    ///
    /// A check passes, fails (with what was seen, what it means and the remedy), or is not checkable here (with the reason). Exit
    /// code 1 if one fails.
    CheckPlatform(CheckPlatform),
    /// Measures the native stack that a library needs besides wasm's own part, and shows that a guest stays within it
    ///
    /// Loads, links, calls and traps on a painted stack, and looks how far down each came. Then a guest recurses without end on a
    /// stack that has memory.native-stack and what was measured (or budget.stack, if the platform file has it), and below it
    /// a guard: a guest that left its bytes would end this program.
    ///
    /// Fails if more is needed than budget.stack allows.
    Stack(Stack),
}

#[derive(clap::Args)]
#[command(override_usage = "minplat-host run [OPTIONS] FILE.cwasm [--invoke NAME [ARGS]...]")]
pub(crate) struct Run {
    /// The module, as minplat-compile wrote it; - for standard input
    #[arg(value_name = "FILE.cwasm")]
    pub(crate) file: PathBuf,

    /// Calls this exported function with what follows as arguments (-1 needs no care, an option ends them). Without it the
    /// start function runs, and then the first of _start, main, run that is exported and takes nothing
    ///
    /// Integers are decimal or 0x…, vectors 0x… or i32x4:1,2,3,4, references null, or extern:TEXT for an externref to a text
    /// of the host.
    #[arg(long, value_name = "NAME [ARGS]...")]
    pub(crate) invoke: Option<String>,

    /// An argument of --invoke: how `rewrite` passes them on.
    #[arg(long = "arg", hide = true, requires = "invoke", allow_hyphen_values = true, action = ArgAction::Append)]
    pub(crate) args: Vec<String>,

    /// Uses this library
    #[arg(long, value_name = "LIB")]
    pub(crate) library: Option<PathBuf>,

    /// Runs another module first and gives its exports to the ones after it, as imports from NAME; can be repeated
    #[arg(long, value_name = "NAME=FILE.cwasm", value_parser = preload)]
    pub(crate) preload: Vec<(String, PathBuf)>,

    /// Answers imports that are missing with zeros and nulls, and prints the calls
    #[arg(long)]
    pub(crate) stub_imports: bool,

    /// Uses the module where it lies, as from flash, instead of copying it
    #[arg(long)]
    pub(crate) in_place: bool,

    /// Stops the guest when it has used this much fuel (platforms with wasm.interruption = "fuel")
    #[arg(long, value_name = "N")]
    pub(crate) fuel: Option<u64>,

    /// Stops the guest after this many milliseconds (platforms with wasm.interruption = "epoch")
    #[arg(long, value_name = "MS")]
    pub(crate) timeout: Option<u64>,

    /// Gives everything up after this many milliseconds; works with every platform
    #[arg(long, value_name = "MS")]
    pub(crate) deadline: Option<u64>,

    /// Memory of the device: what more than this would have to stand behind fails, as on a board
    ///
    /// Counted is what was made accessible, not what was reserved. A number of bytes, or with KiB, MiB, GiB.
    #[arg(long, value_name = "BYTES", value_parser = text::size)]
    pub(crate) memory_limit: Option<u64>,

    /// Lets the Nth call of a platform function fail, as in mprotect:3, or with mprotect:3+ that one and all later ones; can be
    /// repeated
    ///
    /// heap:N is the Nth allocation on the library's heap, which is then this process's own: --memory-limit does not hold for
    /// it.
    #[arg(long, value_name = "CALL:N")]
    pub(crate) fail: Vec<Fault>,

    /// Prints platform calls, memory by purpose, heap, native stack and times
    #[arg(long)]
    pub(crate) stats: bool,

    /// Prints each call of a platform function
    #[arg(long)]
    pub(crate) trace: bool,

    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(clap::Args)]
pub(crate) struct Stack {
    /// examples/stack.wat, compiled for the platform
    #[arg(value_name = "STACK.cwasm")]
    pub(crate) file: PathBuf,

    /// Uses this library
    #[arg(long, value_name = "LIB")]
    pub(crate) library: Option<PathBuf>,

    /// Prints one JSON object instead
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(clap::Args)]
pub(crate) struct Info {
    /// The platform whose library is meant [default: x86_64-minplat]
    #[arg(conflicts_with = "library")]
    pub(crate) platform: Option<String>,

    /// The library itself
    #[arg(long, value_name = "LIB")]
    pub(crate) library: Option<PathBuf>,

    /// Prints one JSON object instead
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(clap::Args)]
pub(crate) struct CheckPlatform {
    /// The platform whose library checks [default: none, this program does]
    #[arg(conflicts_with = "library")]
    pub(crate) platform: Option<String>,

    /// The library that checks
    #[arg(long, value_name = "LIB")]
    pub(crate) library: Option<PathBuf>,

    /// Runs this check alone
    #[arg(long, value_name = "CHECK")]
    pub(crate) only: Option<String>,

    /// Lists the checks with meaning and remedy, as docs/platform-checks.md has them
    #[arg(long, conflicts_with_all = ["platform", "library", "only", "json"])]
    pub(crate) list: bool,

    /// Prints one JSON object instead
    #[arg(long)]
    pub(crate) json: bool,
}

fn preload(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((name, file)) if !name.is_empty() && !file.is_empty() => Ok((name.into(), file.into())),
        _ => Err("expected NAME=FILE.cwasm".into()),
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use minplat_host::entry::rewrite;

    use super::*;

    #[test]
    fn negative_arguments_need_no_care_and_an_option_ends_them() {
        let args = "minplat-host run f.cwasm --invoke sub -3 -0x1 -inf -nan:0x1 --json -q";
        let args = Args::try_parse_from(rewrite(args.split(' ').map(OsString::from))).unwrap();
        let Command::Run(run) = args.command else { panic!("not run") };
        assert_eq!(run.args, ["-3", "-0x1", "-inf", "-nan:0x1"]);
        assert!(run.output.json && run.output.quiet && run.invoke.as_deref() == Some("sub"));
    }

    #[test]
    fn the_definition_is_sound() {
        use clap::CommandFactory;
        Args::command().debug_assert();
    }
}
