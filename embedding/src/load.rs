//! Loads that check before they trust.

use core::ptr::NonNull;

use minplat_format::Names;
use minplat_format::elf::{Image, Section};
use minplat_platform::WASMTIME_MAJOR;
use minplat_platform::features::FeatureBits;
use minplat_platform::settings::Code;
use wasmtime::{Engine, Module};
#[cfg(feature = "component-model")]
use wasmtime::{Precompiled, component::Component};

use crate::cpu::Lack;
use crate::{LoadError, PLATFORM, page_size};

/// An artifact that was checked, and can be loaded.
#[derive(Clone, Copy)]
pub struct Checked<'a> {
    image: &'a [u8],
    names: Names,
}

/// Checks that an artifact is whole, and that this device can load it.
///
/// # Errors
/// See [`LoadError`].
// What the digest needs of the stack is free again before Wasmtime begins.
#[inline(never)]
pub fn check(bytes: &[u8]) -> Result<Checked<'_>, LoadError<'_>> {
    let read = if PLATFORM.settings.digest { minplat_format::read } else { minplat_format::read_unverified };
    let artifact = read(bytes)?;
    let trailer = artifact.trailer;
    if trailer.wasmtime_major != WASMTIME_MAJOR {
        return Err(LoadError::OtherWasmtime { artifact: trailer.wasmtime_major });
    }
    if trailer.base != PLATFORM.base {
        return Err(LoadError::OtherPlatform { name: trailer.platform, fingerprint: trailer.fingerprint });
    }
    let lacking = FeatureBits(trailer.features).without(PLATFORM.settings.feature_bits());
    if lacking.0 != 0 {
        return Err(LoadError::LacksFeatures { name: trailer.platform, lacking });
    }
    Ok(Checked { image: artifact.image, names: trailer.names })
}

impl<'a> Checked<'a> {
    /// What the names of the module's functions take, with allocations that cannot fail (`alloc::alloc::handle_alloc_error`):
    /// a load 12 bytes for each, all at once, and a trap up to the longest's bytes for each of its frames.
    pub fn names(&self) -> Names {
        self.names
    }

    /// Loads it by copying it into memory that is mapped for it; the bytes are free afterwards.
    ///
    /// # Errors
    /// See [`LoadError`]; nothing is left mapped.
    ///
    /// # Safety
    /// The bytes are unchanged output of `minplat-compile`. The trailer's digest finds accidents, not malice.
    pub unsafe fn load(self, engine: &Engine) -> Result<Module, LoadError<'a>> {
        #[cfg(feature = "component-model")]
        is(self.image, Kind::Module)?;
        native(self.image, None)?;
        // SAFETY: the caller's contract is the function's own.
        Ok(unsafe { Module::deserialize(engine, self.image) }?)
    }

    /// Loads it without copying it: its code runs, and its data is read, where it lies. Native code must lie in memory that
    /// `wasmtime_mprotect` can make executable, on pages that hold nothing else that is written; Pulley may lie in ROM.
    ///
    /// # Errors
    /// See [`LoadError`].
    ///
    /// # Safety
    /// As [`Self::load`]; also, the bytes stay where they are, unchanged, for as long as the module or anything made from it
    /// lives.
    pub unsafe fn load_in_place(self, engine: &Engine) -> Result<Module, LoadError<'a>> {
        #[cfg(feature = "component-model")]
        is(self.image, Kind::Module)?;
        native(self.image, Some(self.image.as_ptr().addr()))?;
        // SAFETY: the caller's contract is the function's own.
        Ok(unsafe { Module::deserialize_raw(engine, NonNull::from(self.image)) }?)
    }

    /// As [`Self::load`], for a component.
    ///
    /// # Errors
    /// See [`LoadError`]; nothing is left mapped.
    ///
    /// # Safety
    /// As [`Self::load`].
    #[cfg(feature = "component-model")]
    pub unsafe fn load_component(self, engine: &Engine) -> Result<Component, LoadError<'a>> {
        is(self.image, Kind::Component)?;
        native(self.image, None)?;
        // SAFETY: the caller's contract is the function's own.
        Ok(unsafe { Component::deserialize(engine, self.image) }?)
    }

    /// As [`Self::load_in_place`], for a component.
    ///
    /// # Errors
    /// See [`LoadError`].
    ///
    /// # Safety
    /// As [`Self::load_in_place`].
    #[cfg(feature = "component-model")]
    pub unsafe fn load_component_in_place(self, engine: &Engine) -> Result<Component, LoadError<'a>> {
        is(self.image, Kind::Component)?;
        native(self.image, Some(self.image.as_ptr().addr()))?;
        // SAFETY: the caller's contract is the function's own.
        Ok(unsafe { Component::deserialize_raw(engine, NonNull::from(self.image)) }?)
    }
}

