//! What every subcommand that starts a machine begins with.

use std::path::PathBuf;
use std::time::Duration;

use minplat_builder::progress::Detail;
use minplat_builder::source::Source;
use minplat_platform::Platform;
use minplat_qemu::firmware::{self, Order};
use minplat_qemu::machine::{self, Options, Said};
use minplat_qemu::port::Port;

use crate::args::Common;
use crate::report::Failure;

/// A machine that can be built and started.
pub(crate) struct Setup<'a> {
    pub(crate) port: Port,
    pub(crate) platform: Platform,
    pub(crate) source: Source,
    called: String,
    common: &'a Common,
}

impl<'a> Setup<'a> {
    pub(crate) fn new(port: &str, common: &'a Common) -> Result<Self, Failure> {
        let source = Source::find(None)?;
        let port = Port::find(&source, port).map_err(|error| Failure::Usage(format!("{error:#}")))?;
        let platform = port.platform(common.platform.as_deref())?;
        let called = common.platform.clone().unwrap_or_else(|| port.about.platforms[0].clone());
        Ok(Self { port, platform, source, called, common })
    }

    /// Builds the firmware; gives the file.
    pub(crate) fn build(&self, linked: &[Vec<u8>]) -> Result<PathBuf, Failure> {
        Ok(firmware::build(&self.order(linked, self.common.lean))?)
    }

    /// Lints the firmware, with and without what is left out of a lean one.
    pub(crate) fn lint(&self) -> Result<(), Failure> {
        for lean in [false, true] {
            firmware::lint(&self.order(&[], lean))?;
        }
        Ok(())
    }

    fn order<'o>(&'o self, linked: &'o [Vec<u8>], lean: bool) -> Order<'o> {
        let detail = match (self.common.output.quiet, self.common.output.verbose) {
            (true, _) => Detail::Quiet,
            (_, true) => Detail::Verbose,
            _ => Detail::Normal,
        };
        Order {
            source: &self.source,
            port: &self.port,
            platform: &self.platform,
            called: &self.called,
            linked,
            lean,
            detail,
        }
    }

    /// Starts the firmware with a bundle, and hears what it says; gives its exit code.
    pub(crate) fn start(&self, linked: &[Vec<u8>], bundle: &[u8], hear: impl FnMut(Said)) -> Result<u8, Failure> {
        let elf = self.build(linked)?;
        let debugger = self.common.gdb.as_deref();
        if let Some(address) = debugger {
            eprintln!("waiting for a debugger: gdb-multiarch {} -ex 'target remote {address}'", elf.display());
        }
        let time_out = debugger.is_none().then_some(Duration::from_secs(self.common.timeout));
        let options = Options { time_out, debugger, counts: self.common.icount };
        Ok(machine::run(&self.port, &elf, bundle, options, hear)?)
    }
}
