//! One platform's way from its file to its prefix.

mod folder;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result, bail};
use minplat_platform::Platform;

use crate::cargo::{Cargo, Options, target_argument};
use crate::compiled::Compiled;
use crate::dependencies::{self, Package};
use crate::inputs::{Digest, Inputs};
use crate::interrupt;
use crate::linker::Linker;
use crate::manifest::{Build, Facts, Manifest, programs};
use crate::probe;
use crate::progress::{Progress, time};
use crate::provenance::{self, licences, parts, sbom};
use crate::publish::Artifacts;
use crate::recipe::Recipe;
use crate::source::Source;
use crate::toolchain::Choice;
use crate::{archive, budget, localize, package, prelink, shared, sizes::Sizes, stamp::Stamp, symbols::Symbols};

/// A platform that is to be built, with everything decided.
#[derive(Clone, Debug)]
pub struct Job {
    /// The platform.
    pub platform: Platform,
    linker: Linker,
    cargo: Cargo,
    packages: Vec<Package>,
    inputs: Digest,
    artifacts: Artifacts,
}

/// What became of a job.
#[derive(Clone, Debug)]
pub struct Done {
    /// The platform's name.
    pub platform: String,
    /// Where its prefix is.
    pub prefix: PathBuf,
    /// Nothing had changed, so nothing was built.
    pub fresh: bool,
    /// How long it took.
    pub time: Duration,
    /// The manifest, as JSON.
    pub manifest: serde_json::Value,
}

impl Job {
    /// Decides how to build `platform`, which the user called `called`, and checks what can be checked before.
    ///
    /// # Errors
    /// There is no linker, Cargo cannot resolve the packages, or one of them has no place on a device.
    pub fn new(
        (called, platform): (&str, Platform),
        sets: &[String],
        (source, choice): (&Source, Choice),
        artifacts: &Artifacts,
        options: Options,
    ) -> Result<Self> {
        let linker = Linker::find(&choice.toolchain)?;
        let recipe = Recipe::new(&platform, &choice);
        let folder = source.device_dir().join(recipe.folder(&platform, &choice));
        let cargo = Cargo {
            source: source.clone(),
            platform: identity(called)?,
            sets: sets.to_vec(),
            target: target_argument(&platform, &folder)?,
            recipe,
            folder,
            choice,
            options,
        };
        let tree = cargo.tree()?;
        let packages = dependencies::parse(&tree);
        dependencies::check(&packages)?;
        let inputs = inputs(&platform, &cargo, &linker, &packages)?;
        Ok(Self { platform, linker, cargo, packages, inputs, artifacts: artifacts.clone() })
    }

    /// The folder of its Cargo output. Jobs with the same one run one after the other and share what they can.
    pub fn folder(&self) -> &Path {
        &self.cargo.folder
    }

    /// The toolchain, and why that one.
    pub fn choice(&self) -> &Choice {
        &self.cargo.choice
    }

