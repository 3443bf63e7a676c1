//! The linker: LLVM's, which links for every target of a build. The system's own may know only this machine's.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::toolchain::Toolchain;

/// The oldest LLD that `-r --gc-sections` and RISC-V were tried with.
const OLDEST: u32 = 19;

/// An LLD.
#[derive(Clone, Debug)]
pub struct Linker {
    /// The program.
    pub path: PathBuf,
    /// What it says of itself, as in `LLD 22.1.8`.
    pub version: String,
}

impl Linker {
    /// The toolchain's own; else the newest in `PATH`.
    ///
    /// # Errors
    /// There is none, or none new enough.
    pub fn find(toolchain: &Toolchain) -> Result<Self> {
        let own = toolchain.sysroot.join("lib/rustlib").join(&toolchain.host).join("bin/rust-lld");
        let named = (OLDEST..OLDEST + 20).rev().map(|n| format!("ld.lld-{n}"));
        let named = named.chain(["ld.lld".into(), "rust-lld".into()]);
        let in_path = named.filter_map(|name| crate::toolchain::in_path(&name));
        let mut old = Vec::new();
        for path in [own].into_iter().chain(in_path) {
            let Some(version) = ask(&path) else { continue };
            let major = version.split([' ', '.']).nth(1).and_then(|n| n.parse().ok()).unwrap_or(0);
            if major >= OLDEST {
                return Ok(Self { path, version });
            }
            old.push(format!("{} is {version}", path.display()));
        }
        bail!(
            "the library is linked with LLVM's linker, LLD {OLDEST} or later, and there is none{}; install it: on Debian \
             `apt-get install lld-22`; a toolchain of rustup's brings its own (rust-lld)",
            if old.is_empty() { String::new() } else { format!(" ({})", old.join(", ")) }
        )
    }

    /// Links in a folder, in which all files are named without a path: so the result depends on no folder.
    ///
    /// # Errors
    /// The linker does not run or says no; its words are in the error.
    pub fn run(&self, dir: &Path, what: &str, args: &[String]) -> Result<()> {
        let mut command = command(&self.path);
        let output = command.args(args).current_dir(dir).env_remove("LLD_REPRODUCE").output();
        let output = output.with_context(|| format!("cannot run the linker {}", self.path.display()))?;
        if !output.status.success() {
            let text = String::from_utf8_lossy(&output.stderr);
            bail!("{what}: {} failed: {}", self.path.display(), text.trim());
        }
        Ok(())
    }
}

/// `rust-lld` is all of LLVM's linkers in one, and has to be told which to be.
fn command(path: &Path) -> Command {
    let mut command = Command::new(path);
    if path.file_name().is_some_and(|name| name == "rust-lld") {
        command.args(["-flavor", "gnu"]);
    }
    command
}

fn ask(path: &Path) -> Option<String> {
    let output = command(path).arg("--version").output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let at = text.find("LLD ")?;
    Some(text[at..].split([' ', '\n']).take(2).collect::<Vec<_>>().join(" "))
}
