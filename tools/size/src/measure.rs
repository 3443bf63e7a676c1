//! The measure of a platform: the size probe linked with its library, unused sections collected, as `minplat-build` does for
//! the budget; and what the library's object knows of its parts.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use minplat_builder::job::{LIBRARY, MANIFEST};
use minplat_builder::linker::Linker;
use minplat_builder::probe::{self, More};
use minplat_builder::publish::Artifacts;
use minplat_builder::sizes::Sizes;
use minplat_builder::source::Source;
use minplat_builder::toolchain::{choose, list};
use minplat_platform::Platform;
use object::read::archive::ArchiveFile;
use serde_json::Value;
use tempfile::TempDir;

use crate::layout::Layout;
use crate::map::{self, Part};
use crate::model::Beside;
use crate::placed;

/// What makes a library carry debugging information; nothing of it is loaded.
const DEBUG: &str = "build.rustc-flags=-Cdebuginfo=1";

/// A measured platform.
pub(crate) struct Measured {
    /// The linked program.
    pub(crate) elf: Vec<u8>,
    /// What is known of it.
    pub(crate) layout: Layout,
    /// How the probe was compiled and linked.
    pub(crate) how: String,
    /// The whole library, and the shared object.
    pub(crate) beside: Vec<Beside>,
}

/// The platform with debugging information, and what it is called.
///
/// # Errors
/// It cannot have any.
pub(crate) fn with_debugging(called: &str, sets: &[String]) -> Result<(Platform, Vec<String>)> {
    let plain = Platform::load(called, sets)?;
    let flags = plain.build().rustc_flags;
    if flags.iter().any(|flag| flag.starts_with("-Cdebuginfo")) {
        return Ok((plain, sets.to_vec()));
    }
    let set = [DEBUG.to_string()].into_iter().chain(flags).collect::<Vec<_>>().join(",");
    let sets: Vec<_> = sets.iter().cloned().chain([set]).collect();
    Ok((Platform::load(called, &sets)?, sets))
}

/// Lets `minplat-build` make a platform's library, or find that nothing has changed.
///
/// # Errors
/// It is not there, or fails.
pub(crate) fn build(called: &str, sets: &[String]) -> Result<()> {
    let program =
        std::env::current_exe().context("cannot tell where this program lies")?.with_file_name("minplat-build");
    let mut command = Command::new(&program);
    command.arg(called).stdout(std::process::Stdio::null());
    for set in sets {
        command.arg("--set").arg(set);
    }
    let status = command.status().with_context(|| {
        format!("cannot run {}, which lies beside this program; build it: cargo build --release", program.display())
    })?;
    ensure!(status.success(), "minplat-build could not build the library");
    Ok(())
}

/// Where the library of a platform lies, or is to lie.
///
/// # Errors
/// The folder of libraries cannot be written.
pub(crate) fn prefix(platform: &Platform) -> Result<PathBuf> {
    Ok(Artifacts::open(&artifacts())?.prefix(platform.name()))
}

