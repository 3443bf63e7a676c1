//! `minplat-host check-platform`: what this process offers keeps the contracts, by its own word and by a library's; and
//! docs/platform-checks.md lists the checks. `BLESS=1` writes that page anew.

mod common;

use std::fs;
use std::path::Path;

use common::{Said, host, library};
use minplat_host::check;
use serde_json::Value;

/// A library that checks, on a platform that offers all there is.
const CHECKING: &str = "x86_64-minplat+offers.traps=true+offers.multi-thread=true+build.platform-checks=true";

#[track_caller]
fn check_platform(args: &[&str]) -> Said {
    host(Path::new(env!("CARGO_MANIFEST_DIR"))).arg("check-platform").args(args).output().unwrap().into()
}

/// All of it passes but what this machine cannot tell.
#[track_caller]
fn passes(args: &[&str]) -> Value {
    let said = check_platform(&[args, &["--json"]].concat());
    let told: Value = serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {said:?}"));
    assert_eq!((said.code, told["failed"].as_u64()), (0, Some(0)), "{told:#}");
    let checks = told["checks"].as_array().unwrap();
    let names: Vec<_> = checks.iter().map(|check| check["name"].as_str().unwrap()).collect();
    assert_eq!(names, check::names().collect::<Vec<_>>());
    let untold: Vec<_> = checks.iter().filter(|check| check["verdict"] == "not-checkable").collect();
    let allowed = if cfg!(target_arch = "x86_64") { "code-coherent" } else { "trap-division" };
    assert!(untold.iter().all(|check| check["name"] == allowed && check["detail"] != ""), "{untold:#?}");
    for check in checks {
        assert!(["meaning", "remedy"].iter().all(|text| check[*text].as_str().unwrap().ends_with('.')), "{check:#}");
    }
    told
}

#[test]
fn this_host_keeps_every_promise() {
    let told = passes(&[]);
    assert!(told["library"].is_null() && told["passed"].as_u64().unwrap() >= 40, "{told:#}");
    let said = check_platform(&[]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.lines().last().unwrap().contains(" passed, 0 failed, "), "{said:?}");
    let said = check_platform(&["--only", "map-zero"]);
    assert_eq!(said.out, format!("{:<18}passed\n1 passed, 0 failed, 0 not checkable here\n", "map-zero"), "{said:?}");
    check_platform(&["--only", "nothing"]).fails(1, &["there is no check \"nothing\"", "--list"]);
}

#[test]
fn a_library_checks_the_host_that_it_is_opened_in() {
    let Some(file) = library(CHECKING) else { return };
    let told = passes(&[CHECKING]);
    assert!(told["library"].as_str().unwrap().contains(CHECKING), "{told:#}");
    passes(&["--library", file.to_str().unwrap()]);
    check_platform(&[CHECKING, "--only", "nothing"]).fails(1, &["docs/platform-checks.md"]);
}

#[test]
fn a_library_without_checks_is_told_how_to_get_them() {
    if library("x86_64-minplat").is_none() {
        return;
    }
    check_platform(&["x86_64-minplat"]).fails(
        1,
        &[
            "minplat-build x86_64-minplat --set 'build.platform-checks=true'\n",
            "minplat-host check-platform x86_64-minplat+build.platform-checks=true\n",
        ],
    );
    check_platform(&["no-such-platform"]).fails(1, &["minplat-build no-such-platform.toml"]);
}

#[test]
fn the_page_lists_the_checks() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/platform-checks.md");
    let page = check::reference();
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let golden = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(page, golden, "docs/platform-checks.md is stale: run this test with BLESS=1");
    assert_eq!(check_platform(&["--list"]).out, page);
    for name in check::names() {
        assert!(page.contains(&format!("| `{name}` | ")), "{name}");
    }
}
