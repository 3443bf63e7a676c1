//! Modules: loading, and what they import and export.

use alloc::vec::Vec;
use core::slice;

use minplat::LoadError;
use minplat::wasmtime::Module;
use minplat_format::{FormatError, Sections, custom_sections};

use crate::args::{boxed, delete, items, out, place, required};
use crate::engine::minplat_engine_t;
use crate::error::{Failure, code_of, minplat_error_code_t as code, minplat_error_t, report};
use crate::heap::texts;
use crate::image::Image;
use crate::names::Names;
use crate::purpose::{Purpose, expect, scope};
use crate::types::{minplat_externtype_t, named};

/// A loaded module; instances keep what they need of it.
pub struct minplat_module_t {
    pub(crate) module: Module,
    pub(crate) image: Image,
    sections: Carried,
}

/// The custom sections that came with the artifact.
enum Carried {
    /// Where the program left them.
    InPlace(*const [u8]),
    /// Of an artifact that was copied, so many bytes.
    Copied(Vec<Block>, usize),
}

/// Copies start on a multiple of this, as sections in an artifact do.
const ALIGNMENT: usize = 16;

#[repr(align(16))]
#[derive(Clone, Copy)]
struct Block([u8; ALIGNMENT]);

impl Carried {
    fn of(bytes: &[u8], copies: bool) -> Result<Self, Failure> {
        // The artifact was checked just now.
        let sections = custom_sections(bytes).map_or(&[][..], |sections| sections.bytes());
        if !copies {
            return Ok(Self::InPlace(sections));
        }
        let _scope = scope(Purpose::Code);
        let mut copy = Vec::new();
        copy.try_reserve_exact(sections.len().div_ceil(ALIGNMENT)).map_err(|_| Failure::OUT_OF_MEMORY)?;
        copy.extend(sections.chunks(ALIGNMENT).map(|chunk| {
            let mut block = Block([0; ALIGNMENT]);
            block.0[..chunk.len()].copy_from_slice(chunk);
            block
        }));
        Ok(Self::Copied(copy, sections.len()))
    }

    fn get(&self) -> Sections<'_> {
        Sections::new(match self {
            // SAFETY: the program leaves the artifact as long as there is the module.
            Self::InPlace(sections) => unsafe { slice::from_raw_parts(sections.cast(), sections.len()) },
            // SAFETY: blocks are bytes without gaps, and there are at least so many.
            Self::Copied(copy, len) => unsafe { slice::from_raw_parts(copy.as_ptr().cast(), *len) },
        })
    }
}

/// Loads an artifact of `minplat-compile`, copying it; `bytes` are free afterwards. The module is owned by the caller. What follows behind the artifact is
/// ignored, so a padded flash slot is fine. The digest finds damage, not malice: load only what you trust. In a library that was
/// built with `build.unpack` it may be packed: it is expanded on the heap first, and that copy is freed before this returns.
/// Stack: all of budget.stack. Tasks: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_module_load(
    engine: *const minplat_engine_t,
    bytes: *const u8,
    len: usize,
    module: *mut *mut minplat_module_t,
) -> *mut minplat_error_t {
    // SAFETY: the program trusts the bytes, as the documentation demands.
    report(|| unsafe { load(engine, bytes, len, module, true) })
}

/// Loads an artifact without copying it: code runs and data is read where it lies. The module is owned by the caller. The bytes must stay, unchanged, until
/// the module and every store with an instance of it are deleted; until then they cannot be loaded in place again
/// (MINPLAT_ERROR_ARGUMENT). Native code must start on a page
/// (`minplat_page_size`), in memory that `wasmtime_mprotect` can make executable, and the pages that it lies on, the last one too,
/// must hold nothing that is written: they are not writable while the module lives. Pulley's may be in ROM.
/// Stack: all of budget.stack. Tasks: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_module_load_in_place(
    engine: *const minplat_engine_t,
    bytes: *const u8,
    len: usize,
    module: *mut *mut minplat_module_t,
) -> *mut minplat_error_t {
    // SAFETY: the program trusts the bytes and leaves them, as the documentation demands.
    report(|| unsafe { load(engine, bytes, len, module, false) })
}

