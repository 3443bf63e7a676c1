//! The built libraries of the shipped platforms, for tests that look into them.

use std::fs;
use std::path::{Path, PathBuf};

use minplat_platform::Platform;
use object::read::archive::ArchiveFile;
use object::{Object, ObjectSection, ObjectSymbol};
use serde_json::Value;

/// A platform and the prefix that was built for it.
pub(crate) struct Prefix {
    pub(crate) platform: Platform,
    pub(crate) dir: PathBuf,
}

/// Whether the libraries are there and must be: CI builds all of them first and says so.
pub(crate) fn wanted(test: &str) -> bool {
    let wanted = std::env::var_os("MINPLAT_TEST_DEVICE").is_some_and(|value| !value.is_empty());
    if !wanted {
        eprintln!("{test}: skipped; run minplat-build --all, and the test with MINPLAT_TEST_DEVICE=1");
    }
    wanted
}

/// Whether what builds for minutes is to run: `./build.sh test` has it run beside the others, and tells these with MINPLAT_TEST_LONG=none.
pub(crate) fn has_time(test: &str) -> bool {
    let has_time = std::env::var_os("MINPLAT_TEST_LONG").is_none_or(|value| value != "none");
    if !has_time {
        eprintln!("{test}: skipped, as MINPLAT_TEST_LONG=none says");
    }
    has_time
}

/// Where the libraries are.
pub(crate) fn artifacts() -> PathBuf {
    let given = std::env::var_os("MINPLAT_ARTIFACTS").filter(|dir| !dir.is_empty());
    given.map_or_else(|| super::checkout().join("artifacts"), PathBuf::from)
}

/// What `build.sh test` builds besides the shipped platforms.
const VARIANTS: &[&str] = &[
    "pulley32-thumbv7em+offers.multi-thread=true+build.fast-interpreter=true",
    "x86_64-minplat+build.debug-assertions=true",
    "x86_64-minplat+offers.traps=true+offers.multi-thread=true+build.platform-checks=true",
];

/// Every shipped platform's, and the variants'.
pub(crate) fn all() -> Vec<Prefix> {
    let names = Platform::shipped().chain(VARIANTS.iter().copied());
    let all: Vec<_> = names.map(|name| Prefix::at(name, artifacts().join(name))).collect();
    assert!(all.len() >= 16, "only {} platforms are there", all.len());
    all
}

impl Prefix {
    /// That of a platform at a place.
    #[track_caller]
    pub(crate) fn at(name: &str, dir: PathBuf) -> Self {
        assert!(dir.is_dir(), "{} is missing: run minplat-build {name}", dir.display());
        Self { platform: Platform::load(name, &[]).unwrap(), dir }
    }

    pub(crate) fn name(&self) -> &str {
        self.platform.name()
    }

    #[track_caller]
    pub(crate) fn read(&self, path: &str) -> Vec<u8> {
        let path = self.dir.join(path);
        fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
    }

    pub(crate) fn manifest(&self) -> Value {
        serde_json::from_slice(&self.read("share/minplat/manifest.json")).unwrap()
    }

    /// The object in the archive, which must be the only member.
    pub(crate) fn object(&self) -> Vec<u8> {
        let archive = self.read("lib/libminplat.a");
        let file = ArchiveFile::parse(&*archive).unwrap();
        let members: Vec<_> = file.members().map(|member| member.unwrap()).collect();
        let names: Vec<_> = members.iter().map(|member| String::from_utf8_lossy(member.name()).into_owned()).collect();
        assert_eq!(names, ["minplat.o"], "{}", self.name());
        members[0].data(&*archive).unwrap().to_vec()
    }

    /// The library as a process loads it, where one can.
    pub(crate) fn shared(&self) -> Option<Vec<u8>> {
        let path = "lib/libminplat.so";
        if !self.platform.host_loadable() {
            assert!(!self.dir.join(path).exists(), "{} has a {path} that no process can load", self.name());
            return None;
        }
        Some(self.read(path))
    }

    /// Every file, as a path in the prefix.
    pub(crate) fn files(&self) -> Vec<String> {
        let names = super::names(&self.dir);
        names.into_iter().filter(|name| self.dir.join(name).is_file()).collect()
    }
}

/// What a library says of itself.
pub(crate) fn identity(elf: &[u8]) -> Vec<String> {
    let file = object::File::parse(elf).unwrap();
    let section = file.section_by_name(".minplat.platform").expect("the section .minplat.platform");
    String::from_utf8(section.data().unwrap().to_vec()).unwrap().lines().map(str::to_string).collect()
}

/// Global symbols: defined ones and undefined ones, sorted.
pub(crate) fn globals<'a>(symbols: impl Iterator<Item = object::Symbol<'a, 'a>>) -> (Vec<String>, Vec<String>) {
    let (mut defined, mut undefined) = (Vec::new(), Vec::new());
    for symbol in symbols {
        let name = symbol.name().unwrap().to_string();
        match (symbol.is_undefined(), symbol.is_global() || symbol.is_weak()) {
            (true, _) if !name.is_empty() => undefined.push(name),
            (false, true) => defined.push(name),
            _ => {}
        }
    }
    defined.sort();
    undefined.sort();
    (defined, undefined)
}

/// Whether some bytes lie in others.
pub(crate) fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// Folders of this machine that must be in no file.
pub(crate) fn folders() -> Vec<PathBuf> {
    let home = std::env::var_os("HOME").map(PathBuf::from).filter(|home| home.parent().is_some());
    let cargo = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let all = [Some(super::checkout()), home, cargo, target, Some(artifacts()), Some(std::env::temp_dir())];
    all.into_iter().flatten().filter(|dir| dir.is_absolute() && dir != Path::new("/")).collect()
}
