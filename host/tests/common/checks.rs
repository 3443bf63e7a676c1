//! Running a guest on every platform, and looking at what came of it.

use std::path::Path;

use minplat_host::{Error, Instance, Store, Value, platform};

use super::{Guests, PLATFORMS, Running, library, start};

/// Numbers of `minplat_trap_code_t`.
pub(crate) const STACK_OVERFLOW: u32 = 0;
pub(crate) const MEMORY: u32 = 1;
pub(crate) const TABLE: u32 = 3;
pub(crate) const NULL: u32 = 4;
pub(crate) const SIGNATURE: u32 = 5;
pub(crate) const OVERFLOW: u32 = 6;
pub(crate) const DIVISION: u32 = 7;
pub(crate) const CONVERSION: u32 = 8;
pub(crate) const UNREACHABLE: u32 = 9;
pub(crate) const NULL_REFERENCE: u32 = 13;
pub(crate) const ARRAY: u32 = 14;
pub(crate) const TOO_LARGE: u32 = 15;

/// The platform that has every feature.
pub(crate) const FULL: &str = "x86_64-minplat-full";

/// Runs `job` on each platform whose library is built, with the guest as an instance.
pub(crate) fn on_each(wat: &str, job: impl Fn(&str, &mut Running)) {
    on(&PLATFORMS, wat, job);
}

/// The same on these platforms.
pub(crate) fn on(platforms: &[&str], wat: &str, job: impl Fn(&str, &mut Running)) {
    each_of(platforms, wat, |platform, library, artifact| {
        let mut running = start(library, artifact);
        endless(&mut running.store);
        job(platform, &mut running);
    });
}

/// As [`on_each`], where the job makes what it needs.
pub(crate) fn each(wat: &str, job: impl Fn(&str, &Path, &Path)) {
    each_of(&PLATFORMS, wat, job);
}

fn each_of(platforms: &[&str], wat: &str, job: impl Fn(&str, &Path, &Path)) {
    let Some(guests) = Guests::new() else { return };
    for platform in platforms {
        let Some(library) = library(platform) else { continue };
        job(platform, &library, &guests.compile(platform, wat, &["-p", platform]));
        assert_eq!(platform::code_pages().writable, 0, "{platform}: a page was writable and executable");
    }
}

/// All the fuel and time that there is.
pub(crate) fn endless(store: &mut Store) {
    // Whichever the platform has; the other is an error.
    let _ = (store.set_fuel(u64::MAX), store.set_epoch_deadline(u64::MAX / 2));
}

/// Calls an export.
#[track_caller]
pub(crate) fn call(store: &mut Store, instance: &Instance, name: &str, args: &[Value]) -> Result<Vec<Value>, Error> {
    let function = instance.func(store, name).unwrap_or_else(|| panic!("no export {name}"));
    function.call(store, args)
}

/// A function, its three numbers, and the trap that it ends with; none: it ends well.
pub(crate) type Case = (&'static str, [i64; 3], Option<u32>);

/// Calls the functions, one after the other; each must end so.
pub(crate) fn end_so(platform: &str, running: &mut Running, number: fn(i64) -> Value, cases: &[Case]) {
    for (name, numbers, trap) in cases {
        let done = call(&mut running.store, &running.instance, name, &numbers.map(number));
        match (done, trap) {
            (Ok(_), None) => {}
            (Err(error), Some(code)) => traps(platform, &error, name, *code),
            (done, _) => panic!("{platform} {name} {numbers:?}: {done:?}, not {trap:?}"),
        }
    }
}

/// The call traps with this code, and the function itself is the innermost frame.
#[track_caller]
pub(crate) fn traps(platform: &str, error: &Error, name: &str, code: u32) {
    assert_eq!(error.trap.as_ref().map(|trap| trap.code), Some(code), "{platform} {name}: {error}");
    let innermost = error.frames.first().and_then(|frame| frame.function_name.as_deref());
    assert_eq!(innermost, Some(name), "{platform} {name}: {:?}", error.frames);
}
