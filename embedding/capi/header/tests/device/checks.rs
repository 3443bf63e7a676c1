//! `minplat_check_platform`: the right platform passes, and each wrong one is found by the right check. The programs are in
//! `minplat-capi`'s folder `tests/checks`.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;

use minplat_platform::DEFAULT;

use crate::common::{STRICT, capi, cc, run};
use crate::{built, has_device};

/// A library that checks, on a platform that offers all there is.
const CHECKING: &str = "x86_64-minplat+offers.traps=true+offers.multi-thread=true+build.platform-checks=true";

/// What is so wrong that much else fails too, some of it by chance: the checks that must be among those that do.
const WRONG_AT_LARGE: &[(&str, &[&str])] = &[
    ("page-size-small", &["page-size", "page-granule"]),
    ("mprotect-nothing", &["trap-maps", "protect-allows", "protect-forbids", "protect-length", "code-runs"]),
];

/// What is wrong, and the checks that fail: these, and no others.
const WRONG: &[(&str, &[&str])] = &[
    ("page-size-odd", &["page-size"]),
    ("page-size-varies", &["page-size"]),
    ("page-size-large", &["page-size", "map-aligned", "page-granule", "protect-length"]),
    ("trap-refused", &["trap-delivered"]),
    ("trap-next-instruction", &["trap-instruction"]),
    ("trap-own-frame", &["trap-frame"]),
    ("trap-page-address", &["trap-address"]),
    ("trap-no-address", &["trap-address"]),
    ("trap-old-address", &["trap-no-address", "trap-division"]),
    ("mprotect-not-in-handler", &["trap-maps"]),
    ("mmap-dirty", &["map-zero", "protect-allows", "map-many"]),
    ("mmap-ignores-protection", &["protect-forbids", "protect-length", "map-large"]),
    ("mmap-few", &["map-many"]),
    ("mmap-small", &["map-large"]),
    ("mmap-overflows", &["map-refuses"]),
    ("mprotect-read-is-write", &["protect-forbids", "protect-range"]),
    ("mprotect-rounds-down", &["protect-length", "protect-foreign", "code-replaced"]),
    ("mprotect-too-far", &["page-granule", "protect-length", "protect-range", "protect-foreign"]),
    (
        "mprotect-maps-anew",
        &["protect-allows", "protect-forbids", "protect-keeps", "protect-foreign", "code-runs", "code-replaced"],
    ),
    ("mprotect-own-pages-only", &["protect-foreign"]),
    ("mprotect-always-exec", &["protect-execute"]),
    ("mmap-always-exec", &["protect-execute"]),
    ("munmap-nothing", &["unmap-faults"]),
    ("munmap-of-parts", &["unmap-whole"]),
    ("munmap-loses-large", &["unmap-again"]),
    ("munmap-loses-odd", &["map-odd"]),
    ("remap-keeps", &["remap-zero", "remap-protects"]),
    ("remap-ignores-protection", &["remap-protects"]),
    // Which is right.
    ("images-none", &[]),
    ("images-whole", &["image-content"]),
    ("images-read-only", &["image-content", "image-private", "image-outlives"]),
    ("images-borrow", &["image-copies"]),
    ("images-shared", &["image-content", "image-private"]),
    ("images-die", &["image-outlives"]),
    ("code-stale", &["code-replaced"]),
    ("tls-swapped", &["tls-slots", "tls-threads"]),
    ("tls-one-slot", &["tls-slots", "tls-threads"]),
    ("tls-global", &["tls-threads"]),
    ("lock-nothing", &["lock-excludes"]),
    ("rwlock-no-readers", &["rwlock-excludes"]),
    ("rwlock-no-writers", &["rwlock-excludes"]),
    ("rwlock-plain", &["rwlock-shares"]),
];

/// What is wrong so that the machine stops, and the check in which it does.
const STOPS: &[(&str, &str)] = &[
    ("trap-never", "trap-delivered"),
    ("trap-once", "trap-repeats"),
    ("trap-one-level", "trap-nested"),
    ("trap-other-threads", "trap-threads"),
    ("lock-frees-used-only", "lock-word"),
];

/// The program, linked with a library.
fn program(platform: &str, folder: &Path) {
    let tests = capi().join("tests/checks");
    let [main, wrong] = ["main.c", "wrong.c"].map(|file| tests.join(file).display().to_string());
    let include = format!("-I{}", built(platform, "include"));
    let library = built(platform, "lib/libminplat.a");
    cc(
        &[&["-std=gnu11", "-O1", "-pthread", "-o", "checks", &include, &main, &wrong, &library], STRICT].concat(),
        folder,
    );
}

/// Runs it: exit code (`None`: it was stopped), and its lines.
fn checks(folder: &Path, arguments: &[&str]) -> (Option<i32>, Vec<String>) {
    let output = run(OsStr::new(&folder.join("checks")), arguments, folder);
    assert!(output.status.code().is_some() || output.status.signal().is_some());
    let said = String::from_utf8_lossy(&output.stdout).lines().map(str::to_string).collect();
    (output.status.code(), said)
}

