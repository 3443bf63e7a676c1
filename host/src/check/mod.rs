//! Checks of the machine that this process plays: by itself, or by a library that was built with `build.platform-checks`.

mod reference;
mod threads;

use std::ffi::c_void;
use std::slice;

use anyhow::{Context as _, Result, ensure};
use minplat_checks::{Check, Outcome, Platform};
use serde::Serialize;

use crate::device::{self, Device, ErrorCode, ffi};
use crate::platform;

pub use reference::reference;

/// A check that has ended.
#[derive(Clone, Debug, Serialize)]
pub struct Checked {
    /// Its name.
    pub name: String,
    /// What holds where it passes.
    pub meaning: String,
    /// What to do where it fails.
    pub remedy: String,
    /// What came of it.
    pub verdict: Verdict,
    /// What was seen, or why it is not checkable; mostly empty where it passed.
    pub detail: String,
}

/// What came of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The platform keeps its promise.
    Passed,
    /// It does not.
    Failed,
    /// It cannot be told here.
    NotCheckable,
}

/// Who hears how the checks go.
pub trait Listener {
    /// The check of this name begins. If the process ends now, it is the reason.
    fn begins(&mut self, name: &str);
    /// It has ended.
    fn ended(&mut self, check: Checked);
}

/// The names of the checks, in order.
pub fn names() -> impl Iterator<Item = &'static str> {
    minplat_checks::checks().map(|check| check.name)
}

/// Checks what this process offers to device libraries, all of it; with `only` one promise. For one thread at a time, with no
/// library in use.
///
/// # Errors
/// There is no check of the name.
pub fn check_own(only: Option<&str>, listener: &mut dyn Listener) -> Result<()> {
    ensure!(only.is_none_or(|only| names().any(|name| name == only)), unknown(only));
    device::ensure_signal_stack();
    let threads = threads::OfProcess;
    let mut memory = vec![0_u8; 4 * own_page()];
    let platform = platform::under_check(&threads, (memory.as_mut_ptr(), memory.len()));
    // SAFETY: the functions are Linux's, behind wrappers that keep their contracts; the memory is nobody else's.
    unsafe { run(&platform, only, listener) };
    Ok(())
}

/// # Safety
/// As `minplat_checks::check`.
unsafe fn run(platform: &Platform<'_>, only: Option<&str>, listener: &mut dyn Listener) {
    let mut tell = |check: &Check, now: Outcome<'_>| {
        let (verdict, detail) = match now {
            Outcome::Begins => return listener.begins(check.name),
            Outcome::Passed(detail) => (Verdict::Passed, detail),
            Outcome::Failed(detail) => (Verdict::Failed, detail),
            Outcome::NotCheckable(detail) => (Verdict::NotCheckable, detail),
        };
        listener.ended(Checked {
            name: check.name.to_owned(),
            meaning: check.meaning.to_owned(),
            remedy: check.remedy.to_owned(),
            verdict,
            detail: detail.to_owned(),
        });
    };
    // SAFETY: the caller's.
    unsafe { minplat_checks::check(platform, only, &mut tell) };
}

fn own_page() -> usize {
    // SAFETY: no conditions.
    usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(1 << 16)
}

fn unknown(only: Option<&str>) -> String {
    format!("there is no check {:?}; minplat-host check-platform --list has all of them", only.unwrap_or_default())
}

/// Lets a library check what this process offers it.
///
/// # Errors
/// The library has no checks, an engine of it was made before, or there is no check of the name.
pub fn check_by(device: &Device, only: Option<&str>, listener: &mut dyn Listener) -> Result<()> {
    device::ensure_signal_stack();
    let mut heard = Heard { listener };
    let mut failed = 0;
    // SAFETY: zeros are the defaults.
    let mut config: ffi::minplat_check_config_t = unsafe { std::mem::zeroed() };
    config.hook = Some(hear);
    config.env = (&raw mut heard).cast();
    if let Some(only) = only {
        (config.only, config.only_len) = (only.as_ptr(), only.len());
    }
    config.run_threads = Some(threads::run_for_c);
    config.mmap_remap = Some(platform::mmap_remap());
    // SAFETY: the hook and the threads are as the header says, and `heard` lives until the call returns.
    let done = unsafe { device.check(device.raw().check_platform(&raw const config, &raw mut failed)) };
    match done {
        Err(error) if error.code == ErrorCode::UNSUPPORTED => {
            let name = device.platform_name();
            Err(error).with_context(|| {
                let build = crate::library::build_command(&format!("{name}+build.platform-checks=true"));
                format!(
                    "{} checks no platform; build one that does, and name it here\n  {build}\n  minplat-host check-platform \
                     {name}+build.platform-checks=true\nor leave the library out: then this program checks what it offers",
                    device.path().display()
                )
            })
        }
        done => Ok(done?),
    }
}

/// `env` of [`hear`].
struct Heard<'a> {
    listener: &'a mut dyn Listener,
}

/// `minplat_check_hook_t`.
unsafe extern "C" fn hear(env: *mut c_void, check: *const ffi::minplat_check_t) {
    // SAFETY: `check_by` gave it, and waits; the library gives texts with their lengths, valid during the call.
    let (heard, check) = unsafe { (&mut *env.cast::<Heard<'_>>(), &*check) };
    let text = |text: *const u8, len: usize| {
        // SAFETY: as above; for an empty one the pointer may be anything.
        let bytes = if len == 0 { &[] } else { unsafe { slice::from_raw_parts(text, len) } };
        String::from_utf8_lossy(bytes).into_owned()
    };
    let name = text(check.name, check.name_len);
    let verdict = match check.outcome {
        ffi::MINPLAT_CHECK_BEGINS => return heard.listener.begins(&name),
        ffi::MINPLAT_CHECK_PASSED => Verdict::Passed,
        ffi::MINPLAT_CHECK_FAILED => Verdict::Failed,
        _ => Verdict::NotCheckable,
    };
    heard.listener.ended(Checked {
        name,
        meaning: text(check.meaning, check.meaning_len),
        remedy: text(check.remedy, check.remedy_len),
        verdict,
        detail: text(check.detail, check.detail_len),
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Heard(Vec<Checked>);

    impl Listener for Heard {
        fn begins(&mut self, _name: &str) {}
        fn ended(&mut self, check: Checked) {
            self.0.push(check);
        }
    }

    /// Where less is offered, less is checked, each time with the reason, and the rest passes.
    #[test]
    fn what_is_not_offered_is_not_checkable() {
        let threads = threads::OfProcess;
        let mut memory = vec![0_u8; 4 * own_page()];
        let all = platform::under_check(&threads, (memory.as_mut_ptr(), memory.len()));
        let pages = Platform { init_traps: None, tls: None, locks: None, threads: None, ..all };
        let nothing = Platform { memory: None, ..pages };
        for (platform, passed) in [(pages, 21), (nothing, 0)] {
            let mut heard = Heard(Vec::new());
            // SAFETY: Linux's functions; the memory is this test's.
            unsafe { run(&platform, None, &mut heard) };
            assert_eq!(heard.0.len(), names().count());
            let passes: Vec<_> = heard.0.iter().filter(|check| check.verdict == Verdict::Passed).collect();
            assert_eq!(passes.len(), passed, "{passes:#?}");
            for check in heard.0.iter().filter(|check| check.verdict != Verdict::Passed) {
                assert!(check.verdict == Verdict::NotCheckable && !check.detail.is_empty(), "{check:#?}");
            }
        }
    }
}