/// Checks an artifact, and loads it by copying it: [`check`], then [`Checked::load`].
///
/// # Errors
/// See [`LoadError`]; nothing is left mapped.
///
/// # Safety
/// As [`Checked::load`].
pub unsafe fn load<'a>(engine: &Engine, bytes: &'a [u8]) -> Result<Module, LoadError<'a>> {
    // SAFETY: the caller's contract is the function's own.
    unsafe { check(bytes)?.load(engine) }
}

/// Checks an artifact, and loads it without copying it: [`check`], then [`Checked::load_in_place`].
///
/// # Errors
/// See [`LoadError`].
///
/// # Safety
/// As [`Checked::load_in_place`].
pub unsafe fn load_in_place<'a>(engine: &Engine, bytes: &'a [u8]) -> Result<Module, LoadError<'a>> {
    // SAFETY: the caller's contract is the function's own.
    unsafe { check(bytes)?.load_in_place(engine) }
}

/// Checks an artifact, and loads the component in it by copying it: [`check`], then [`Checked::load_component`].
///
/// # Errors
/// See [`LoadError`]; nothing is left mapped.
///
/// # Safety
/// As [`Checked::load`].
#[cfg(feature = "component-model")]
pub unsafe fn load_component<'a>(engine: &Engine, bytes: &'a [u8]) -> Result<Component, LoadError<'a>> {
    // SAFETY: the caller's contract is the function's own.
    unsafe { check(bytes)?.load_component(engine) }
}

/// Checks an artifact, and loads the component in it without copying it: [`check`], then [`Checked::load_component_in_place`].
///
/// # Errors
/// See [`LoadError`].
///
/// # Safety
/// As [`Checked::load_in_place`].
#[cfg(feature = "component-model")]
pub unsafe fn load_component_in_place<'a>(engine: &Engine, bytes: &'a [u8]) -> Result<Component, LoadError<'a>> {
    // SAFETY: the caller's contract is the function's own.
    unsafe { check(bytes)?.load_component_in_place(engine) }
}

/// What an artifact holds.
#[cfg(feature = "component-model")]
#[derive(PartialEq, Eq)]
enum Kind {
    Module,
    Component,
}

/// Refuses a component where a module is to be loaded, and the other way round. Without components there are only modules:
/// the fingerprint sees to that.
#[cfg(feature = "component-model")]
fn is<'a>(image: &'a [u8], wanted: Kind) -> Result<(), LoadError<'a>> {
    let found = match Engine::detect_precompiled(image) {
        Some(Precompiled::Module) => Kind::Module,
        Some(Precompiled::Component) => Kind::Component,
        // Wasmtime says what is wrong with it.
        None => return Ok(()),
    };
    match found {
        _ if found == wanted => Ok(()),
        Kind::Module => Err(LoadError::OtherKind { found: "a module", remedy: "`minplat::load`" }),
        Kind::Component => Err(LoadError::OtherKind { found: "a component", remedy: "`minplat::load_component`" }),
    }
}

/// Tests what Wasmtime only asserts. `base` is the image's address if it is used in place; a copy starts on a page.
fn native<'a>(image: &'a [u8], base: Option<usize>) -> Result<(), LoadError<'a>> {
    if let Some(base) = base {
        // Wasmtime reads headers and tables of the image as aligned words.
        let needed = if native_code() || PLATFORM.settings.images { page_size() } else { 16 };
        if base % needed != 0 {
            return Err(LoadError::Misaligned {
                what: "the artifact",
                needed,
                remedy: "place it so, as the sections of `minplat-compile --emit obj` do, or load it with a copy",
            });
        }
    }
    if native_code() {
        match crate::cpu::lack() {
            None => {}
            Some(Lack::Feature(feature)) => return Err(LoadError::NoCpuFeature(feature)),
            Some(Lack::State) => return Err(LoadError::VectorStateOff),
        }
    }
    let sections = Image::parse(image)?;
    // Data that is copied, as to an imported memory, is no image, and the compiler does not align it.
    let on_a_page = |what| {
        let begins_off =
            |s: Section<'_>| s.size != 0 && s.alignment > 1 && !s.offset.is_multiple_of(page_size() as u64);
        if sections.section(what).is_some_and(begins_off) {
            return Err(LoadError::Misaligned {
                what,
                needed: page_size(),
                remedy: "the device's page is larger than the module was aligned for: set offers.page-size in the \
                         platform file, and compile the module again",
            });
        }
        Ok(())
    };
    if native_code() {
        on_a_page(".text")?;
    }
    if PLATFORM.settings.images {
        on_a_page(".rodata.wasm")?;
    }
    Ok(())
}

const fn native_code() -> bool {
    matches!(PLATFORM.settings.code, Code::Native)
}
