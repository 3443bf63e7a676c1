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
use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};

use super::api::Api;
use super::error::{self, Error};
use super::ffi;
use super::turn::{Turn, Turns};
use crate::library::Checked;
use crate::platform;

pub use super::ffi::minplat_heap_stats_t as HeapStats;
pub use super::ffi::minplat_stats_t as MemoryStats;

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

    /// What its memory is used for at this moment.
    pub fn memory_stats(&self) -> MemoryStats {
        let mut stats = MemoryStats::default();
        // SAFETY: a place for the result.
        unsafe { self.api().stats(&mut stats) };
        stats
    }

    /// Turns an error of this library into one of ours.
    ///
    /// # Safety
    /// See [`error::check`].
    pub(crate) unsafe fn check(&self, error: *mut ffi::minplat_error_t) -> Result<(), Error> {
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
    // All is bound now: at a first call that takes a kilobyte of its stack, or more.
    // SAFETY: the file was checked to be a library that asks for nothing but the platform; that its code is sound is what
    // a user of this crate trusts.
    let library = unsafe { Library::open(Some(&path), RTLD_NOW | RTLD_LOCAL) }.with_context(attempt)?;
    // SAFETY: as above, and it is kept open below.
    let api = unsafe { Api::load(&library) }.with_context(attempt)?;
    std::mem::forget(library);
    let heap = match (platform::heap::is_lent(), checked.virtual_memory()) {
        (true, _) => Heap::Ours,
        (false, true) => Heap::Pages,
        (false, false) => Heap::Pool,
    };
    prepare(&api, heap).with_context(attempt)?;
    let new: &'static Loaded = Box::leak(Box::new(Loaded { path, api, checked, turns: Turns::new() }));
    loaded.insert((file.dev(), file.ino()), new);
    Ok(new)
}

/// Hears that the library stops, and why.
unsafe extern "C" fn panicked(_env: *mut c_void, info: *const ffi::minplat_panic_t) {
    // SAFETY: the library gives texts and lengths, valid during the call.
    let (code, message, file, line) = unsafe {
        let info = &*info;
        let text = |text, len| error::string(text, len).unwrap_or_default();
        (info.code, text(info.message, info.message_len), text(info.file, info.file_len), info.line)
    };
    let place = if file.is_empty() { String::new() } else { format!(" at {file}:{line}") };
    // A panic in here would hide the library's.
    let _ = writeln!(std::io::stderr(), "the device library stops{place}, code {code}: {message}");
}

/// Where a library's heap has its memory from.
#[derive(PartialEq)]
enum Heap {
    /// From its machine.
    Pages,
    /// Its machine has no pages.
    Pool,
    /// From this process: see [`platform::heap`].
    Ours,
}

/// Tells a library what it shall know at first: who hears of panics, and its memory if its machine has no pages, as much as the
/// memory limit says.
fn prepare(api: &Api, heap: Heap) -> Result<()> {
    let mut pool = ffi::minplat_pool_t { start: std::ptr::null_mut(), size: 0 };
    // SAFETY: zeros are the defaults.
    let mut config: ffi::minplat_config_t = unsafe { std::mem::zeroed() };
    config.panic = Some(panicked);
    if heap == Heap::Ours {
        config.alloc = Some(platform::heap::alloc);
        config.free = Some(platform::heap::free);
    }
    if heap == Heap::Pool {
        pool.size = platform::memory_limit().map_or(POOL, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
        // SAFETY: asks for new memory.
        pool.start = unsafe {
            let access = libc::PROT_READ | libc::PROT_WRITE;
            libc::mmap(std::ptr::null_mut(), pool.size, access, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1, 0)
        };
        if pool.start == libc::MAP_FAILED {
            return Err(std::io::Error::last_os_error()).with_context(|| format!("no pool of {} bytes", pool.size));
        }
        (config.pools, config.pools_len) = (&raw const pool, 1);
    }
    // SAFETY: the pool is the library's for good, and the hook takes any `env`.
    unsafe { error::check(api, api.init(&raw const config)) }?;
    Ok(())
}