    /// The programs that it builds with, by name, and their versions; as the manifest has them.
    pub fn programs(&self) -> BTreeMap<&'static str, String> {
        programs(self.choice(), &self.linker)
    }

    /// Where its prefix is, or is to be.
    pub fn prefix(&self) -> PathBuf {
        self.artifacts.prefix(self.platform.name())
    }

    /// Builds, checks and puts in place; or finds that nothing has changed.
    ///
    /// # Errors
    /// A step fails, or the library is outside its platform. What was in place before stays.
    pub fn run(&self, progress: Progress) -> Result<Done> {
        let begin = Instant::now();
        let prefix = self.prefix();
        let Some(manifest) = Stamp::of(&self.cargo.source.device_dir(), &prefix).fresh(&prefix, self.inputs) else {
            return self.run_anew(progress);
        };
        // Its age says that it is not older than its sources. Where that cannot be noted, it is built all the same.
        _ = File::options()
            .append(true)
            .open(prefix.join(LIBRARY))
            .and_then(|file| file.set_modified(SystemTime::now()));
        self.done(&manifest, true, begin)
    }

    /// Builds, checks and puts in place, whatever is there.
    ///
    /// # Errors
    /// As [`Job::run`].
    pub fn run_anew(&self, progress: Progress) -> Result<Done> {
        let begin = Instant::now();
        let name = self.platform.name();
        let stamp = Stamp::of(&self.cargo.source.device_dir(), &self.prefix());
        let choice = self.choice();
        progress.say(name, &format!("building with {}: {}", choice.toolchain.label(), choice.why));
        let work = folder::work_folder(&self.cargo.folder)?;
        let compiled = self.compile(work.path(), progress)?;
        progress.say(name, &format!("compiled in {}, linking", time(begin.elapsed())));
        let files = self.link(work.path(), &compiled)?;
        interrupt::check()?;
        self.artifacts.publish(name, &files)?;
        let manifest = &files[MANIFEST];
        stamp.write(self.inputs, manifest)?;
        self.done(manifest, false, begin)
    }

    fn done(&self, manifest: &[u8], fresh: bool, begin: Instant) -> Result<Done> {
        let manifest = serde_json::from_slice(manifest).context("the manifest is damaged")?;
        Ok(Done {
            platform: self.platform.name().into(),
            prefix: self.prefix(),
            fresh,
            time: begin.elapsed(),
            manifest,
        })
    }

    /// Cargo's part; the static library ends up as `rust.a` in `work`.
    fn compile(&self, work: &Path, progress: Progress) -> Result<Vec<Compiled>> {
        // Another build of this program with another platform would write the same file.
        let lock = self.cargo.folder.join("minplat-build.lock");
        let lock = File::create(&lock).with_context(|| format!("cannot write {}", lock.display()))?;
        folder::wait_for(&lock, || progress.say(self.platform.name(), "waits for another minplat-build"))?;
        let (library, compiled) = self.cargo.build(progress.shows_cargo())?;
        fs::copy(&library, work.join("rust.a")).with_context(|| format!("cannot copy {}", library.display()))?;
        Ok(compiled)
    }

    /// From `rust.a` to the files of the prefix, each check passed.
    fn link(&self, work: &Path, compiled: &[Compiled]) -> Result<BTreeMap<String, Vec<u8>>> {
        let platform = &self.platform;
        let read = |name: &str| fs::read(work.join(name)).with_context(|| format!("cannot read {name} of the build"));
        let write = |name: &str, bytes: &[u8]| {
            fs::write(work.join(name), bytes).with_context(|| format!("cannot write {name}"))
        };
        let prelink = prelink::prelink(&self.linker, work, "rust.a", "linked.o")?;
        let object = localize::localize(&read("linked.o")?)?;
        let symbols = Symbols::read(&object)?;
        symbols.check(platform)?;
        self.check_identity(&object)?;

        let library = archive::archive(&object)?;
        write(archive::MEMBER, &object)?;
        write("libminplat.a", &library)?;
        let mut sizes = BTreeMap::from([("archive", Sizes::read(&object)?)]);
        let mut files = BTreeMap::from([
            (LIBRARY.to_string(), library),
            ("share/minplat/libminplat.map".to_string(), read(prelink::MAP)?),
        ]);
        let mut shared = None;
        if platform.host_loadable() {
            shared = Some(shared::link(&self.linker, work, archive::MEMBER)?);
            for name in [shared::LIBRARY, shared::DEBUG] {
                files.insert(format!("lib/{name}"), read(name)?);
            }
            files.insert(format!("share/minplat/{}", shared::MAP), read(shared::MAP)?);
            let loaded = &files["lib/libminplat.so"];
            Symbols::read(loaded)?.check(platform).context("the shared object")?;
            sizes.insert("shared", Sizes::read(loaded)?);
        }
        let root = &self.cargo.source.root;
        let toolchain = &self.choice().toolchain;
        let measured =
            probe::measure(platform, toolchain, &self.linker, root, (work, "libminplat.a"), &probe::More::default())?;
        let before = budget::Before::find(self.in_place().as_ref(), platform, root);
        budget::check(platform, &measured.sizes, before.as_ref())?;

        self.add_texts(&mut files)?;
        self.add_provenance(&mut files, compiled)?;
        let build = Build { recipe: self.cargo.recipe.clone(), prelink, shared };
        let packages = self.packages.clone();
        let facts = Facts { build, symbols, sizes, measured, packages, files: files.clone() };
        files.insert(MANIFEST.into(), Manifest::new(platform, self.choice(), &self.linker, facts).to_json());
        Ok(files)
    }

    /// The manifest of the library that is in place; none where there is no library.
    fn in_place(&self) -> Option<serde_json::Value> {
        let manifest = fs::read(self.prefix().join(MANIFEST)).ok()?;
        serde_json::from_slice(&manifest).ok()
    }

    /// The library must say that it is for the platform that it is put in place for: another checkout's shipped platforms may
    /// differ from those of this program.
    fn check_identity(&self, object: &[u8]) -> Result<()> {
        use object::{Object, ObjectSection};
        let file = object::File::parse(object)?;
        let section =
            file.section_by_name(".minplat.platform").context("the library has no section .minplat.platform")?;
        let text = String::from_utf8_lossy(section.data()?).into_owned();
        let wanted = format!("fingerprint={}", crate::manifest::hex(&self.platform.fingerprint()));
        if !text.lines().any(|line| line == wanted) {
            bail!(
                "the library was built for another {} than this minplat-build knows: use the minplat-build of the checkout {}",
                self.platform.name(),
                self.cargo.source.root.display()
            );
        }
        Ok(())
    }

    /// Headers, what other builds find the library by, and the platform as one file with its target beside it.
    fn add_texts(&self, files: &mut BTreeMap<String, Vec<u8>>) -> Result<()> {
        for name in ["minplat.h", "wasmtime-platform.h", "wasmtime-platform.c"] {
            let path = self.cargo.source.include_dir().join(name);
            let text = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            files.insert(format!("include/{name}"), text);
        }
        let version = self.packages.iter().find(|package| package.name == "minplat").map(|package| &package.version);
        let version = version.context("the library has no package minplat")?;
        files.extend(package::files(&self.cargo.source.package_dir(), &self.platform, version)?);
        files.insert("share/minplat/platform.toml".into(), self.platform.to_named_toml().into_bytes());
        if let minplat_platform::RustTarget::Json { file_name, contents, .. } = self.platform.rust_target() {
            files.insert(format!("share/minplat/{file_name}"), contents.clone().into_bytes());
        }
        Ok(())
    }
}

