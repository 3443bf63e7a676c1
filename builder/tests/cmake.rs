//! `find_package(minplat)`, `minplat_add_module` and the pkg-config file, with `examples/c-embedder`. The prefix is a copy in
//! another folder: it has to work wherever it is taken. With MINPLAT_TEST_DEVICE=1, for it takes built libraries.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use common::device;
use snapbox::assert_data_eq;

/// A folder with copies of prefixes, and of the example.
struct Place {
    dir: tempfile::TempDir,
}

impl Place {
    /// With these platforms' prefixes in `name`, a folder of it.
    fn new(name: &str, platforms: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for platform in platforms {
            let from = device::artifacts().join(platform);
            assert!(from.is_dir(), "{} is missing: run minplat-build {platform}", from.display());
            copy(&from, &dir.path().join(name).join(platform));
        }
        copy(&common::checkout().join("examples/c-embedder"), &dir.path().join("source"));
        Self { dir }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// CMake in the folder, with no program of this checkout but `minplat-compile` as the user named it.
    fn cmake(&self, args: &[&str]) -> common::Said {
        let mut command = Command::new("cmake");
        command.args(args).current_dir(self.dir.path()).env_remove("CMAKE_PREFIX_PATH").env_remove("MINPLAT_BIN");
        command.output().unwrap_or_else(|error| panic!("cmake: {error}; install it")).into()
    }

    /// Configures `source` for a prefix.
    fn configure(&self, prefix: &str, more: &[&str]) -> common::Said {
        let compile = format!("-DMINPLAT_COMPILE={}", common::tool("minplat-compile").display());
        let prefix = format!("-DCMAKE_PREFIX_PATH={prefix}");
        self.cmake(&[&["-S", "source", "-B", "out", &compile, &prefix], more].concat())
    }

    fn made(&self, name: &str) -> SystemTime {
        fs::metadata(self.at(name)).unwrap_or_else(|e| panic!("{name}: {e}")).modified().unwrap()
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    common::must(Command::new("cp").arg("-a").arg(from).arg(to));
}

fn golden() -> snapbox::Data {
    snapbox::Data::read_from(&common::checkout().join("examples/c-embedder/expected.txt"), None)
}

#[test]
fn the_example_builds_from_a_prefix_anywhere_and_runs() {
    if !device::wanted("cmake") {
        return;
    }
    let place = Place::new("pre fix", &["x86_64-minplat", "pulley32-thumbv7em"]);
    // A prefix for another size of pointers is passed over.
    let both =
        ["pulley32-thumbv7em", "x86_64-minplat"].map(|name| place.at("pre fix").join(name).display().to_string());
    place.configure(&both.join(";"), &[]).ok();
    place.cmake(&["--build", "out"]).ok();
    assert_data_eq!(common::must(&mut Command::new(place.at("out/c-embedder"))), golden());
    assert!(place.at("out/minplat/c-embedder/plugin.debug").is_file());

    // What has not changed is not compiled again; what has changed is, the platform's files too.
    let objects = ["out/minplat/c-embedder/filter.o", "out/minplat/c-embedder/plugin.o"];
    let before = objects.map(|name| place.made(name));
    place.cmake(&["--build", "out"]).ok();
    assert_eq!(objects.map(|name| place.made(name)), before);
    let text = fs::read_to_string(place.at("source/guests/plugin.wat")).unwrap();
    fs::write(place.at("source/guests/plugin.wat"), text.replace("(i32.const 100)", "(i32.const 99)")).unwrap();
    place.cmake(&["--build", "out"]).ok();
    assert_eq!(place.made(objects[0]), before[0]);
    let output = Command::new(place.at("out/c-embedder")).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "its answer is another one now");
    assert!(String::from_utf8_lossy(&output.stdout).contains("scale(42, 6): 693"));
    let platform = place.at("pre fix/x86_64-minplat/share/minplat/platform.toml");
    let text = fs::read_to_string(&platform).unwrap();
    fs::write(&platform, format!("# touched\n{text}")).unwrap();
    place.cmake(&["--build", "out"]).ok();
    assert!(place.made(objects[0]) > before[0], "the platform's file is in the depfile");
}

#[test]
fn a_platform_with_fuel_ends_the_guest_that_never_ends() {
    if !device::wanted("cmake fuel") {
        return;
    }
    let place = Place::new("prefix", &["x86_64-minplat-metered"]);
    place.configure(&place.at("prefix/x86_64-minplat-metered").display().to_string(), &[]).ok();
    place.cmake(&["--build", "out"]).ok();
    let said = common::must(&mut Command::new(place.at("out/c-embedder")));
    assert!(said.contains("for x86_64-minplat-metered\n") && said.contains("trap 11: out of fuel"), "{said}");
}

#[test]
fn plain_make_and_pkg_config_build_the_same_program() {
    if !device::wanted("make") {
        return;
    }
    let place = Place::new("prefix", &["x86_64-minplat"]);
    let make = |more: &[&str]| -> common::Said {
        let mut make = Command::new("make");
        make.args(["-C", "source", "OUT=../made"]).args(more).current_dir(place.dir.path());
        make.arg(format!("PREFIX={}", place.at("prefix/x86_64-minplat").display()));
        make.arg(format!("MINPLAT_COMPILE={}", common::tool("minplat-compile").display()));
        make.output().unwrap().into()
    };
    make(&[]).ok();
    assert_data_eq!(common::must(&mut Command::new(place.at("made/c-embedder"))), golden());
    make(&["-q"]).ok();
    let text = fs::read_to_string(place.at("source/guests/filter.wat")).unwrap();
    fs::write(place.at("source/guests/filter.wat"), text + ";; more\n").unwrap();
    make(&["-q"]).fails(1, &[]);
    make(&[]).ok();

    let pc = |what: &str| {
        let mut pkg_config = Command::new("pkg-config");
        pkg_config.env("PKG_CONFIG_PATH", place.at("prefix/x86_64-minplat/lib/pkgconfig"));
        common::must(pkg_config.args([what, "minplat"])).trim().to_string()
    };
    assert_eq!(pc("--modversion"), env!("CARGO_PKG_VERSION"));
    assert_eq!(pc("--variable=platform"), "x86_64-minplat");
    assert_eq!(pc("--variable=fingerprint").len(), 64);
}

#[test]
fn what_cannot_be_meant_is_an_error_with_a_remedy() {
    if !device::wanted("cmake errors") {
        return;
    }
    let place = Place::new("prefix", &["x86_64-minplat"]);
    let prefix = place.at("prefix/x86_64-minplat").display().to_string();
    let with = |lines: &str| {
        let text = format!(
            "cmake_minimum_required(VERSION 3.20)\nproject(p LANGUAGES C)\nfind_package(minplat REQUIRED)\n\
             add_executable(t main.c)\n{lines}\n"
        );
        fs::write(place.at("source/CMakeLists.txt"), text).unwrap();
        place.configure(&prefix, &[])
    };
    with("minplat_add_module(TARGET t SOURCES guests/filter.wat)").ok();
    // CMake breaks lines where it likes.
    for (lines, wanted) in [
        ("minplat_add_module(SOURCES a.wat)", "give TARGET and SOURCES"),
        ("minplat_add_module(TARGET no SOURCES a.wat)", "there is no target no"),
        ("minplat_add_module(TARGET t SOURCES guests/filter.wat INPLACE)", "there is no module"),
        ("minplat_add_module(TARGET t SOURCES a.wat b.wat SYMBOL s)", "SYMBOL names the symbols of one"),
        (
            "set(MINPLAT_COMPILE MINPLAT_COMPILE-NOTFOUND)\nset(CMAKE_PROGRAM_PATH)\nset(ENV{PATH} /nowhere)\n\
          unset(MINPLAT_COMPILE CACHE)\nminplat_add_module(TARGET t SOURCES a.wat)",
            "minplat-compile was not found",
        ),
        ("minplat_add_module(TARGET t SOURCES guests/filter.wat PLATFORM)", "cannot use"),
        ("find_package(minplat 9 REQUIRED)", "compatible with requested version"),
    ] {
        let said = with(lines);
        assert_ne!(said.code, Some(0), "{lines}");
        let err = said.err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(err.contains(wanted), "{lines}: {err}");
    }
    // A module that does not compile fails the build with the compiler's own words.
    fs::write(place.at("source/broken.wat"), "(module (func (unknown)))").unwrap();
    with("minplat_add_module(TARGET t SOURCES broken.wat)").ok();
    let said = place.cmake(&["--build", "out"]);
    assert_ne!(said.code, Some(0));
    assert!(format!("{}{}", said.out, said.err).contains("broken.wat:1"), "{}{}", said.out, said.err);
}
