//! One object of the Rust static library: what the API reaches, each function still in a section of its own, so that a
//! program's linker can drop more.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use object::read::archive::ArchiveFile;
use object::{Object, ObjectSymbol};

use crate::linker::Linker;

/// What every function of the API begins with.
pub const PREFIX: &str = "minplat_";

/// Functions of the platform that the library itself stands in front of, as `__wrap_…` of `minplat-capi`.
const WRAPPED: [&str; 1] = ["wasmtime_init_traps"];

/// The map of the pre-link.
pub const MAP: &str = "libminplat.map";

/// Links `archive`, a file in `dir`, to the object `output` beside it; the API is what the archive exports under
/// [`PREFIX`]. Returns the linker's arguments.
///
/// # Errors
/// The archive is damaged or exports no such function; the linker fails.
pub fn prelink(linker: &Linker, dir: &Path, archive: &str, output: &str) -> Result<Vec<String>> {
    let bytes = fs::read(dir.join(archive)).with_context(|| format!("cannot read {}", dir.join(archive).display()))?;
    let api = exports(&bytes)?;
    if api.is_empty() {
        bail!("the static library exports no function {PREFIX}…: this checkout's embedding/capi has no C API");
    }
    let mut args: Vec<String> = ["-r", "--gc-sections", "--force-group-allocation"].map(String::from).into();
    args.extend(WRAPPED.map(|name| format!("--wrap={name}")));
    args.push(format!("-Map={MAP}"));
    for name in &api {
        args.extend(["-u".into(), name.clone()]);
    }
    args.extend(["-o".into(), output.into(), archive.into()]);
    linker.run(dir, "pre-linking the library", &args)?;
    Ok(args)
}

/// The global symbols with our prefix that the members of an archive define, sorted.
fn exports(archive: &[u8]) -> Result<Vec<String>> {
    let file = ArchiveFile::parse(archive).context("the static library is no archive")?;
    let mut names = Vec::new();
    for member in file.members() {
        let data = member.and_then(|member| member.data(archive)).context("the static library is damaged")?;
        // A member that is no object (Rust's metadata) exports nothing.
        let Ok(object) = object::File::parse(data) else { continue };
        let ours = object.symbols().filter(|symbol| symbol.is_global() && symbol.is_definition());
        names.extend(ours.filter_map(|s| s.name().ok()).filter(|name| name.starts_with(PREFIX)).map(str::to_string));
    }
    names.sort_unstable();
    names.dedup();
    Ok(names)
}
