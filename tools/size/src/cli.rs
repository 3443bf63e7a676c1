//! The command line.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::model::By;
use crate::peers::{Named, Peer};
use crate::study::plan::Design;

/// Tells who owns each byte of a device library, of firmware, of a compiled module.
#[derive(Parser, Debug)]
#[command(name = "minplat-size", version, after_help = AFTER)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Bytes by section, by crate, by function.
    Report(ReportArgs),
    /// What grew and what shrank.
    Compare(CompareArgs),
    /// A module compiled in every way: what each knob of the compiler saves, and which functions carry the weight.
    Module(ModuleArgs),
    /// A library built with each knob turned: tables and a chart of what each costs.
    Study(StudyArgs),
    /// Other runtimes, each built to do what the size probe does, beside the platform's library.
    Peers(PeersArgs),
    /// All shipped platforms and the example guests, as they lie built: the tables of docs/sizes.md.
    Shipped(ShippedArgs),
}

#[derive(Args, Debug)]
pub(crate) struct ShippedArgs {
    /// Compare with the tables of a document; one that is off by more than 0.5 % fails, with the document's toolchain.
    #[arg(long, value_name = "FILE.md", conflicts_with_all = ["write", "json"])]
    pub(crate) check: Option<PathBuf>,
    /// Put the tables into a document.
    #[arg(long, value_name = "FILE.md", conflicts_with = "json")]
    pub(crate) write: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct PeersArgs {
    /// A shipped platform's name, or the path of a platform file; its library has to be built.
    #[arg(value_name = "PLATFORM", default_value = minplat_platform::DEFAULT)]
    pub(crate) platform: String,
    /// Change a key of the platform; may be given again.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) sets: Vec<String>,
    /// Build this runtime, and no other but what is named so too.
    #[arg(long, value_name = "RUNTIME")]
    pub(crate) only: Vec<Peer>,
    /// Keep what is built: RUNTIME.a and, linked, RUNTIME.elf, to look at with `report`.
    #[arg(short, long, value_name = "DIR", conflicts_with = "no_build")]
    pub(crate) out_dir: Option<PathBuf>,
    /// Cores to use [default: all].
    #[arg(short, long, value_name = "N", conflicts_with = "no_build")]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// Build no runtime: measure what --file names.
    #[arg(long, conflicts_with = "only", requires = "files")]
    pub(crate) no_build: bool,
    /// A runtime that you built yourself: a linked program, an object, or a .a; may be given again.
    #[arg(long = "file", id = "files", value_name = "NAME=PATH", value_parser = Named::parse)]
    pub(crate) files: Vec<Named>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct ReportArgs {
    /// A platform (a shipped name, or the path of a platform file), an ELF file, a .a, a .cwasm, or a saved report; - is standard input.
    #[arg(value_name = "PLATFORM|FILE")]
    pub(crate) subject: String,
    #[command(flatten)]
    pub(crate) how: How,
    /// The map that LLD wrote for the program (-Map=FILE); one beside it, as firmware.map of firmware.elf, is found, and so is
    /// that of a platform's library.
    #[arg(long, value_name = "FILE")]
    pub(crate) map: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct CompareArgs {
    /// What was: as in `report`.
    #[arg(value_name = "A")]
    pub(crate) before: String,
    /// What is.
    #[arg(value_name = "B")]
    pub(crate) after: String,
    #[command(flatten)]
    pub(crate) how: How,
    /// The map of A, where that is a program: as --map of `report`.
    #[arg(long, value_name = "FILE")]
    pub(crate) map_a: Option<PathBuf>,
    /// The map of B.
    #[arg(long, value_name = "FILE")]
    pub(crate) map_b: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct ModuleArgs {
    /// The module, in binary form or as text; - is standard input.
    #[arg(value_name = "FILE.wasm")]
    pub(crate) file: PathBuf,
    /// A shipped platform's name, or the path of a platform file.
    #[arg(short, long, value_name = "NAME|PATH", default_value = minplat_platform::DEFAULT)]
    pub(crate) platform: String,
    /// Change a key of the platform; may be given again.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) sets: Vec<String>,
    /// Functions to print; 0: all.
    #[arg(long, value_name = "N", default_value_t = 25)]
    pub(crate) top: usize,
    /// Write a page to look at: a map to walk into, a table to search; one file that needs no network.
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    pub(crate) html: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct StudyArgs {
    /// A shipped platform's name, or the path of a platform file.
    #[arg(value_name = "PLATFORM", required_unless_present = "from")]
    pub(crate) platform: Option<String>,
    /// A table of knobs like tools/size/knobs.toml, which is the default.
    #[arg(long, value_name = "FILE.toml")]
    pub(crate) knobs: Option<PathBuf>,
    /// Turn this knob of the table, and no other but what is named so too; the tables go to the folder "only" beside libraries.
    #[arg(long, value_name = "KNOB")]
    pub(crate) only: Vec<String>,
    /// How knobs are turned.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) design: Design,
    /// Say what would be built.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Build nothing: write the tables of saved results anew.
    #[arg(long, value_name = "results.json", conflicts_with_all = ["knobs", "only", "design", "dry_run"])]
    pub(crate) from: Option<PathBuf>,
    /// Write a page to look at as well: bars of what each change costs or saves, a table to search.
    #[arg(long, value_name = "FILE", conflicts_with = "dry_run")]
    pub(crate) html: Option<PathBuf>,
    /// Where results and libraries go; given again, what has not changed is not built again [default: size-study/PLATFORM].
    #[arg(short, long, value_name = "DIR")]
    pub(crate) out_dir: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct How {
    /// Whose code is: each instruction's innermost inlined function's (crate), or the symbol's that it is in (symbol).
    #[arg(long, value_enum, default_value_t)]
    pub(crate) by: By,
    /// Change a key of the platform; may be given again.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) sets: Vec<String>,
    /// Rows to print; 0: all.
    #[arg(long, value_name = "N", default_value_t = 25)]
    pub(crate) top: usize,
    /// Write a page to look at: a map to walk into, a table to search; one file that needs no network.
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    pub(crate) html: Option<PathBuf>,
    /// Print JSON, which can be given again in place of what was looked at.
    #[arg(long)]
    pub(crate) json: bool,
}

const AFTER: &str = "\
Exit codes: 0 done, 1 failed, 2 wrong usage.

Examples:
  minplat-size report x86_64-minplat
  minplat-size report firmware.elf --map firmware.map --by symbol
  minplat-size report foo.cwasm
  minplat-size report x86_64-minplat --html report.html
  minplat-size report x86_64-minplat --json > before.json
  minplat-size compare before.json x86_64-minplat
  minplat-size compare old.elf new.elf --map-a old.map --map-b new.map
  minplat-size module foo.wasm -p x86_64-minplat-traps
  minplat-size study x86_64-minplat --design one
  minplat-size study x86_64-minplat --only panic --only 'debug format'
  minplat-size peers x86_64-minplat --file wasm3=wasm3.elf
  minplat-size shipped --check docs/sizes.md";
