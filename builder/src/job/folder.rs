//! The folder of Cargo's output, which several runs of this program may want at once.

use std::fs::{self, File, TryLockError};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::interrupt;

/// A folder for what is made between Cargo's output and the prefix.
pub(super) fn work_folder(beside: &Path) -> Result<TempDir> {
    let make = || {
        fs::create_dir_all(beside)?;
        tempfile::Builder::new().prefix("link-").tempdir_in(beside)
    };
    make().with_context(|| {
        format!("cannot write into {}; set CARGO_TARGET_DIR to a folder that can be written", beside.display())
    })
}

/// Takes a lock; says so where that takes long. Gives up when the user does.
pub(super) fn wait_for(lock: &File, say: impl FnOnce()) -> Result<()> {
    let mut say = Some(say);
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) => {
                if let Some(say) = say.take() {
                    say();
                }
                interrupt::check()?;
                std::thread::sleep(Duration::from_millis(100));
            }
            Err(TryLockError::Error(error)) => {
                return Err(error).context("cannot lock the folder of Cargo's output");
            }
        }
    }
}