impl Job {
    /// Whose code it is.
    fn add_provenance(&self, files: &mut BTreeMap<String, Vec<u8>>, compiled: &[Compiled]) -> Result<()> {
        let (root, toolchain) = (&self.cargo.source.root, &self.choice().toolchain);
        let parts = parts::parts(&self.packages, compiled, &parts::lock(root)?, toolchain)?;
        let name = self.platform.name();
        let licences = licences::text(name, &parts, root, &toolchain.source_dir());
        files.insert(provenance::LICENCES.into(), licences.context("collecting the licences")?);
        files.insert(provenance::SBOM.into(), sbom::json(&self.platform, &parts, toolchain)?);
        Ok(())
    }
}

/// The manifest, in a prefix.
pub const MANIFEST: &str = "share/minplat/manifest.json";
/// The library, in a prefix.
pub const LIBRARY: &str = "lib/libminplat.a";

/// A platform as the embedding's build script is to find it, wherever Cargo runs that.
pub(crate) fn identity(called: &str) -> Result<OsString> {
    // A shipped name wins over a folder; what is no file is a name with changes.
    if Platform::shipped().any(|name| name == called) || !Path::new(called).exists() {
        return Ok(called.into());
    }
    let path = fs::canonicalize(called).with_context(|| format!("cannot read the platform file {called}"))?;
    Ok(path.into())
}

/// Everything that the prefix is made from.
fn inputs(platform: &Platform, cargo: &Cargo, linker: &Linker, packages: &[Package]) -> Result<Digest> {
    let mut inputs = Inputs::default();
    let toolchain = &cargo.choice.toolchain;
    inputs.add("platform", format!("{} {}", platform.name(), platform.to_toml()).as_bytes());
    inputs.add("fingerprint", &platform.fingerprint());
    inputs.add("rust-target", format!("{:?}", platform.rust_target()).as_bytes());
    inputs.add("toolchain", format!("{} {} {}", toolchain.release, toolchain.commit, toolchain.host).as_bytes());
    inputs.add("linker", linker.version.as_bytes());
    inputs.add("recipe", format!("{:?}", cargo.recipe).as_bytes());
    inputs.add("profiles", cargo.source.profiles()?.as_bytes());
    inputs.add("packages", format!("{packages:?}").as_bytes());
    for package in packages {
        if let Some(path) = &package.path {
            inputs.add_folder(path)?;
        }
    }
    inputs.add_file(&cargo.source.root.join(probe::SOURCE))?;
    inputs.add_file(&cargo.source.root.join("LICENSE"))?;
    // This crate's own steps.
    inputs.add("steps", env!("MINPLAT_BUILD_STEPS").as_bytes());
    Ok(inputs.digest())
}
