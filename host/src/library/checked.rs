//! A device library, looked at before it is opened.

use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use object::read::elf::ElfFile64;
use object::{Architecture, Object, ObjectKind, ObjectSymbol};

use super::artifact::read_file;
use crate::platform::Call;

/// What was seen.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The symbols that it asks the machine for, sorted.
    pub undefined: Vec<String>,
}

impl Checked {
    /// Reads a library's symbols and compares them with what this host offers.
    ///
    /// # Errors
    /// It is no library, one for another machine, no library of minplat's, or it asks for what this host does not offer:
    /// all such symbols are named.
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = read_file(path)?;
        Self::parse(&bytes).with_context(|| format!("{} cannot be used as a device library", path.display()))
    }

    fn parse(bytes: &[u8]) -> Result<Self> {
        ensure!(
            !bytes.starts_with(b"!<arch>\n"),
            "it is a static library: a Linux process loads the libminplat.so beside it"
        );
        let elf = ElfFile64::<object::Endianness>::parse(bytes).context("it is no 64-bit ELF library")?;
        let host = if cfg!(target_arch = "aarch64") {
            Architecture::Aarch64
        } else if cfg!(target_arch = "riscv64") {
            Architecture::Riscv64
        } else {
            Architecture::X86_64
        };
        ensure!(
            elf.architecture() == host,
            "it is for {:?} and this machine is {host:?}: run it on such a machine, or in an emulator of one",
            elf.architecture()
        );
        ensure!(elf.kind() == ObjectKind::Dynamic, "it is no shared library: minplat-build writes lib/libminplat.so");

        let names = || elf.dynamic_symbols().filter_map(|symbol| Some((symbol.name().ok()?, symbol)));
        if !names().any(|(name, symbol)| symbol.is_definition() && name == "minplat_engine_new") {
            bail!("it does not define minplat_engine_new: it is another library, or from another version of minplat");
        }
        let mut undefined: Vec<_> = names()
            .filter(|(name, symbol)| symbol.is_undefined() && !symbol.is_weak() && !name.is_empty())
            .map(|(name, _)| name.to_owned())
            .collect();
        undefined.sort();
        let missing: Vec<_> = undefined.iter().filter(|name| !offered(name)).map(|name| explain(name)).collect();
        if !missing.is_empty() {
            bail!("it asks for symbols that this host does not offer:{}", missing.concat());
        }
        Ok(Self { undefined })
    }

    /// Whether the library takes threads for granted: thread-local slots from the machine.
    pub fn multi_thread(&self) -> bool {
        self.asks(Call::TlsGet)
    }

    /// Whether the library takes its memory from the machine.
    pub fn virtual_memory(&self) -> bool {
        self.asks(Call::MmapNew)
    }

    fn asks(&self, call: Call) -> bool {
        self.undefined.iter().any(|name| name == call.symbol())
    }
}

fn offered(name: &str) -> bool {
    Call::ALL.iter().any(|call| call.symbol() == name)
}

/// A line about a symbol that is missing, with the remedy.
fn explain(name: &str) -> String {
    let remedy = if name.starts_with("wasmtime_fiber_") {
        "fibers are the firmware's only where Wasmtime has no stack switch; build it for this machine's own architecture"
    } else if name.starts_with("wasmtime_") {
        "this host does not know it; use the minplat-host of the version that built the library"
    } else {
        "no machine is asked for that; build the library with minplat-build, which checks its symbols"
    };
    format!("\n  {name}: {remedy}")
}
