//! `minplat-inspect`: what an artifact is, what is in it, and whether a device can load it.

mod args;
mod compare;
mod overview;
mod symbols;

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser as _;
use minplat_compiler::Refusal;
use minplat_compiler::disasm::disassemble;
use minplat_compiler::image::Image;
use minplat_compiler::sniff::{Kind, kind};
use minplat_compiler::{input, packing};

use args::Args;

fn main() -> ExitCode {
    let mut args = Args::parse();
    if let Some(shell) = args.completions {
        clap_complete::generate(
            shell,
            &mut <Args as clap::CommandFactory>::command(),
            "minplat-inspect",
            &mut std::io::stdout(),
        );
        return ExitCode::SUCCESS;
    }
    let Some(file) = args.take_file() else {
        eprintln!("error: no file: name a .cwasm\n\nFor more information, try '--help'.");
        return ExitCode::from(2);
    };
    if let Err(what) = args.refuse_two_readers(&file) {
        eprintln!("error: {what}\n\nFor more information, try '--help'.");
        return ExitCode::from(2);
    }
    match run(&args, &file) {
        Ok((text, good)) => {
            let printed = std::io::stdout().lock().write_all(text.as_bytes());
            match printed {
                Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                    eprintln!("error: cannot write to standard output: {error}");
                    ExitCode::from(1)
                }
                _ => ExitCode::from(u8::from(!good)),
            }
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            if args.json {
                let report = serde_json::json!({ "error": format!("{error:#}") });
                // A reader that is gone misses nothing that standard error did not say.
                let _ = writeln!(std::io::stdout().lock(), "{report:#}");
            }
            ExitCode::from(1)
        }
    }
}

/// What to print, and whether the answer is a good one.
fn run(args: &Args, path: &Path) -> anyhow::Result<(String, bool)> {
    let (name, bytes) = input::file(path)?;
    let bytes = expanded(&name, bytes)?;
    let image = open(&name, &bytes)?;
    if let Some((debug, addresses)) = args.symbolize() {
        return symbols::run(args, &image, debug, addresses).map(|text| (text, true));
    }
    if let Some(select) = &args.disasm {
        let select = Some(select.as_str()).filter(|s| !s.is_empty());
        let text = disassemble(&image, select).map_err(|e| Refusal::new(&name, format!("{e:#}")))?;
        return Ok((text, true));
    }
    if args.asks_for_device() {
        return compare::run(args, &name, &image);
    }
    Ok((overview::run(args, &name, &bytes, &image)?, true))
}

/// A packed artifact's contents; any other file as it is.
fn expanded(name: &str, bytes: Vec<u8>) -> Result<Vec<u8>, Refusal> {
    if !minplat_format::is_packed(&bytes) {
        return Ok(bytes);
    }
    let (packed, of) = (bytes.len(), packing::unpack(name, &bytes)?);
    eprintln!("{name}: packed, {packed} bytes; what follows is about the {} bytes that come out", of.len());
    Ok(of)
}

/// Opens an artifact, or says what the file is instead.
fn open<'a>(name: &str, bytes: &'a [u8]) -> Result<Image<'a>, Refusal> {
    let refuse = |what: String, remedy: &str| Err(Refusal::new(name, what).remedy(remedy));
    match kind(bytes) {
        Kind::Cwasm => Image::parse(bytes).map_err(|error| {
            Refusal::new(name, format!("cannot be read: {error:#}"))
                .remedy("compile the module again, or copy it again")
        }),
        Kind::Module => refuse("is a WebAssembly module that is not compiled yet".into(), "run minplat-compile on it"),
        Kind::Wat => refuse("is WebAssembly text, not compiled yet".into(), "run minplat-compile on it"),
        Kind::Component => refuse("is a WebAssembly component, not compiled".into(), "name a .cwasm"),
        Kind::Packed => refuse("is packed twice".into(), "pack an artifact, not a packed one"),
        Kind::Empty => refuse("is empty".into(), "compile the module again"),
        Kind::Other(what) => refuse(format!("is {what}"), "name a .cwasm that minplat-compile wrote"),
    }
}
