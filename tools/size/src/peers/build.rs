//! Builds the probe of another runtime as the platform's library is built: the same toolchain, flags and linker.

use std::ffi::OsString;
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use minplat_builder::cargo::target_argument;
use minplat_builder::linker::Linker;
use minplat_builder::recipe::Recipe;
use minplat_builder::sizes::Sizes;
use minplat_builder::source::Source;
use minplat_builder::toolchain::{Choice, choose, list};
use minplat_platform::Platform;
use toml::Table;

use super::Peer;

/// The workspace of the probes, in a checkout.
const WORKSPACE: &str = "tools/size/peers";

/// What the user wants of builds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wishes {
    /// The folder that libraries and programs are kept in.
    pub(crate) kept_in: Option<PathBuf>,
    /// How many jobs at once.
    pub(crate) jobs: Option<NonZeroUsize>,
}

/// What builds for one platform.
pub(crate) struct Bench {
    source: Source,
    choice: Choice,
    linker: Linker,
    recipe: Recipe,
    target: OsString,
    folder: PathBuf,
    /// What the platform has, as features.
    features: Vec<&'static str>,
    /// The linker's arguments before the files.
    pub(crate) link: Vec<String>,
}

impl Bench {
    /// For a platform; `probe` are the arguments that minplat's own probe was linked with.
    ///
    /// # Errors
    /// There is no toolchain, no linker, no checkout, or the target file cannot be written.
    pub(crate) fn new(platform: &Platform, probe: &[String]) -> Result<Self> {
        let source = Source::find(None)?;
        let choice = choose(platform, &list(None))?;
        let linker = Linker::find(&choice.toolchain)?;
        let recipe = Recipe::new(platform, &choice);
        let folder = source.device_dir().join("peers").join(recipe.folder(platform, &choice));
        let target = target_argument(platform, &folder)?;
        let features = platform.program_features();
        // Behind these come roots and files, which are each program's own.
        let link = probe.iter().take_while(|arg| !["-u", "-e", "-o"].contains(&arg.as_str())).cloned().collect();
        Ok(Self { source, choice, linker, recipe, target, folder, features, link })
    }

    fn workspace(&self) -> PathBuf {
        self.source.root.join(WORKSPACE)
    }

    /// The programs that build and link, in a line.
    pub(crate) fn toolchain(&self) -> String {
        let toolchain = &self.choice.toolchain;
        format!("rustc {}, LLVM {}, {}", toolchain.release, toolchain.llvm, self.linker.version)
    }

    /// The release that the workspace's lock file has of a runtime.
    ///
    /// # Errors
    /// The lock file cannot be read, or has none.
    pub(crate) fn version(&self, peer: Peer) -> Result<String> {
        let path = self.workspace().join("Cargo.lock");
        let lock = table(&path)?;
        let mut packages = lock.get("package").and_then(|all| all.as_array()).into_iter().flatten();
        let package = packages.find(|package| package.get("name").and_then(|name| name.as_str()) == Some(peer.name()));
        let version = package.and_then(|package| package.get("version")?.as_str().map(str::to_string));
        version.with_context(|| format!("{} has no package {}", path.display(), peer.name()))
    }