/// # Safety
/// Pointers are NULL or point to what their types say; the bytes are trusted, and stay if they are not copied.
unsafe fn load(
    engine: *const minplat_engine_t,
    bytes: *const u8,
    len: usize,
    module: *mut *mut minplat_module_t,
    copies: bool,
) -> Result<(), Failure> {
    // SAFETY: the caller's contract is the function's own.
    let (engine, bytes, place) = unsafe { (required(engine)?, items(bytes, len)?, place(module)?) };
    #[cfg(feature = "unpack")]
    let expanded = expanded(bytes, copies)?;
    #[cfg(feature = "unpack")]
    let bytes = expanded.as_deref().unwrap_or(bytes);
    let checked = minplat::check(bytes).map_err(refused)?;
    let scope = scope(Purpose::Metadata);
    let in_place = if copies { None } else { Some(Image::in_place(bytes)?) };
    let names = Names::keep(checked.names())?;
    if copies && cfg!(not(feature = "virtual-memory")) {
        // What is no image has none.
        expect(Purpose::Code, minplat_format::image_length(bytes).unwrap_or(0));
    }
    let texts = texts();
    let before = texts.refusals();
    // SAFETY: the caller's contract is the functions' own.
    let module = unsafe { if copies { checked.load(&engine.engine) } else { checked.load_in_place(&engine.engine) } };
    let module = module.map_err(refused);
    let is_full = texts.refusals() != before;
    drop((texts, names, scope));
    // What has no room says that Wasmtime's tables are wrong, or that nothing is, with the last of the memory.
    if is_full {
        return Err(Failure::OUT_OF_MEMORY);
    }
    let module = module?;
    let image = match in_place {
        Some(image) => image,
        None => Image::of(&module)?,
    };
    let sections = Carried::of(bytes, copies)?;
    // SAFETY: the place has room for a pointer.
    unsafe { place.write(boxed(minplat_module_t { module, image, sections })?) };
    Ok(())
}

/// A packed artifact's contents; nothing of one that is not packed. Apart, so that a load does not stand on its frame.
#[cfg(feature = "unpack")]
#[inline(never)]
fn expanded(bytes: &[u8], copies: bool) -> Result<Option<Vec<u8>>, Failure> {
    if !copies && minplat::is_packed(bytes) {
        return Err(Failure::new(
            code::MINPLAT_ERROR_WRONG_FORMAT,
            "it is packed, and cannot be used where it lies: load it with a copy, or unpack it with minplat-compile --unpack",
        ));
    }
    let _scope = scope(Purpose::Code);
    match minplat::unpack(bytes) {
        Ok(expanded) => Ok(expanded),
        Err(minplat::UnpackError::OutOfMemory) => Err(Failure::OUT_OF_MEMORY),
        Err(minplat::UnpackError::Format(error)) => Err(refused(LoadError::Format(error))),
    }
}

#[cold]
fn refused(error: LoadError<'_>) -> Failure {
    let code = match &error {
        LoadError::Wasmtime(error) => code_of(error).unwrap_or(code::MINPLAT_ERROR_PLATFORM_MISMATCH),
        LoadError::Format(error) => code_of_format(error),
        #[cfg(feature = "component-model")]
        LoadError::OtherKind { .. } => code::MINPLAT_ERROR_WRONG_FORMAT,
        LoadError::Misaligned { .. } => code::MINPLAT_ERROR_MISALIGNED,
        LoadError::OtherPlatform { .. }
        | LoadError::LacksFeatures { .. }
        | LoadError::OtherWasmtime { .. }
        | LoadError::NoCpuFeature(_)
        | LoadError::VectorStateOff => code::MINPLAT_ERROR_PLATFORM_MISMATCH,
    };
    Failure::text(code, format_args!("cannot load the module: {error}"))
}

/// Whether bytes are a damaged artifact, or none.
pub(crate) fn code_of_format(error: &FormatError) -> code {
    match error {
        FormatError::Truncated | FormatError::BrokenElf | FormatError::BrokenTrailer | FormatError::Digest => {
            code::MINPLAT_ERROR_ARTIFACT_DAMAGED
        }
        _ => code::MINPLAT_ERROR_WRONG_FORMAT,
    }
}

