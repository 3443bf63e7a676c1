//! One rustc with its cargo, and what it says of itself.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Where a toolchain comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// rustup installed it.
    Rustup,
    /// The system's, or somebody's own.
    Other,
}

/// A rustc with its cargo.
#[derive(Clone, Debug)]
pub struct Toolchain {
    /// rustup's name for it, or the path of its rustc.
    pub name: String,
    /// Where it comes from.
    pub origin: Origin,
    /// The compiler itself, not rustup's stand-in.
    pub rustc: PathBuf,
    /// The cargo beside it.
    pub cargo: PathBuf,
    /// The release, as in `1.96.0` or `1.97.0-nightly`.
    pub release: String,
    /// The commit, or `unknown`.
    pub commit: String,
    /// The LLVM inside.
    pub llvm: String,
    /// The triple that it runs on.
    pub host: String,
    /// Where its libraries are.
    pub sysroot: PathBuf,
}

impl Toolchain {
    /// Asks a rustc.
    ///
    /// # Errors
    /// It does not run, or has no cargo beside it: the reason, for a list of what was tried.
    pub fn ask(name: &str, origin: Origin, rustc: &Path) -> Result<Self, String> {
        if !rustc.is_file() {
            return Err(format!("there is no program {}", rustc.display()));
        }
        let cargo = rustc.with_file_name("cargo");
        if !cargo.is_file() {
            return Err(format!("{} has no cargo beside it", rustc.display()));
        }
        let version = output(rustc, &["-vV"])?;
        let field = |key: &str| {
            let line = version.lines().find_map(|line| line.strip_prefix(key));
            line.map_or_else(|| "unknown".to_string(), |value| value.trim().to_string())
        };
        if field("release:") == "unknown" {
            return Err(format!("{} is no rustc: `-vV` tells no release", rustc.display()));
        }
        let sysroot = PathBuf::from(output(rustc, &["--print", "sysroot"])?.trim());
        Ok(Self {
            name: name.to_string(),
            origin,
            rustc: rustc.to_path_buf(),
            cargo,
            release: field("release:"),
            commit: field("commit-hash:"),
            llvm: field("LLVM version:"),
            host: field("host:"),
            sysroot,
        })
    }

    /// Major and minor version.
    pub fn version(&self) -> (u32, u32) {
        let mut parts = self.release.split(['.', '-']).map(|part| part.parse().unwrap_or(0));
        (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
    }

    /// Whether it takes unstable flags without being told to.
    pub fn is_nightly(&self) -> bool {
        self.release.contains("nightly") || self.release.ends_with("-dev")
    }

    /// Where the standard library's source would lie.
    pub fn source_dir(&self) -> PathBuf {
        self.sysroot.join("lib/rustlib/src/rust")
    }

    /// Whether the standard library's source lies beside it.
    pub fn has_source(&self) -> bool {
        self.source_dir().join("library/core/src/lib.rs").is_file()
    }

    /// Whether the standard library is installed, compiled, for a target.
    pub fn has_prebuilt(&self, triple: &str) -> bool {
        self.sysroot.join("lib/rustlib").join(triple).join("lib").is_dir()
    }

    /// Whether it knows a target by name.
    pub fn knows(&self, triple: &str) -> bool {
        output(&self.rustc, &["--print", "target-list"]).is_ok_and(|list| list.lines().any(|line| line == triple))
    }

    /// Name and version, for people.
    pub fn label(&self) -> String {
        format!("rustc {} ({})", self.release, self.name)
    }
}

/// The standard output of a program that ran well.
pub(crate) fn output(program: &Path, args: &[&str]) -> Result<String, String> {
    let result = Command::new(program).args(args).output();
    let result = result.map_err(|e| format!("{} cannot be run: {e}", program.display()))?;
    if !result.status.success() {
        let text = String::from_utf8_lossy(&result.stderr);
        let first = text.lines().next().unwrap_or("no message");
        return Err(format!("{} {} failed: {first}", program.display(), args.join(" ")));
    }
    Ok(String::from_utf8_lossy(&result.stdout).into_owned())
}
