//! The shared object: for the Linux process that plays the device.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::inputs::Digest;
use crate::linker::Linker;

/// The one to load: of its symbols, it has those of the API and of the platform.
pub const LIBRARY: &str = "libminplat.so";
/// The same with its symbol table and, if there is any, debugging information. Debuggers pair them by build ID.
pub const DEBUG: &str = "libminplat.so.debug";
/// Which part lies where.
pub const MAP: &str = "libminplat.so.map";

/// Links `object`, a file in `dir`, to [`LIBRARY`], [`DEBUG`] and [`MAP`] beside it. Returns the arguments of the first.
///
/// # Errors
/// The linker fails.
pub fn link(linker: &Linker, dir: &Path, object: &str) -> Result<Vec<String>> {
    let bytes = fs::read(dir.join(object)).with_context(|| format!("cannot read {}", dir.join(object).display()))?;
    // Both links get the same ID: one of the linker's own making would depend on the symbol table.
    let id = &Digest::of(&bytes).hex()[..40];
    let args = |output: &str, more: &[&str]| -> Vec<String> {
        // What the host offers is found when it is loaded.
        let fixed = ["-shared", "--gc-sections", "-Bsymbolic", "-z", "undefs", "-soname", LIBRARY];
        let mut args: Vec<String> = fixed.iter().chain(more).map(ToString::to_string).collect();
        args.extend([format!("--build-id=0x{id}"), "-o".into(), output.into(), object.into()]);
        args
    };
    // `nm -u` reads the symbol table that debuggers use; the API's and the platform's symbols stay in it.
    let loaded = args(LIBRARY, &["--strip-debug", "--discard-all"]);
    linker.run(dir, "linking the shared object", &loaded)?;
    linker.run(dir, "linking the shared object with symbols", &args(DEBUG, &[&format!("-Map={MAP}")]))?;
    Ok(loaded)
}
