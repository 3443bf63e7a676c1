//! `--print`: what a program in Rust needs; nothing is built.

use std::process::ExitCode;

use anyhow::Result;
use minplat_builder::cargo_config;
use minplat_builder::source::Source;
use minplat_builder::toolchain::{choose, list};

use crate::args::{Args, Print};
use crate::{plan, report};

/// Prints it for the one platform that was named, or for the default one.
pub(crate) fn run(args: &Args, what: Print) -> ExitCode {
    if args.platforms.len() > 1 {
        eprintln!("error: --print is for one platform, and {} are named", args.platforms.len());
        return ExitCode::from(2);
    }
    match text(args, what) {
        Ok(text) => {
            report::print(text.trim_end());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(1)
        }
    }
}

fn text(args: &Args, what: Print) -> Result<String> {
    let (called, platform) = plan::platforms(args)?.remove(0);
    if what == Print::Symbols {
        return Ok(platform.program_symbols().join("\n"));
    }
    let choice = choose(&platform, &list(args.toolchain.as_deref()))?;
    if what == Print::Cargo {
        return Ok(cargo_config::command(&choice));
    }
    let source = Source::find(args.source.as_deref())?;
    cargo_config::text((&called, &platform), &args.sets, (&source, &choice))
}
