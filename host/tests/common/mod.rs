//! What the tests share: where tools and device libraries are, guests to run, and running `minplat-host`.
//!
//! Tests that need a device library are skipped, with a line that says so, until libraries are built; with
//! `MINPLAT_TEST_DEVICE=1` (any value but the empty one) in the environment, as in CI, what is missing is a failure.
#![allow(dead_code, reason = "each test uses a part of it")]

pub(crate) mod checks;
pub(crate) mod parts;
pub(crate) mod taken;

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use minplat_host::{Artifact, Device, Engine, Instance, Linker, Module, Store};

/// The platforms whose libraries a Linux process on x86_64 can load.
pub(crate) const PLATFORMS: [&str; 7] = [
    "x86_64-minplat",
    "x86_64-minplat-traps",
    "x86_64-minplat-threads",
    "x86_64-minplat-metered",
    "x86_64-minplat-full",
    "x86_64-none",
    "pulley64-minplat",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate is in the checkout").to_owned()
}

/// The folder with the device libraries.
pub(crate) fn artifacts() -> PathBuf {
    env::var_os("MINPLAT_ARTIFACTS").map_or_else(|| root().join("artifacts"), PathBuf::from)
}

fn missing<T>(what: &str) -> Option<T> {
    assert!(env::var_os("MINPLAT_TEST_DEVICE").is_none_or(|value| value.is_empty()), "{what}");
    eprintln!("skipped: {what}");
    None
}

/// A platform's library.
#[track_caller]
pub(crate) fn library(platform: &str) -> Option<PathBuf> {
    let path = artifacts().join(platform).join("lib/libminplat.so");
    if path.is_file() { Some(path) } else { missing(&format!("no {}: run minplat-build {platform}", path.display())) }
}

/// `minplat-compile`: beside this test's own build, or where the environment or the checkout has it. The tests run it,
/// because the host must not depend on a compiler.
#[track_caller]
pub(crate) fn compiler() -> Option<PathBuf> {
    let beside = env::current_exe().ok().and_then(|exe| Some(exe.parent()?.parent()?.to_owned()));
    let named = env::var_os("MINPLAT_TOOLS").map(PathBuf::from);
    let places = [named, beside, Some(root().join("target/release"))];
    let found = places.into_iter().flatten().map(|place| place.join("minplat-compile")).find(|path| path.is_file());
    found.or_else(|| missing("no minplat-compile: build it, or name its folder with MINPLAT_TOOLS"))
}

/// A folder with guests.
pub(crate) struct Guests {
    folder: tempfile::TempDir,
    compiler: PathBuf,
}

impl Guests {
    #[track_caller]
    pub(crate) fn new() -> Option<Self> {
        Some(Self { folder: tempfile::tempdir().unwrap(), compiler: compiler()? })
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    /// Compiles a module as `NAME.cwasm`, for the platform and with the settings that `args` give.
    #[track_caller]
    pub(crate) fn compile<S: AsRef<OsStr>>(&self, name: &str, wat: &str, args: &[S]) -> PathBuf {
        let source = self.write(&format!("{name}.wat"), wat);
        let artifact = self.path().join(format!("{name}.cwasm"));
        let output =
            Command::new(&self.compiler).arg("-q").args(args).arg(source).arg("-o").arg(&artifact).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        artifact
    }
}

/// A module in a device, with nothing to import.
pub(crate) struct Running {
    pub(crate) engine: Engine,
    pub(crate) store: Store,
    pub(crate) instance: Instance,
}

/// Loads a module into a library, in this process.
pub(crate) fn start(library: &Path, artifact: &Path) -> Running {
    let engine = Engine::new(&Device::open(library).unwrap()).unwrap();
    let module = Module::load(&engine, Artifact::read(artifact).unwrap().bytes()).unwrap();
    let mut store = Store::new(&engine).unwrap();
    let instance = Linker::new(&engine).unwrap().instantiate(&mut store, &module).unwrap();
    Running { engine, store, instance }
}

/// What the program said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    #[track_caller]
    pub(crate) fn prints(self, expected: &str) -> Self {
        assert_eq!((self.code, self.out.trim_end()), (0, expected), "{self:?}");
        self
    }

    #[track_caller]
    pub(crate) fn prints_nothing(self) -> Self {
        assert_eq!(self.out, "", "{self:?}");
        self
    }

    #[track_caller]
    pub(crate) fn fails(self, code: i32, words: &[&str]) -> Self {
        assert_eq!(self.code, code, "{self:?}");
        for word in words {
            assert!(self.err.contains(word), "{word:?} is not in: {}", self.err);
        }
        assert!(!self.err.contains("RUST_BACKTRACE"), "it panicked: {}", self.err);
        self
    }
}

impl From<Output> for Said {
    #[track_caller]
    fn from(output: Output) -> Self {
        Said {
            code: output.status.code().unwrap_or_else(|| panic!("killed: {output:?}")),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// Runs `minplat-host run` in a folder.
#[track_caller]
pub(crate) fn run<S: AsRef<OsStr>>(folder: &Path, args: &[S]) -> Said {
    host(folder).arg("run").args(args).output().unwrap().into()
}

/// `minplat-host` in a folder, with the libraries that the tests use.
pub(crate) fn host(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_minplat-host"));
    command.current_dir(folder).env("MINPLAT_ARTIFACTS", artifacts()).stdin(Stdio::null());
    command
}

/// The C compiler, as build scripts find it.
pub(crate) fn cc() -> Command {
    let triple = format!("{}-unknown-linux-gnu", env::consts::ARCH);
    let mut build = cc::Build::new();
    build.std("c11").target(&triple).host(&triple).opt_level(0).cargo_metadata(false).warnings(true);
    build.include(header().parent().unwrap()).get_compiler().to_command()
}

/// `minplat.h`.
pub(crate) fn header() -> PathBuf {
    root().join("embedding/capi/include/minplat.h")
}
