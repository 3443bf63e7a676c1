//! What lies near a linked file and tells more of it: the map of its linker, the symbols that were stripped from it, for the shared
//! object of a library what that was linked from, and the map of a library that was linked in.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use minplat_builder::archive::MEMBER;
use minplat_builder::inputs::Digest;
use minplat_builder::job::LIBRARY;
use object::Object;

use crate::layout::Layout;
use crate::map::{self, Map};
use crate::measure::{object_of, origins, origins_of};
use crate::placed;

/// Completes the layout of `program`, the file `path`, with what is near; `given` is the map that the user named. Gives the file
/// that has its symbols and debugging information, where that is another.
///
/// # Errors
/// The given map cannot be read, or is of another program. One that is found is taken only if it is the program's.
pub(crate) fn complete(
    layout: &mut Layout,
    program: &object::File<'_>,
    path: &Path,
    given: Option<&Path>,
) -> Result<Option<Vec<u8>>> {
    let id = program.build_id().context("its build ID cannot be read")?;
    let debug = id.and_then(|id| debugging(path, id));
    if let Some(debug) = &debug {
        layout.set_symbols(&object::File::parse(&**debug)?);
    }
    let map = match given {
        Some(given) => {
            let map = map::read(given)?;
            layout.check_map(&map).with_context(|| given.display().to_string())?;
            Some(map)
        }
        None => {
            maps(path).iter().filter_map(|path| map::read(path).ok()).find(|map: &Map| layout.check_map(map).is_ok())
        }
    };
    if let Some(map) = map {
        let library = format!("{LIBRARY}({MEMBER})");
        let linked = map.parts.iter().map(|part| Path::new(&part.file)).find(|file| file.ends_with(&library));
        if let Some(prefix) = linked.and_then(prefix) {
            layout.origins.extend(origins(prefix)?);
        }
        layout.origins.extend(origins_of(&map.parts));
        layout.set_map(map);
    }
    if let Some(object) = id.and_then(|id| linked_from(path, id)) {
        layout.references.extend(placed::references(program, &layout.parts, &object, MEMBER)?);
    }
    Ok(debug)
}

/// The prefix that a library lies in: of `lib/libminplat.a`, the folder of `lib`.
pub(crate) fn prefix(path: &Path) -> Option<&Path> {
    path.parent()?.parent()
}

/// Where a map of a file may lie: `firmware.map` beside `firmware.elf`, and `share/minplat/libminplat.so.map` of a prefix.
fn maps(path: &Path) -> Vec<PathBuf> {
    let mut all = vec![path.with_extension("map"), with(path, ".map")];
    // The file with the symbols has the same map.
    let loaded = path.file_name().map(Path::new).map(|name| match name.extension() {
        Some(extension) if extension == "debug" => name.with_extension(""),
        _ => name.to_path_buf(),
    });
    all.extend(prefix(path).zip(loaded).map(|(prefix, name)| prefix.join("share/minplat").join(with(&name, ".map"))));
    all
}

/// The file `X.debug` of `X`, by the build ID that both have.
fn debugging(path: &Path, id: &[u8]) -> Option<Vec<u8>> {
    let bytes = fs::read(with(path, ".debug")).ok()?;
    let same = object::File::parse(&*bytes).ok()?.build_id().ok().flatten() == Some(id);
    same.then_some(bytes)
}

/// The object that the shared object of a prefix was linked from: its digest is the build ID.
fn linked_from(path: &Path, id: &[u8]) -> Option<Vec<u8>> {
    let object = object_of(&fs::read(prefix(path)?.join(LIBRARY)).ok()?).ok()?;
    let id: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
    Digest::of(&object).hex().starts_with(&id).then_some(object)
}

fn with(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}
