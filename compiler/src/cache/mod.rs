//! A folder of compiled functions: what was compiled before is not compiled again, in this module or another one.
//!
//! Cranelift asks for each function by a key: a digest of the function as it is about to be compiled, of the machine, of every
//! flag, and of Cranelift's version. `entry` makes a file's name of it, in which minplat's and Wasmtime's versions are too, and
//! lets a file prove that it is whole. Files appear by rename, so any number of processes may share a folder. `bound` keeps
//! it within its limit.
//!
//! # Caveat
//! An entry that is damaged is found and costs the time to compile the function again. One that somebody wrote on purpose
//! is not found: who may write to the folder decides what code the artifacts have.

mod bound;
mod entry;

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use serde::Serialize;
use wasmtime::CacheStore;

use crate::output;
use crate::refusal::Refusal;
use bound::Bound;
use entry::Name;

/// An entry's time of use is not written anew for a use that follows within this time.
const USED_LATELY: Duration = Duration::from_secs(600);

/// Values up to this length are kept in memory while a module is compiled, bytes: each exported function has a trampoline, and
/// those of one type are the same.
const SMALL: usize = 1024;

/// A folder of compiled functions; threads and processes may share it. What it was given is counted against the limit when
/// it is dropped, at the latest.
#[derive(Debug)]
pub struct Cache {
    folder: PathBuf,
    bound: Bound,
}

/// What a cache did for one module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Uses {
    /// Functions that were asked for: the module's own, and those that Wasmtime adds for calls across its border.
    pub functions: usize,
    /// Those that were there.
    pub hits: usize,
    /// Those that were there and damaged; they were removed.
    pub damaged: usize,
    /// Those that could not be kept: the disk is full, say.
    pub lost: usize,
}

impl Cache {
    /// Opens a folder, which is made where it is missing. `limit` bounds the files in it, bytes; those that were not used for
    /// the longest time go.
    ///
    /// # Errors
    /// The folder cannot be made, or nothing can be written to it.
    pub fn open(folder: &Path, limit: u64) -> Result<Arc<Self>, Refusal> {
        output::make_directory(folder)?;
        tempfile::tempfile_in(folder).map_err(|error| {
            Refusal::new(
                folder.display().to_string(),
                format!("cannot be the folder of --cache: no file can be made in it: {error}"),
            )
            .remedy("name a folder that you may write to, or leave out --cache")
        })?;
        Ok(Arc::new(Self { folder: folder.to_owned(), bound: Bound::new(folder, limit) }))
    }

    /// The cache for one module, whose functions are counted.
    pub(crate) fn for_module(self: &Arc<Self>) -> Arc<ForModule> {
        Arc::new(ForModule { cache: self.clone(), uses: Counts::default(), small: Mutex::default() })
    }

    /// The value of an entry; none if there is no such file.
    fn read(&self, name: &Name) -> Option<Result<Vec<u8>, entry::Damaged>> {
        let path = self.folder.join(name.path());
        let mut file = std::fs::File::open(&path).ok()?;
        let there = file.metadata().ok()?;
        let mut bytes = vec![0; usize::try_from(there.len()).ok()?];
        file.read_exact(&mut bytes).ok()?;
        let value = entry::open(name, bytes);
        let now = SystemTime::now();
        if value.is_err() {
            // Whoever shares the folder may have removed it already.
            let _ = std::fs::remove_file(&path);
        } else if !there.modified().is_ok_and(|used| used + USED_LATELY > now) {
            // Where this is not allowed the entry goes earlier than it should.
            let _ = file.set_modified(now);
        }
        Some(value)
    }

    fn write(&self, name: &Name, value: &[u8]) -> std::io::Result<()> {
        let path = self.folder.join(name.path());
        let folder = path.parent().unwrap_or(&self.folder);
        let mut file = match new_file(folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                std::fs::create_dir_all(folder)?;
                new_file(folder)?
            }
            result => result?,
        };
        let digest = entry::digest(name, value);
        file.write_all(&digest)?;
        file.write_all(value)?;
        file.persist(&path)?;
        self.bound.written((digest.len() + value.len()) as u64);
        Ok(())
    }
}

/// A file that has no name of its own yet, as readable as any other new file.
fn new_file(folder: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(bound::TEMPORARY);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

/// What Wasmtime asks while it compiles one module.
#[derive(Debug)]
pub(crate) struct ForModule {
    cache: Arc<Cache>,
    uses: Counts,
    /// The small values that were read or written.
    small: Mutex<HashMap<Name, Vec<u8>>>,
}

#[derive(Debug, Default)]
struct Counts {
    functions: AtomicUsize,
    hits: AtomicUsize,
    damaged: AtomicUsize,
    lost: AtomicUsize,
}

impl ForModule {
    /// What was asked up to now.
    pub(crate) fn uses(&self) -> Uses {
        let get = |count: &AtomicUsize| count.load(Ordering::Relaxed);
        let Counts { functions, hits, damaged, lost } = &self.uses;
        Uses { functions: get(functions), hits: get(hits), damaged: get(damaged), lost: get(lost) }
    }

    /// The value of an entry, from memory or from its file.
    fn read(&self, name: Name) -> Option<Result<Vec<u8>, entry::Damaged>> {
        if let Some(value) = self.small().get(&name) {
            return Some(Ok(value.clone()));
        }
        let value = self.cache.read(&name)?;
        if let Ok(value) = &value {
            self.remember(name, value);
        }
        Some(value)
    }

    fn remember(&self, name: Name, value: &[u8]) {
        if value.len() <= SMALL {
            self.small().insert(name, value.to_vec());
        }
    }

    /// A thread that panicked has left whole values.
    fn small(&self) -> impl std::ops::DerefMut<Target = HashMap<Name, Vec<u8>>> {
        self.small.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CacheStore for ForModule {
    fn get(&self, key: &[u8]) -> Option<Cow<'_, [u8]>> {
        let count = |count: &AtomicUsize| count.fetch_add(1, Ordering::Relaxed);
        count(&self.uses.functions);
        match self.read(Name::of(key))? {
            Ok(value) => {
                count(&self.uses.hits);
                Some(value.into())
            }
            Err(entry::Damaged) => {
                count(&self.uses.damaged);
                None
            }
        }
    }

    fn insert(&self, key: &[u8], value: Vec<u8>) -> bool {
        let name = Name::of(key);
        let kept = self.cache.write(&name, &value).is_ok();
        self.remember(name, &value);
        if !kept {
            self.uses.lost.fetch_add(1, Ordering::Relaxed);
        }
        kept
    }
}
