//! The bound of a cache's folder.
//!
//! To look at every file after every compilation would take longer than the compilation. So the folder has a book: each
//! process adds a record of what it wrote, and who sees that the sum is over the limit looks at the files, removes those that
//! were not used for the longest time, and begins a new book. A process that was killed may not have written its record:
//! the book is also begun anew when it has grown long.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use super::entry;

/// What the names of temporary files begin with.
pub(super) const TEMPORARY: &str = ".minplat-";
/// The file with the records: bytes that were written, eight bytes each, the lowest first.
const BOOK: &str = "book";
/// The file whose lock the process that cleans holds.
const LOCK: &str = "lock";
/// Records of a book, at most.
const RECORDS: usize = 4096;
/// What a file takes of a disk is a multiple of this on most, bytes.
const BLOCK: u64 = 4096;
/// A temporary file that is older was left by a process that was killed.
const LEFT_OVER: Duration = Duration::from_secs(3600);

/// The bound of one folder.
#[derive(Debug)]
pub(super) struct Bound {
    folder: PathBuf,
    /// Bytes.
    limit: u64,
    /// Bytes that were written and are not in the book.
    unrecorded: AtomicU64,
}

impl Bound {
    pub(super) fn new(folder: &Path, limit: u64) -> Self {
        Self { folder: folder.to_owned(), limit, unrecorded: AtomicU64::new(0) }
    }

    /// Takes note of a file that was written, and of its length in bytes.
    pub(super) fn written(&self, bytes: u64) {
        let bytes = on_disk(bytes);
        let all = self.unrecorded.fetch_add(bytes, Ordering::Relaxed) + bytes;
        // A long run does not wait for its end.
        if all > self.limit / 16 {
            self.record();
        }
    }

    /// Writes into the book what is not in it, and cleans where that is time.
    fn record(&self) {
        let bytes = self.unrecorded.swap(0, Ordering::Relaxed);
        // Without a book there is still the next look at the files.
        if bytes > 0 && self.add(bytes).is_none_or(|all| all > self.limit) {
            self.clean();
        }
    }

    /// Adds a record. The sum of the book; none if it is time for a new one.
    fn add(&self, bytes: u64) -> Option<u64> {
        let path = self.folder.join(BOOK);
        let mut book = OpenOptions::new().append(true).create(true).open(&path).ok()?;
        book.write_all(&bytes.to_le_bytes()).ok()?;
        let all = std::fs::read(path).ok()?;
        let (records, []) = all.as_chunks() else { return None };
        let sum = records.iter().fold(0, |sum: u64, record| sum.saturating_add(u64::from_le_bytes(*record)));
        (records.len() < RECORDS).then_some(sum)
    }

    /// Looks at all files, and removes the oldest if they are too many. One process does so at a time; others go on.
    fn clean(&self) {
        let lock = File::create(self.folder.join(LOCK));
        // Where there are no locks two may clean, and remove more than they need.
        if lock.as_ref().is_ok_and(|lock| matches!(lock.try_lock(), Err(TryLockError::WouldBlock))) {
            return;
        }
        let mut entries = self.entries();
        let mut all: u64 = entries.iter().map(|entry| entry.bytes).sum();
        if all > self.limit {
            entries.sort_by_key(|entry| entry.used);
            // To three quarters, so that the next cleaning is not the next run's.
            for entry in entries {
                if all <= self.limit - self.limit / 4 {
                    break;
                }
                // Another process may have removed it; one that reads it has it open and reads on.
                let _ = std::fs::remove_file(&entry.path);
                all -= entry.bytes;
            }
        }
        let book = super::new_file(&self.folder).and_then(|mut book| {
            book.write_all(&all.to_le_bytes())?;
            book.persist(self.folder.join(BOOK)).map_err(Into::into)
        });
        // The old book goes on.
        drop(book);
    }

    /// Every entry that there is. Temporary files that were left over are removed.
    fn entries(&self) -> Vec<Entry> {
        let mut found = Vec::new();
        let names = |folder: &Path| std::fs::read_dir(folder).into_iter().flatten().flatten();
        let now = SystemTime::now();
        for folder in names(&self.folder) {
            let folder_name = folder.file_name();
            for file in names(&folder.path()) {
                let (name, Ok(metadata)) = (file.file_name(), file.metadata()) else { continue };
                let (Some(folder), Some(name)) = (folder_name.to_str(), name.to_str()) else { continue };
                let used = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
                if entry::is_entry(folder, name) {
                    found.push(Entry { path: file.path(), bytes: on_disk(metadata.len()), used });
                } else if name.starts_with(TEMPORARY) && used + LEFT_OVER < now {
                    let _ = std::fs::remove_file(file.path());
                }
            }
        }
        found
    }
}

impl Drop for Bound {
    fn drop(&mut self) {
        self.record();
    }
}

/// A file of the cache.
struct Entry {
    path: PathBuf,
    /// What it takes of the disk.
    bytes: u64,
    /// When it was written, or last used.
    used: SystemTime,
}

fn on_disk(bytes: u64) -> u64 {
    bytes.next_multiple_of(BLOCK)
}