/// The manifest of the library of a prefix.
///
/// # Errors
/// It cannot be read.
pub(crate) fn manifest(prefix: &Path) -> Result<Value> {
    let path = prefix.join(MANIFEST);
    let text = fs::read_to_string(&path)
        .with_context(|| format!("cannot read {}; build the library: minplat-build", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is damaged; build the library again", path.display()))
}

/// What the manifest of a library says of the size probe.
///
/// # Errors
/// It says nothing of it.
pub(crate) fn measured(manifest: &Value) -> Result<probe::Measured> {
    let measured = &manifest["budgets"]["library"];
    serde_json::from_value(measured.clone()).context("the manifest does not say what the size probe takes")
}

/// The folder of built libraries and guests.
pub(crate) fn artifacts() -> PathBuf {
    let dir = std::env::var_os("MINPLAT_ARTIFACTS").filter(|dir| !dir.is_empty());
    dir.map_or_else(|| "artifacts".into(), PathBuf::from)
}

/// The probe, linked.
struct Linked {
    library: Vec<u8>,
    linker: Linker,
    work: TempDir,
    measured: probe::Measured,
}

/// Links the probe with the library of a prefix.
fn link(platform: &Platform, prefix: &Path, more: &More) -> Result<Linked> {
    let path = prefix.join(LIBRARY);
    let library = fs::read(&path).with_context(|| {
        format!("cannot read the library {}; build it: minplat-build {}", path.display(), platform.name())
    })?;
    let choice = choose(platform, &list(None))?;
    let linker = Linker::find(&choice.toolchain)?;
    let source = Source::find(None)?;
    let work = tempfile::tempdir().context("cannot make a folder for temporary files")?;
    fs::write(work.path().join("libminplat.a"), &library).context("cannot write a temporary file")?;
    let place = (work.path(), "libminplat.a");
    let measured = probe::measure(platform, &choice.toolchain, &linker, &source.root, place, more)?;
    Ok(Linked { library, linker, work, measured })
}

/// The bytes of the probe with the library of a prefix, compiled and linked with `more`.
///
/// # Errors
/// The library is not there, or a step fails.
pub(crate) fn sizes(platform: &Platform, prefix: &Path, more: &More) -> Result<Sizes> {
    Ok(probe(platform, prefix, more)?.sizes)
}

/// The same, with how it was compiled and linked.
///
/// # Errors
/// The library is not there, or a step fails.
pub(crate) fn probe(platform: &Platform, prefix: &Path, more: &More) -> Result<probe::Measured> {
    Ok(link(platform, prefix, more)?.measured)
}

/// The releases that a library is made of.
pub(crate) struct Versions {
    /// minplat's.
    pub(crate) minplat: String,
    /// Wasmtime's.
    pub(crate) wasmtime: String,
}

/// Those of the library of a prefix, by its manifest.
///
/// # Errors
/// The manifest cannot be read, or does not say.
pub(crate) fn versions(prefix: &Path) -> Result<Versions> {
    let manifest = manifest(prefix)?;
    let version = |name: &str| {
        let version = manifest[name].as_str().map(str::to_string);
        version.with_context(|| format!("the manifest in {} does not tell the release of {name}", prefix.display()))
    };
    Ok(Versions { minplat: version("minplat")?, wasmtime: version("wasmtime")? })
}

/// Links the probe with a platform's library.
///
/// # Errors
/// The library is not there, or a step fails.
pub(crate) fn measure(platform: &Platform) -> Result<Measured> {
    let prefix = prefix(platform)?;
    let Linked { library, linker, work, measured } = link(platform, &prefix, &More::default())?;
    let dir = work.path();
    // Once more, for the map.
    let args: Vec<_> = measured.link.iter().cloned().chain(["-Map=probe.map".to_string()]).collect();
    linker.run(dir, "linking the size probe with a map", &args)?;
    let elf = fs::read(dir.join("probe.elf")).context("cannot read the linked size probe")?;
    ensure!(Sizes::read(&elf)? == measured.sizes, "the size probe is of another size when it is linked with a map");

    let mut layout = Layout::read(&elf).context("the linked size probe")?;
    layout.set_map(map::read(&dir.join("probe.map"))?);
    let file = object::File::parse(&*elf)?;
    layout.references = placed::references(&file, &layout.parts, &object_of(&library)?, "libminplat.a(minplat.o)")?;
    if let Ok(probe) = fs::read(dir.join("probe.o")) {
        layout.references.extend(placed::references(&file, &layout.parts, &probe, "probe.o")?);
    }
    layout.origins = origins(&prefix)?;
    // What the probe itself is.
    for part in layout.parts.iter().filter(|part| part.file == "probe.o") {
        let symbol = part.section.trim_start_matches('.').split_once('.').map_or("", |(_, symbol)| symbol);
        layout.origins.insert(symbol.into(), "C: size-probe.c".into());
    }
    let beside = beside(&manifest(&prefix)?);
    Ok(Measured { elf, layout, how: measured.how, beside })
}

/// What else there is of a library, by its manifest.
pub(crate) fn beside(manifest: &Value) -> Vec<Beside> {
    let all = [
        ("the whole C API kept", "/sizes/archive/total"),
        ("libminplat.so, position-independent", "/sizes/shared/total"),
    ];
    let known = |(what, pointer): (&str, &str)| {
        manifest.pointer(pointer).and_then(Value::as_u64).map(|bytes| Beside { what: what.into(), bytes })
    };
    all.into_iter().filter_map(known).collect()
}

/// The one object of a library.
pub(crate) fn object_of(library: &[u8]) -> Result<Vec<u8>> {
    let archive = ArchiveFile::parse(library).context("the library is no archive")?;
    let members: Vec<_> = archive.members().collect::<Result<_, _>>().context("the library is damaged")?;
    match members.as_slice() {
        [member] => Ok(member.data(library)?.to_vec()),
        _ => bail!("the library has {} members, and one of minplat's has one", members.len()),
    }
}

/// Whose each section of the library of a prefix is, by the map of its pre-link; nothing where there is none.
///
/// # Errors
/// The map cannot be read.
pub(crate) fn origins(prefix: &Path) -> Result<HashMap<String, String>> {
    let path = prefix.join("share/minplat/libminplat.map");
    Ok(if path.is_file() { origins_of(&map::read(&path)?.parts) } else { HashMap::new() })
}

/// The same of any map: `rust.a(compiler_builtins-12ab.…)` is of `compiler_builtins`.
pub(crate) fn origins_of(parts: &[Part]) -> HashMap<String, String> {
    let mut all = HashMap::new();
    for part in parts {
        let Some(krate) = part.krate() else { continue };
        let symbol = part.section.trim_start_matches('.').split_once('.').map_or("", |(_, symbol)| symbol).to_string();
        all.insert(part.section.clone(), krate.to_string());
        if !symbol.is_empty() {
            all.insert(symbol, krate.to_string());
        }
    }
    all
}