/// The names in lines that begin so.
fn named<'a>(said: &'a [String], outcome: &str) -> Vec<&'a str> {
    let rest = said.iter().filter_map(|line| line.strip_prefix(outcome)?.strip_prefix(' '));
    rest.map(|rest| rest.split(':').next().unwrap_or(rest)).collect()
}

#[test]
fn the_right_platform_passes_every_check() {
    if !has_device() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder can be made");
    program(CHECKING, folder.path());
    let (code, said) = checks(folder.path(), &[]);
    assert_eq!(code, Some(0), "{said:#?}");
    assert_eq!(named(&said, "not-checkable"), ["code-coherent"], "{said:#?}");
    assert!(named(&said, "passed").len() >= 40, "{said:#?}");
    // Twice for each: when it begins, and when it has ended.
    assert_eq!(said.len(), 2 * named(&said, "begins").len(), "{said:#?}");

    let (code, said) = checks(folder.path(), &["nothing", "map-zero"]);
    assert_eq!((code, said), (Some(0), vec!["begins map-zero".to_string(), "passed map-zero".to_string()]));
    let (code, said) = checks(folder.path(), &["nothing", "no-such-check"]);
    assert_eq!(code, Some(2), "{said:#?}");
    assert!(said[0].starts_with("14: ") && said[0].contains("docs/platform-checks.md"), "{said:#?}");
    let (code, said) = checks(folder.path(), &["late"]);
    assert_eq!(code, Some(2), "{said:#?}");
    assert!(said[0].starts_with("14: ") && said[0].contains("before the first engine"), "{said:#?}");
}

#[test]
fn each_wrong_platform_is_found_by_the_right_check() {
    if !has_device() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder can be made");
    program(CHECKING, folder.path());
    for (wrong, wanted) in WRONG {
        let (code, said) = checks(folder.path(), &[wrong]);
        assert_eq!(code, Some(i32::from(!wanted.is_empty())), "{wrong}: {said:#?}");
        assert_eq!(named(&said, "failed"), *wanted, "{wrong}: {said:#?}");
        // Each says what was seen.
        assert!(said.iter().filter(|line| line.starts_with("failed")).all(|line| line.contains(": ")), "{said:#?}");
    }
    for (wrong, wanted) in WRONG_AT_LARGE {
        let (code, said) = checks(folder.path(), &[wrong]);
        assert_eq!(code, Some(1), "{wrong}: {said:#?}");
        let failed = named(&said, "failed");
        assert!(wanted.iter().all(|name| failed.contains(name)), "{wrong}: {said:#?}");
    }
    for (wrong, wanted) in STOPS {
        let (code, said) = checks(folder.path(), &[wrong]);
        assert_eq!(code, None, "{wrong}: {said:#?}");
        assert_eq!(said.last().map(String::as_str), Some(&*format!("begins {wanted}")), "{wrong}: {said:#?}");
        assert!(named(&said, "failed").is_empty(), "{wrong}: {said:#?}");
    }
}

/// No check was forgotten either: each finds something wrong, but for the one that needs caches.
#[test]
fn every_check_finds_a_wrong_platform() {
    if !has_device() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder can be made");
    program(CHECKING, folder.path());
    let (_, said) = checks(folder.path(), &[]);
    let found = WRONG.iter().chain(WRONG_AT_LARGE).flat_map(|(_, checks)| checks.iter());
    let found: Vec<&str> = found.chain(STOPS.iter().map(|(_, check)| check)).copied().collect();
    let idle = named(&said, "begins").into_iter().filter(|check| !found.contains(check));
    assert_eq!(idle.collect::<Vec<_>>(), ["code-coherent"], "{said:#?}");
}

/// No way to be wrong was forgotten here.
#[test]
fn every_wrong_platform_is_tried() {
    let source = fs::read_to_string(capi().join("tests/checks/wrong.c")).expect("it is there");
    let in_c = source.split("is(\"").skip(1).filter_map(|rest| rest.split('"').next());
    let mut in_c: Vec<&str> = in_c.collect();
    in_c.sort_unstable();
    in_c.dedup();
    let of_lists = WRONG.iter().chain(WRONG_AT_LARGE).map(|(wrong, _)| *wrong);
    let mut here: Vec<&str> = of_lists.chain(STOPS.iter().map(|(wrong, _)| *wrong)).collect();
    here.sort_unstable();
    assert_eq!(here, in_c);
}

#[test]
fn a_library_without_checks_says_how_to_get_them() {
    if !has_device() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder can be made");
    program(DEFAULT, folder.path());
    let (code, said) = checks(folder.path(), &[]);
    assert_eq!(code, Some(2), "{said:#?}");
    assert!(said[0].starts_with("12: ") && said[0].contains("--set build.platform-checks=true"), "{said:#?}");
}
