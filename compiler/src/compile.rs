//! From a module or component in binary form to an artifact for one platform.

use std::fmt::Display;
use std::sync::Arc;

use anyhow::anyhow;
use minplat_format::{Names, Stamp};
use minplat_platform::settings::Code;
use minplat_platform::{CompileOptions, Platform, Settings, compiling_config};
use wasmtime::{CacheStore, Engine};
use wasmtime_environ::obj;

use crate::cache::{Cache, ForModule, Uses};
use crate::custom;
use crate::engine_section;
use crate::explain;
use crate::image::Image;
use crate::refusal::Refusal;
use crate::rewrite::{Plan, rewrite};
use crate::sniff;

pub use minplat_platform::settings::OptLevel;

/// What one compilation may choose by itself. None of it has to agree with the device.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Instead of the platform's `compile.opt-level`.
    pub opt_level: Option<OptLevel>,
    /// Compile the functions of a module on all cores. The result is the same either way.
    pub parallel: bool,
    /// Leave out the table of instructions that trap, to see what it takes: a device that reads it stops at a trap.
    pub without_traps: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { opt_level: None, parallel: true, without_traps: false }
    }
}

/// Compiles any number of modules for one platform; may be shared between threads.
pub struct Compiler {
    platform: Platform,
    options: Options,
    engine: Engine,
    /// Names of the custom sections that artifacts carry.
    keep: Vec<String>,
    /// Where functions that were compiled before are kept.
    cache: Option<Arc<Cache>>,
}

/// A compiled module.
#[derive(Debug, Clone)]
pub struct Compiled {
    /// The artifact: Wasmtime's image, rewritten ([`mod@crate::rewrite`]), then minplat's trailer.
    pub artifact: Vec<u8>,
    /// Bytes of the image alone.
    pub image_len: usize,
    /// What the cache did, where there is one.
    pub cached: Option<Uses>,
}

impl Compiled {
    /// The artifact opened for reading: sections, functions, imports, exports.
    ///
    /// # Errors
    /// Never for what [`Compiler::compile`] made.
    pub fn image(&self) -> anyhow::Result<Image<'_>> {
        Image::parse(&self.artifact)
    }
}

impl Compiler {
    /// Makes ready for a platform.
    ///
    /// # Errors
    /// Wasmtime refuses the platform's settings together; `minplat-platform` should have said so before.
    pub fn new(platform: &Platform, options: Options) -> anyhow::Result<Self> {
        let engine = engine(platform, options, None, None)?;
        Ok(Self { platform: platform.clone(), options, engine, keep: Vec::new(), cache: None })
    }

    /// Lets artifacts carry the module's custom sections of these names: `minplat_module_section` gives them on the device.
    #[must_use]
    pub fn keep_sections(mut self, names: &[String]) -> Self {
        self.keep = names.to_vec();
        self
    }

    /// Takes functions that were compiled before from a cache, and gives it those that were not. Artifacts are the same.
    #[must_use]
    pub fn cache(mut self, cache: Arc<Cache>) -> Self {
        self.cache = Some(cache);
        self
    }

    /// The platform that is compiled for.
    pub fn platform(&self) -> &Platform {
        &self.platform
    }

