//! Opening a device library.

use std::collections::HashMap;
use std::ffi::{CStr, c_void};
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result};

use super::api::Api;
use super::error::{self, Error};
use super::ffi;
use super::turn::{Turn, Turns};
use crate::library::Checked;
use crate::platform;

pub use super::ffi::minplat_heap_stats_t as HeapStats;

/// The memory of a device without virtual memory, unless there is a limit.
const POOL: usize = 64 << 20;

/// A library that was loaded into this process, for as long as it lives.
pub(super) struct Loaded {
    pub(super) path: PathBuf,
    pub(super) api: Api,
    pub(super) checked: Checked,
    turns: Turns,
}

/// A device: a library that was opened. Clones are the same device, and so is everything that is opened from the same file
/// in this process: one heap, one set of statics.
#[derive(Clone)]
pub struct Device {
    pub(super) loaded: &'static Loaded,
    /// Where the machine offers no threads.
    _turn: Option<Rc<Turn>>,
}

impl Device {
    /// Checks and opens a library, and gives it its memory where its machine has no virtual memory.
    ///
    /// A library whose platform offers no threads belongs to one thread at a time: this waits until no other thread has
    /// a device of it, or anything made from one.
    ///
    /// # Errors
    /// No library, one for another machine, one that asks for symbols that this host does not offer.
    pub fn open(path: &Path) -> Result<Self> {
        let loaded = load(path)?;
        let turn = (!loaded.checked.multi_thread()).then(|| Rc::new(loaded.turns.take()));
        Ok(Self { loaded, _turn: turn })
    }

    pub(super) fn api(&self) -> &'static Api {
        &self.loaded.api
    }

    /// The functions of the C API, for callers that want to skip this crate's safety.
    pub fn raw(&self) -> &'static Api {
        self.api()
    }

    /// The file that was opened.
    pub fn path(&self) -> &Path {
        &self.loaded.path
    }

    /// The symbols that the library asks the machine for.
    pub fn symbols(&self) -> &[String] {
        &self.loaded.checked.undefined
    }

    /// Whether several threads can use the library at once.
    pub fn multi_thread(&self) -> bool {
        self.loaded.checked.multi_thread()
    }

    /// The version of minplat that it was built from.
    pub fn version(&self) -> &'static str {
        // SAFETY: a static C string.
        text(unsafe { self.api().version() })
    }

    /// The Wasmtime major in it.
    pub fn wasmtime_major(&self) -> u32 {
        // SAFETY: no conditions.
        unsafe { self.api().wasmtime_major() }
    }

    /// The platform that it was built for.
    pub fn platform_name(&self) -> &'static str {
        // SAFETY: a static C string.
        text(unsafe { self.api().platform_name() })
    }

    /// That platform's fingerprint.
    pub fn fingerprint(&self) -> [u8; 32] {
        // SAFETY: 32 static bytes.
        unsafe { *self.api().platform_fingerprint().cast() }
    }

    /// The page size that it reckons with, bytes; 0 where there is no virtual memory.
    pub fn page_size(&self) -> usize {
        // SAFETY: no conditions.
        unsafe { self.api().page_size() }
    }

    /// Its heap at this moment.
    pub fn heap_stats(&self) -> HeapStats {
        let mut stats = HeapStats::default();
        // SAFETY: a place for the result.
        unsafe { self.api().heap_stats(&mut stats) };
        stats
    }

    /// Turns an error of this library into one of ours.
    ///
    /// # Safety
    /// See [`error::check`].
    pub(super) unsafe fn check(&self, error: *mut ffi::minplat_error_t) -> Result<(), Error> {
        // SAFETY: the caller's.
        unsafe { error::check(self.api(), error) }
    }
}

fn text(text: *const std::ffi::c_char) -> &'static str {
    // SAFETY: callers pass what the library returned as a static C string.
    unsafe { CStr::from_ptr(text) }.to_str().unwrap_or("(not UTF-8)")
}

fn load(path: &Path) -> Result<&'static Loaded> {
    static LOADED: Mutex<Option<HashMap<(u64, u64), &'static Loaded>>> = Mutex::new(None);
    let attempt = || format!("cannot open the device library {}", path.display());

    let checked = Checked::read(path)?;
    let file = fs::metadata(path).with_context(attempt)?;
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    let loaded = loaded.get_or_insert_default();
    if let Some(loaded) = loaded.get(&(file.dev(), file.ino())) {
        return Ok(loaded);
    }

    platform::connect()?;
    let path = fs::canonicalize(path).with_context(attempt)?;
    // SAFETY: the file was checked to be a library that asks for nothing but the platform; that its code is sound is what
    // a user of this crate trusts.
    let library = unsafe { libloading::Library::new(&path) }.with_context(attempt)?;
    // SAFETY: as above, and it is kept open below.
    let api = unsafe { Api::load(&library) }.with_context(attempt)?;
    std::mem::forget(library);
    // SAFETY: the hook takes any `env`, and the library is not used yet.
    unsafe { api.set_panic_hook(Some(panicked), std::ptr::null_mut()) };
    if !checked.virtual_memory() {
        give_pool(&api).with_context(attempt)?;
    }
    let new: &'static Loaded = Box::leak(Box::new(Loaded { path, api, checked, turns: Turns::new() }));
    loaded.insert((file.dev(), file.ino()), new);
    Ok(new)
}

/// Hears of panics where the platform's `build.panic` lets anybody hear; the library stops after it.
unsafe extern "C" fn panicked(_env: *mut c_void, file: *const u8, file_len: usize, line: u32) {
    // SAFETY: the library gives text and length.
    let file = unsafe { error::string(file, file_len) }.unwrap_or_default();
    // A panic in here would hide the library's.
    let _ = writeln!(std::io::stderr(), "the device library panicked at {file}:{line}");
}

/// Gives a library the memory that it shall do with: as much as the memory limit says.
fn give_pool(api: &Api) -> Result<()> {
    let size = platform::memory_limit().map_or(POOL, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    // SAFETY: asks for new memory.
    let pool = unsafe {
        let access = libc::PROT_READ | libc::PROT_WRITE;
        libc::mmap(std::ptr::null_mut(), size, access, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1, 0)
    };
    if pool == libc::MAP_FAILED {
        return Err(std::io::Error::last_os_error()).with_context(|| format!("no pool of {size} bytes"));
    }
    // SAFETY: the pool is the library's for good.
    unsafe { error::check(api, api.init(&ffi::minplat_config_t { pool, pool_size: size })) }?;
    Ok(())
}
