//! Every header is clean in every language that firmware is written in, and the Linux platform in every C.

mod common;

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Command;

use common::{STRICT, cc, include, succeeds};

/// C23 by the name that compilers had for it first and still take.
const C: &[&str] = &["c99", "c11", "c17", "c2x"];
const CPLUSPLUS: &[&str] = &["c++11", "c++17", "c++20"];

/// Each header alone, then both, either first: none relies on another.
const PROGRAMS: &[&str] = &[
    "#include \"minplat.h\"\nint main(void) { return MINPLAT_OK; }\n",
    "#include \"wasmtime-platform.h\"\nint main(void) { return (int)WASMTIME_PROT_READ; }\n",
    "#include \"minplat.h\"\n#include \"wasmtime-platform.h\"\nint main(void) { return MINPLAT_I32; }\n",
    "#include \"wasmtime-platform.h\"\n#include \"minplat.h\"\nint main(void) { return MINPLAT_I32; }\n",
];

fn each_program(extension: &str, compile: impl Fn(&str, &Path)) {
    let folder = tempfile::tempdir().expect("a folder can be made");
    for (number, program) in PROGRAMS.iter().enumerate() {
        let name = format!("program{number}.{extension}");
        fs::write(folder.path().join(&name), program).expect("the folder is writable");
        compile(&name, folder.path());
    }
}

#[test]
fn headers_are_clean_c() {
    let include = format!("-I{}", include().display());
    each_program("c", |name, folder| {
        for language in C {
            let standard = format!("-std={language}");
            cc(&[&["-fsyntax-only", &standard, &include, name], STRICT].concat(), folder);
        }
    });
}

/// What compiles C++ here. Clang always does; a `cc` that is gcc only with another package.
fn cplusplus() -> (&'static str, &'static [&'static str]) {
    const CANDIDATES: &[(&str, &[&str])] =
        &[("c++", &[]), ("g++", &[]), ("clang++", &[]), ("clang", &["-x", "c++"]), ("clang-19", &["-x", "c++"])];
    let works = |(program, arguments): &&(&str, &[&str])| {
        let tried = Command::new(program).args(*arguments).args(["-fsyntax-only", "-x", "c++", "/dev/null"]).output();
        tried.is_ok_and(|output| output.status.success())
    };
    *CANDIDATES.iter().find(works).expect("there is no C++ compiler to try the headers with: install g++ or clang")
}

#[test]
fn headers_are_clean_cplusplus() {
    let include = format!("-I{}", include().display());
    let (program, arguments) = cplusplus();
    each_program("cpp", |name, folder| {
        for language in CPLUSPLUS {
            let standard = format!("-std={language}");
            let arguments = [arguments, &["-fsyntax-only", &standard, &include, name], STRICT].concat();
            succeeds(OsStr::new(program), &arguments, folder);
        }
    });
}

#[test]
fn the_linux_platform_is_clean_c() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let platform = include().join("wasmtime-platform.c").display().to_string();
    for language in C {
        for level in ["-O0", "-O2"] {
            let standard = format!("-std={language}");
            cc(&[&["-c", "-o", "platform.o", level, &standard, &platform], STRICT].concat(), folder.path());
        }
    }
}

/// One header for each side: what the library offers, and what it asks for.
#[test]
fn no_name_is_in_both_headers() {
    let own = cc(&["-E", "-P", &include().join("minplat.h").display().to_string()], &include());
    assert!(own.contains("minplat_engine_new"));
    assert!(!own.contains("wasmtime_mmap") && !own.contains("wasmtime_sync") && !own.contains("wasmtime_tls"), "{own}");
}