/// Frees a module. NULL is fine. Stack: 1 KiB. Tasks: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_module_delete(module: *mut minplat_module_t) {
    // SAFETY: NULL, or it came from `minplat_module_load*`, and its owner gives it back.
    unsafe { delete(module) }
}

/// How many imports the module has; 0 for NULL. Stack: 1 KiB. Tasks: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_module_import_count(module: *const minplat_module_t) -> usize {
    let _turn = crate::turn::take();
    // SAFETY: NULL, or a module of this library.
    unsafe { module.as_ref() }.map_or(0, |module| module.module.imports().len())
}

/// How many exports the module has; 0 for NULL. Stack: 1 KiB. Tasks: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_module_export_count(module: *const minplat_module_t) -> usize {
    let _turn = crate::turn::take();
    // SAFETY: NULL, or a module of this library.
    unsafe { module.as_ref() }.map_or(0, |module| module.module.exports().len())
}

fn none() -> Failure {
    Failure::new(code::MINPLAT_ERROR_NOT_FOUND, "the module has no import or export with this index")
}

/// The module's import number `index`, in the module's order. Owned by the caller. Stack: 2 KiB. Tasks: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_module_import(
    module: *const minplat_module_t,
    index: usize,
    import: *mut *mut minplat_externtype_t,
) -> *mut minplat_error_t {
    report(|| {
        // SAFETY: NULL, or a module of this library.
        let (module, place) = (unsafe { required(module) }?, place(import)?);
        let found = module.module.imports().nth(index).ok_or_else(none)?;
        // SAFETY: the place has room for a pointer.
        unsafe { place.write(boxed(named(found.module(), found.name(), found.ty())?)?) };
        Ok(())
    })
}

/// The module's export number `index`, in the module's order. Owned by the caller. Stack: 2 KiB. Tasks: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_module_export(
    module: *const minplat_module_t,
    index: usize,
    export: *mut *mut minplat_externtype_t,
) -> *mut minplat_error_t {
    report(|| {
        // SAFETY: NULL, or a module of this library.
        let (module, place) = (unsafe { required(module) }?, place(export)?);
        let found = module.module.exports().nth(index).ok_or_else(none)?;
        // SAFETY: the place has room for a pointer.
        unsafe { place.write(boxed(named("", found.name(), found.ty())?)?) };
        Ok(())
    })
}

/// A custom section of the module. Name and data are valid as long as the module; the data starts at a multiple of 16 where
/// the artifact does, and always of a copied one.
#[repr(C)]
pub struct minplat_section_t {
    /// Its name: UTF-8, not terminated.
    pub name: *const u8,
    /// Bytes of the name.
    pub name_len: usize,
    /// Its bytes.
    pub data: *const u8,
    /// How many.
    pub data_len: usize,
}

/// How many custom sections came with the module: those that `minplat-compile --keep-section` was told of, in the module's
/// order; 0 for NULL. Of an artifact in place they lie in the artifact; of a copied one the module keeps a copy.
/// Stack: 1 KiB. Tasks: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_module_section_count(module: *const minplat_module_t) -> usize {
    let _turn = crate::turn::take();
    // SAFETY: NULL, or a module of this library.
    unsafe { module.as_ref() }.map_or(0, |module| module.sections.get().count())
}

/// One of them. False if there is none with this index, or an argument is NULL. Stack: 1 KiB. Tasks: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_module_section(
    module: *const minplat_module_t,
    index: usize,
    section: *mut minplat_section_t,
) -> bool {
    let _turn = crate::turn::take();
    // SAFETY: NULL, or a module of this library.
    let Some(found) = unsafe { module.as_ref() }.and_then(|module| module.sections.get().nth(index)) else {
        return false;
    };
    let found = minplat_section_t {
        name: found.name.as_ptr(),
        name_len: found.name.len(),
        data: found.data.as_ptr(),
        data_len: found.data.len(),
    };
    // SAFETY: NULL, or room for a section.
    unsafe { out(section, found) }.is_ok()
}
