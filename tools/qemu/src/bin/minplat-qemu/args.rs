//! The command line.

use std::path::PathBuf;

use clap::{ArgAction, Parser, Subcommand};
use minplat_host::output::Output;
use minplat_host::text;
use minplat_qemu::machine::DEBUGGER;

/// Runs a module on a bare machine: QEMU plays it, with firmware that is built for it.
#[derive(Parser)]
#[command(
    name = "minplat-qemu",
    version,
    override_usage = "minplat-qemu PORT run [OPTIONS] FILE [--invoke NAME [ARGS]...]\n       minplat-qemu PORT platform|check-platform|examples|build [OPTIONS]\n       minplat-qemu list [--json]",
    after_help = "Exit codes: 0 done, 1 failed (a trap included), 2 wrong usage."
)]
pub(crate) struct Args {
    /// The machine: `minplat-qemu list` lists them
    pub(crate) port: Option<String>,

    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Args {
    /// Whether JSON is wanted.
    pub(crate) fn json(&self) -> bool {
        match &self.command {
            Command::Run(run) => run.common.output.json,
            Command::Platform(platform) => platform.output.json,
            Command::CheckPlatform(check) => check.common.output.json,
            Command::Build(build) => build.common.output.json,
            Command::Examples(common) => common.output.json,
            Command::List(list) => list.json,
        }
    }
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Runs a module
    ///
    /// Results go to standard output, one on a line, and with them what the guest says with host.log; everything else to
    /// standard error. They are what minplat-host prints.
    Run(Box<Run>),
    /// Says what the firmware is linked with
    Platform(Common),
    /// Checks what the machine gives the library, promise by promise; the platform needs build.platform-checks = true
    CheckPlatform(Check),
    /// Runs the examples, all in one start of the machine, and compares each answer with what examples.toml says
    Examples(Common),
    /// Builds the firmware, and prints where it is
    Build(Build),
    /// Lists the ports
    List(List),
}

/// What holds for each subcommand that starts a machine.
#[derive(clap::Args)]
pub(crate) struct Common {
    /// One of the port's platforms, a variant (NAME+KEY=VALUE) or a platform file for the same machine [default: the first of
    /// the port's]
    #[arg(short, long, value_name = "NAME|PATH")]
    pub(crate) platform: Option<String>,

    /// Builds the firmware without what test scripts and platform checks need
    #[arg(long)]
    pub(crate) lean: bool,

    /// Gives the machine up after so many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    pub(crate) timeout: u64,

    /// Waits for a debugger there before the first instruction [without an address: localhost:1234]
    #[arg(long, value_name = "HOST:PORT", num_args = 0..=1, require_equals = true, default_missing_value = DEBUGGER)]
    pub(crate) gdb: Option<String>,

    /// Lets the machine's time be its instructions, one a nanosecond, so that every run is the same
    #[arg(long)]
    pub(crate) icount: bool,

    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(clap::Args)]
#[command(override_usage = "minplat-qemu PORT run [OPTIONS] FILE [--invoke NAME [ARGS]...]")]
pub(crate) struct Run {
    #[command(flatten)]
    pub(crate) common: Common,

    /// The module: .wat or .wasm, compiled for the platform, or .cwasm as it is; - for standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,

    /// Calls this exported function with what follows as arguments (-1 needs no care, an option ends them). Without it the
    /// start function runs, and then the first of _start, main, run that is exported and takes nothing
    #[arg(long, value_name = "NAME [ARGS]...")]
    pub(crate) invoke: Option<String>,

    /// An argument of --invoke.
    #[arg(long = "arg", hide = true, requires = "invoke", allow_hyphen_values = true, action = ArgAction::Append)]
    pub(crate) args: Vec<String>,

    /// Links the module into the firmware and uses it in place, as from flash
    #[arg(long)]
    pub(crate) linked: bool,

    /// Uses the module where it was put at boot, instead of copying it
    #[arg(long)]
    pub(crate) in_place: bool,

    /// Puts functions that tell their arguments and give zeros in the place of those that nothing gives
    #[arg(long)]
    pub(crate) stub_imports: bool,

    /// Stops the guest when it has used this much fuel (platforms with wasm.interruption = "fuel")
    #[arg(long, value_name = "N")]
    pub(crate) fuel: Option<u64>,

    /// Memory of the library: a number of bytes, or with KiB, MiB
    #[arg(long, value_name = "BYTES", value_parser = text::size)]
    pub(crate) memory_limit: Option<u64>,

    /// Prints memory by purpose, the heap, the stack, and what the machine has
    #[arg(long)]
    pub(crate) stats: bool,
}

#[derive(clap::Args)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) common: Common,

    /// Runs this check alone
    #[arg(long, value_name = "CHECK")]
    pub(crate) only: Option<String>,
}

#[derive(clap::Args)]
pub(crate) struct Build {
    #[command(flatten)]
    pub(crate) common: Common,

    /// Has Clippy read it instead, with and without what test scripts and platform checks need; it takes no library
    #[arg(long, conflicts_with = "lean")]
    pub(crate) lint: bool,
}

#[derive(clap::Args)]
pub(crate) struct List {
    /// Prints one JSON object instead
    #[arg(long)]
    pub(crate) json: bool,
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use minplat_host::entry::rewrite;

    use super::*;

    fn parse(line: &str) -> Args {
        Args::try_parse_from(rewrite(line.split(' ').map(Into::into))).unwrap()
    }

    #[test]
    fn a_port_comes_first_and_list_needs_none() {
        let args = parse("minplat-qemu cortex-m4 run f.wat --invoke sub -3 -0x1 --json");
        let Command::Run(run) = &args.command else { panic!("not run") };
        assert_eq!((args.port.as_deref(), run.invoke.as_deref()), (Some("cortex-m4"), Some("sub")));
        assert_eq!(run.args, ["-3", "-0x1"]);
        assert!(args.json());
        let args = parse("minplat-qemu list");
        assert!(args.port.is_none() && matches!(args.command, Command::List(_)));
    }

    #[test]
    fn the_definition_is_sound() {
        use clap::CommandFactory;
        Args::command().debug_assert();
    }
}
