//! Writes the dictionaries of packed artifacts, `format/src/packing/*.bin`: what an artifact for each machine begins with, and the
//! code that any module has. They are part of the format: packed artifacts that are out there need these very bytes, so once a version is
//! released other dictionaries want other numbers in `minplat_format::Machine`.
//!
//! ```text
//! cargo run --release --example dictionary FOLDER
//! ```

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use minplat_compiler::elf::Elf;
use minplat_compiler::{Options, compile};
use minplat_platform::Platform;

/// The file of each dictionary, and its platforms.
const MACHINES: [(&str, &[&str]); 4] = [
    ("x86_64", &["x86_64-minplat"]),
    ("aarch64", &["aarch64-minplat"]),
    ("riscv64", &["riscv64-minplat"]),
    // Of the wider one the code alone; all else is as good as the same.
    ("bytecode", &["pulley64-minplat", "pulley32-thumbv7em"]),
];

/// A memory, data, a name, an entry, and a load that may trap: each brings what most modules have.
const MODULE: &str = "(module (memory 1) (data (i32.const 8) \"d\") (func $f (export \"f\") (param i32) (result i32) (i32.load (local.get 0))))";

fn main() -> Result<()> {
    let folder = std::env::args().nth(1).map(PathBuf::from).context("no folder: name where the dictionaries go")?;
    for (file, platforms) in MACHINES {
        let mut dictionary = Vec::new();
        for (at, platform) in platforms.iter().enumerate() {
            let compiled = compile(&Platform::load(platform, &[])?, &wat::parse_str(MODULE)?, Options::default())?;
            let elf = Elf::parse(&compiled.artifact[..compiled.image_len])?;
            let text = elf.section(".text").context("a module without code")?;
            dictionary.extend(text.data);
            // What is nearest to the start of an artifact comes last.
            if at + 1 == platforms.len() {
                let before = elf.sections.iter().filter(|section| section.name != ".text");
                let end = before.map(|section| section.offset + section.size).max();
                dictionary.extend(&compiled.artifact[..usize::try_from(end.context("a module without sections")?)?]);
            }
        }
        let path = folder.join(file).with_extension("bin");
        std::fs::write(&path, dictionary).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}
