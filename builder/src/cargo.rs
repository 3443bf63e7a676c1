//! Cargo, as this program calls it: with nothing from the caller's environment that would change the library.

use std::ffi::OsString;
use std::fs;
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use minplat_platform::{Platform, RustTarget};

use crate::compiled::{self, Compiled};
use crate::interrupt;
use crate::recipe::Recipe;
use crate::source::Source;
use crate::toolchain::Choice;

/// What Cargo is told by the user of this program.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Cargo.lock is final.
    pub locked: bool,
    /// No network.
    pub offline: bool,
    /// How many jobs at once.
    pub jobs: Option<usize>,
}

/// One platform's Cargo.
#[derive(Clone, Debug)]
pub struct Cargo {
    /// The checkout.
    pub source: Source,
    /// The toolchain.
    pub choice: Choice,
    /// The flags.
    pub recipe: Recipe,
    /// What `MINPLAT_PLATFORM` is to say: a shipped name or an absolute path.
    pub platform: OsString,
    /// `key=value` on top of it.
    pub sets: Vec<String>,
    /// Cargo's `--target`: a triple, or a target file.
    pub target: OsString,
    /// Cargo's output.
    pub folder: PathBuf,
    /// The user's wishes.
    pub options: Options,
}

impl Cargo {
    /// A command in the checkout, with toolchain, lock and network set.
    fn command(&self, subcommand: &str) -> Command {
        let mut command = Command::new(&self.choice.toolchain.cargo);
        command.arg(subcommand).current_dir(&self.source.root).stdin(Stdio::null());
        let target = format!("CARGO_TARGET_{}_", self.recipe.target.to_uppercase().replace('-', "_"));
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            // Flags, profiles and targets are the recipe's; a wrapper may be a linter's.
            let ours = ["CARGO_PROFILE_", "CARGO_BUILD_", "CARGO_UNSTABLE_", "MINPLAT_"];
            if ours.iter().any(|prefix| text.starts_with(prefix)) || text.starts_with(&target) {
                command.env_remove(&name);
            }
        }
        for name in
            ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_INCREMENTAL", "RUSTC_WORKSPACE_WRAPPER", "RUSTUP_TOOLCHAIN"]
        {
            command.env_remove(name);
        }
        command.env("RUSTC", &self.choice.toolchain.rustc);
        for variable in &self.recipe.environment {
            let (name, value) = variable.split_once('=').unwrap_or((variable, ""));
            command.env(name, value);
        }
        let options = [("--locked", self.options.locked), ("--offline", self.options.offline)];
        command.args(options.iter().filter(|(_, on)| *on).map(|(flag, _)| flag));
        command.args(["-p", "minplat-capi"]).arg("--target").arg(&self.target);
        command.arg("--no-default-features").arg("--features").arg(self.recipe.features.join(","));
        command
    }

    /// The packages of the library as a tree, one a line: depth, name, version, where a path package lies, features, licence.
    /// Without macros and build scripts: they run here.
    ///
    /// # Errors
    /// Cargo cannot resolve them.
    pub fn tree(&self) -> Result<String> {
        let mut command = self.command("tree");
        command.args(["-e", "normal,no-proc-macro", "--prefix", "depth", "--no-dedupe", "--color", "never"]);
        command.args(["--format", "{p}|{f}|{l}"]);
        command.args(self.recipe.cargo.iter().filter(|flag| *flag == "-Zjson-target-spec"));
        let output = command.output().context("cannot run cargo")?;
        if !output.status.success() {
            bail!("cargo cannot tell what the library is made of: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Builds the static library and tells where it is, and what it was compiled from. With `show` Cargo's own messages go to
    /// standard error as they come, else only when it fails.
    ///
    /// # Errors
    /// Cargo failed.
    pub fn build(&self, show: bool) -> Result<(PathBuf, Vec<Compiled>)> {
        let mut command = self.command("build");
        command.args(["--release", "--lib"]).arg("--target-dir").arg(&self.folder);
        if let Some(jobs) = self.options.jobs {
            command.arg("--jobs").arg(jobs.to_string());
        }
        command.args(&self.recipe.cargo);
        for value in &self.recipe.profile {
            command.arg("--config").arg(value);
        }
        let flags = self.recipe.rustc_here(&self.source, &self.choice);
        command.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
        command.env("MINPLAT_PLATFORM", &self.platform).env("MINPLAT_SET", self.sets.join("\n"));
        command.arg("--message-format=json-render-diagnostics");
        let mut messages = tempfile::tempfile().context("cannot make a temporary file")?;
        command.stdout(messages.try_clone().context("cannot use a temporary file")?);
        let mut told = Vec::new();
        if !show {
            command.stderr(Stdio::piped());
        }
        let status = interrupt::run(&mut command, |child| {
            if let Some(mut errors) = child.stderr.take() {
                // What cannot be read is only missing from a message.
                _ = errors.read_to_end(&mut told);
            }
        })?;
        if !status.success() {
            let told = String::from_utf8_lossy(&told);
            bail!("cargo could not build minplat-capi with {}\n{}", self.choice.toolchain.label(), told.trim_end());
        }
        let output = self.folder.join(&self.recipe.target).join("release");
        let mut text = String::new();
        messages.rewind().and_then(|()| messages.read_to_string(&mut text)).context("cannot read what cargo did")?;
        Ok((output.join("libminplat_capi.a"), compiled::parse(&text, &output)))
    }
}

/// What Cargo's `--target` is to be for a platform. A target file is put into `dir`: a shipped one lies in no folder.
///
/// # Errors
/// The target file is no JSON; it cannot be written.
pub fn target_argument(platform: &Platform, dir: &Path) -> Result<OsString> {
    match platform.rust_target() {
        RustTarget::BuiltIn(triple) => Ok(triple.into()),
        RustTarget::Json { file_name, contents, .. } => {
            if let Err(error) = serde_json::from_str::<serde_json::Value>(contents) {
                bail!(
                    "target.rust: {file_name} is no JSON: {error}; `RUSTC_BOOTSTRAP=1 rustc -Zunstable-options \
                     --print target-spec-json --target x86_64-unknown-none` prints one to begin with"
                );
            }
            let path = dir.join(file_name);
            if fs::read(&path).ok().as_deref() != Some(contents.as_bytes()) {
                write_whole(&path, contents.as_bytes())?;
            }
            Ok(path.into())
        }
    }
}

/// Writes a file that another process may be reading.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let dir = path.parent().unwrap_or(Path::new("."));
    let write = || -> std::io::Result<()> {
        fs::create_dir_all(dir)?;
        let mut file = tempfile::NamedTempFile::new_in(dir)?;
        file.write_all(bytes)?;
        file.persist(path)?;
        Ok(())
    };
    write().with_context(|| {
        format!("cannot write {}; set CARGO_TARGET_DIR to a folder that can be written", path.display())
    })
}