    /// Compiles one module, or component where the platform has `runtime.component-model` on. `name` is used in messages.
    ///
    /// # Errors
    /// It is invalid, lacks a section that is to be kept, or needs a feature that the platform has off: the refusal then
    /// names the feature, the place in the module, and the key that turns it on.
    pub fn compile(&self, name: &str, wasm: &[u8]) -> Result<Compiled, Refusal> {
        let unready = |error: anyhow::Error| Refusal::new(name, format!("cannot be compiled: {error:#}"));
        // An engine asks one cache all its life, and each module's functions are to be counted for themselves.
        let cache = self.cache.as_ref().map(Cache::for_module);
        let of_module = cache.clone().map(|cache| engine(&self.platform, self.options, None, Some(cache)));
        let of_module = of_module.transpose().map_err(unready)?;
        let engine = of_module.as_ref().unwrap_or(&self.engine);
        let image = if sniff::kind(wasm) == sniff::Kind::Component {
            if !self.platform.settings().component_model {
                return Err(explain::no_components(self, name));
            }
            engine.precompile_component(wasm)
        } else {
            engine.precompile_module(wasm)
        };
        let image = image.map_err(|error| explain::refusal(self, name, wasm, &error))?;
        let sections = custom::kept(name, wasm, &self.keep)?;
        let unwritten = |error: &dyn Display| Refusal::new(name, format!("its artifact cannot be written: {error}"));
        let (image, names) = self.rewritten(&image).map_err(|e| unwritten(&format!("{e:#}")))?;
        let image_len = image.len();
        let stamp = Stamp {
            platform: self.platform.name(),
            fingerprint: self.platform.fingerprint(),
            base: self.platform.base_fingerprint(),
            features: self.platform.settings().feature_bits().0,
            wasmtime_major: minplat_platform::WASMTIME_MAJOR,
            names,
        };
        let artifact = minplat_format::write(image, &stamp, &sections).map_err(|e| unwritten(&e))?;
        Ok(Compiled { artifact, image_len, cached: cache.map(|cache| cache.uses()) })
    }

    /// The image of the same module with an address map, whatever the platform says. Its code is the same.
    ///
    /// # Errors
    /// As for [`Compiler::compile`].
    pub fn image_with_address_map(&self, name: &str, wasm: &[u8]) -> anyhow::Result<Vec<u8>> {
        let cache = self.cache.as_ref().map(Cache::for_module);
        let engine = engine(&self.platform, self.options, Some(true), cache)?;
        let image = engine.precompile_module(wasm).map_err(|error| explain::refusal(self, name, wasm, &error))?;
        Ok(self.rewritten(&image)?.0)
    }

    /// An image of Wasmtime's compiler without what the platform's devices never read, and what its functions' names take.
    fn rewritten(&self, image: &[u8]) -> anyhow::Result<(Vec<u8>, Names)> {
        let parsed = Image::parse(image)?;
        let Settings { page_size, code, symbols, unwind_info: unwind, traps, .. } = *self.platform.settings();
        let engine = engine_section::trimmed(parsed.elf.data(obj::ELF_WASM_ENGINE))?;
        let plan = Plan {
            engine: &engine,
            page: page_size.max(16),
            code: parsed.code_end()?,
            symbols,
            unwind,
            traps: (traps || code != Code::Native) && !self.options.without_traps,
        };
        Ok((rewrite(image, &plan)?, parsed.names()?))
    }

    /// An image of the empty module: what the engine records for every module of this platform.
    pub(crate) fn empty_image(&self) -> anyhow::Result<Vec<u8>> {
        const EMPTY: &[u8] = b"\0asm\x01\0\0\0";
        self.engine.precompile_module(EMPTY).map_err(|error| anyhow!("compiling the empty module: {error:#}"))
    }
}

fn engine(
    platform: &Platform,
    Options { opt_level, parallel, .. }: Options,
    address_map: Option<bool>,
    cache: Option<Arc<ForModule>>,
) -> anyhow::Result<Engine> {
    let cache = cache.map(|cache| cache as Arc<dyn CacheStore>);
    let options = CompileOptions { opt_level, address_map, parallel, cache };
    compiling_config(platform.settings(), &platform.compile_triple(), options)
        .and_then(|config| Engine::new(&config))
        .map_err(|error| anyhow!("setting up the compiler for the platform {}: {error:#}", platform.name()))
}

/// Compiles one module for a platform; for several, keep a [`Compiler`].
///
/// # Errors
/// As for [`Compiler::new`] and [`Compiler::compile`].
pub fn compile(platform: &Platform, wasm: &[u8], options: Options) -> anyhow::Result<Compiled> {
    Ok(Compiler::new(platform, options)?.compile("the module", wasm)?)
}
