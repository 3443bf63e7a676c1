//! The device that a run uses.

use std::path::Path;

use anyhow::Result;
use minplat_host::{Device, Engine, Error, Store};
use minplat_platform::Platform;
use minplat_platform::settings::Interruption;

/// Enough for any script: what is not meant to run out does not.
const PLENTY: u64 = u64::MAX / 2;

/// A library that was opened, and how its guests are kept running.
pub(crate) struct Machine {
    pub(crate) engine: Engine,
    interruption: Interruption,
    /// Whether 64-bit memories and tables can be made.
    pub(crate) memory64: bool,
}

impl Machine {
    /// Opens a library, for this thread.
    ///
    /// # Errors
    /// It cannot be opened, or is for another machine.
    pub(crate) fn open(library: &Path, platform: &Platform) -> Result<Self> {
        let settings = platform.settings();
        Ok(Self {
            engine: Engine::new(&Device::open(library)?)?,
            interruption: settings.interruption,
            memory64: settings.features.contains("memory64"),
        })
    }

    /// Lets guests of the store run on, where the platform would stop them.
    pub(crate) fn allow(&self, store: &mut Store) -> Result<(), Error> {
        match self.interruption {
            Interruption::None => Ok(()),
            Interruption::Fuel => store.set_fuel(PLENTY),
            Interruption::Epoch => store.set_epoch_deadline(PLENTY),
        }
    }
}