    /// The features that a probe is built with: what the platform has, as far as the probe's crate has a switch for it.
    ///
    /// # Errors
    /// The crate's manifest cannot be read.
    pub(crate) fn features(&self, peer: Peer) -> Result<Vec<&'static str>> {
        let manifest = table(&self.workspace().join(peer.name()).join("Cargo.toml"))?;
        let known = manifest.get("features").and_then(|features| features.as_table());
        let known = |name: &str| known.is_some_and(|known| known.contains_key(name));
        Ok(self.features.iter().copied().filter(|name| known(name)).collect())
    }

    /// Whether the recipe has code of the crates that it names made where it is used.
    pub(crate) fn is_deferring(&self) -> bool {
        self.recipe.cargo.iter().any(|flag| flag == "-Zprofile-hint-mostly-unused")
    }

    /// Builds and links a runtime's probe; its bytes. Library and program are kept, if that is wanted.
    ///
    /// # Errors
    /// It cannot be built, linked or kept.
    pub(crate) fn measure(&self, peer: Peer, wishes: &Wishes) -> Result<Sizes> {
        let archive = self.compile(peer, wishes.jobs)?;
        let work = tempfile::tempdir().context("cannot make a folder for temporary files")?;
        fs::copy(&archive, work.path().join("peer.a")).with_context(|| format!("cannot copy {}", archive.display()))?;
        let main = "minplat_probe_main";
        let files = ["-u", main, "-e", main, "-o", "probe.elf", "peer.a"].map(String::from);
        let args = [&self.link[..], &files].concat();
        self.linker.run(work.path(), &format!("linking the probe of {}", peer.name()), &args)?;
        if let Some(folder) = &wishes.kept_in {
            for (file, kind) in [("peer.a", "a"), ("probe.elf", "elf")] {
                let kept = folder.join(format!("{}.{kind}", peer.name()));
                fs::copy(work.path().join(file), &kept).with_context(|| format!("cannot write {}", kept.display()))?;
            }
        }
        Sizes::read(&fs::read(work.path().join("probe.elf")).context("cannot read the linked probe")?)
    }

    /// The static library of a runtime's probe.
    fn compile(&self, peer: Peer, jobs: Option<NonZeroUsize>) -> Result<PathBuf> {
        let package = format!("minplat-peer-{}", peer.name());
        let mut command = Command::new(&self.choice.toolchain.cargo);
        self.set_environment(&mut command);
        command.args(["build", "--release", "--lib", "--locked", "--color", "never", "-p", &package]);
        command.arg("--target").arg(&self.target).arg("--target-dir").arg(&self.folder);
        command.arg("--features").arg(self.features(peer)?.join(",")).args(&self.recipe.cargo);
        if let Some(jobs) = jobs {
            command.arg("--jobs").arg(jobs.to_string());
        }
        for value in &self.recipe.profile {
            command.arg("--config").arg(value);
        }
        let output = command.current_dir(self.workspace()).stdin(Stdio::null()).output();
        let output = output.with_context(|| format!("cannot run {}", self.choice.toolchain.cargo.display()))?;
        if !output.status.success() {
            let text = String::from_utf8_lossy(&output.stderr);
            let line = text.lines().find(|line| line.starts_with("error")).unwrap_or("cargo says nothing");
            bail!("{}\n{}", line.trim_start_matches("error: "), text.trim_end());
        }
        let name = format!("lib{}.a", package.replace('-', "_"));
        Ok(self.folder.join(&self.recipe.target).join("release").join(name))
    }

    /// The recipe's environment, and nothing of the caller's that would change the library.
    fn set_environment(&self, command: &mut Command) {
        let target = format!("CARGO_TARGET_{}_", self.recipe.target.to_uppercase().replace('-', "_"));
        let ours = ["CARGO_PROFILE_", "CARGO_BUILD_", "CARGO_UNSTABLE_", &target];
        for (name, _) in std::env::vars_os() {
            if ours.iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
                command.env_remove(name);
            }
        }
        for name in ["RUSTFLAGS", "CARGO_INCREMENTAL", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER", "RUSTUP_TOOLCHAIN"] {
            command.env_remove(name);
        }
        command.env("RUSTC", &self.choice.toolchain.rustc);
        command.env("CARGO_ENCODED_RUSTFLAGS", self.recipe.rustc_here(&self.source, &self.choice).join("\u{1f}"));
        for variable in &self.recipe.environment {
            let (name, value) = variable.split_once('=').unwrap_or((variable, ""));
            command.env(name, value);
        }
    }
}

/// A file of Cargo's.
fn table(path: &Path) -> Result<Table> {
    let text = fs::read_to_string(path)
        .with_context(|| format!("cannot read {}; it is a part of the checkout", path.display()))?;
    text.parse().with_context(|| format!("{} is damaged", path.display()))
}
