//! What the tests share: running minplat-build, and toolchains that are none.
#![allow(dead_code, reason = "each test uses a part of it")]

pub(crate) mod device;

use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What the program said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.code, Some(0), "{}{}", self.out, self.err);
        self
    }

    #[track_caller]
    pub(crate) fn fails(self, code: i32, words: &[&str]) -> Self {
        assert_eq!(self.code, Some(code), "{}{}", self.out, self.err);
        for word in words {
            assert!(self.err.contains(word), "{word:?} is not in: {}", self.err);
        }
        assert!(!self.err.contains("panicked"), "{}", self.err);
        self
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Said { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }
}

/// minplat-build in a folder, with Cargo's output in `target` there and nothing of the caller's environment that it heeds.
pub(crate) fn command(dir: &Path, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_minplat-build"));
    command.args(args).current_dir(dir).env("CARGO_TARGET_DIR", dir.join("target")).env_remove("MINPLAT_ARTIFACTS");
    command
}

/// Runs it.
pub(crate) fn build(dir: &Path, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Said {
    command(dir, args).output().unwrap().into()
}

pub(crate) fn write(dir: &Path, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = dir.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, bytes).unwrap();
    path
}

/// A folder with `bin/rustc` that says it is `release`, and a cargo that fails.
pub(crate) fn toolchain(dir: &Path, name: &str, release: &str) -> PathBuf {
    let root = dir.join(name);
    let rustc = format!(
        "#!/bin/sh\ncase $1 in\n-vV) echo 'release: {release}'; echo 'host: x86_64-unknown-linux-gnu';;\n\
         --print) case $2 in sysroot) echo '{}';; target-list) echo x86_64-unknown-none;; esac;;\nesac\n",
        root.display()
    );
    for (program, text) in [("rustc", rustc.as_str()), ("cargo", "#!/bin/sh\necho 'no cargo' >&2\nexit 101\n")] {
        let path = write(&root, &format!("bin/{program}"), text);
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    root
}

/// Every file and folder below a folder.
pub(crate) fn names(dir: &Path) -> Vec<String> {
    let mut names = Vec::new();
    let mut folders = vec![dir.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            names.push(path.strip_prefix(dir).unwrap().display().to_string());
            if path.is_dir() && !path.is_symlink() {
                folders.push(path);
            }
        }
    }
    names.sort();
    names
}

pub(crate) fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// A program of this checkout that lies beside this test's.
pub(crate) fn tool(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_BIN_EXE_minplat-build")).with_file_name(name);
    assert!(path.is_file(), "{} is not built; run cargo build --release first", path.display());
    path
}

/// Runs a program that has to succeed; gives its output.
#[track_caller]
pub(crate) fn must(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{command:?}: {}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}
