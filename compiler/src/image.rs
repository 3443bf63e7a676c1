//! An artifact opened for reading: what it is, which sections and functions it has, what the module or component shows.

use anyhow::{Context, bail};
use minplat_format::{Names, Sections};
use serde::Serialize;
use wasmtime_environ::component::{CompiledComponentInfo, ComponentTypes, TypeComponentIndex};
use wasmtime_environ::{
    CompiledModuleInfo, EngineOrModuleTypeIndex, EntityRef, FuncIndex, ModuleInternedTypeIndex, ModuleTypes,
    PrimaryMap, StaticModuleIndex, WasmChecksum, obj,
};

use crate::component::ComponentShape;
use crate::elf::{Elf, Section};
use crate::engine_section::EngineSection;
use crate::functions::{Function, Table};
use crate::guard::guard;
use crate::shape::{self, Shape};

/// The trailer, in owned form.
#[derive(Debug, Clone)]
pub struct Seal {
    /// The platform's name.
    pub platform: String,
    /// The platform's fingerprint.
    pub fingerprint: [u8; 32],
    /// The platform's base fingerprint.
    pub base: [u8; 8],
    /// The Wasmtime major that the trailer names.
    pub wasmtime_major: u32,
    /// SHA-256 of the image, as the trailer has it; verified.
    pub digest: [u8; 32],
    /// Bytes of image, padding and trailer.
    pub length: usize,
}

/// An opened artifact.
#[derive(Debug)]
pub struct Image<'a> {
    /// The image alone: an ELF.
    pub bytes: &'a [u8],
    /// Its sections.
    pub elf: Elf<'a>,
    /// minplat's trailer; none in the output of a bare Wasmtime.
    pub seal: Option<Seal>,
    /// Bytes of the file behind the artifact, as in a padded flash slot.
    pub behind: usize,
    /// Custom sections of the module that the artifact carries.
    pub kept: Sections<'a>,
    /// What Wasmtime recorded about the engine.
    pub engine: EngineSection,
}

type Modules = PrimaryMap<StaticModuleIndex, CompiledModuleInfo>;

/// What was compiled.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outside {
    /// A core module.
    Module(Shape),
    /// A component.
    Component(ComponentShape),
}

/// What the image says about the module or component.
#[derive(Debug, Clone, Serialize)]
pub struct Contents {
    /// Imports, exports, memories.
    pub outside: Outside,
    /// Every function of the code, by place.
    pub functions: Vec<Function>,
    /// Where the code section starts in the wasm file, bytes; none for a component, which may have several.
    pub code_section_offset: Option<u64>,
}

impl<'a> Image<'a> {
    /// Opens an artifact, or the bare output of Wasmtime. A trailer is verified, digest included.
    ///
    /// # Errors
    /// It is damaged, was compiled by another Wasmtime, or is no artifact.
    pub fn parse(bytes: &'a [u8]) -> anyhow::Result<Self> {
        let length = minplat_format::image_length(bytes).map_err(|e| anyhow::anyhow!("{e}"))?;
        let image = &bytes[..length];
        let elf = Elf::parse(image)?;
        let (seal, kept, end) = match minplat_format::read(bytes) {
            Ok(artifact) => {
                let trailer = artifact.trailer;
                let seal = Seal {
                    platform: trailer.platform.to_string(),
                    fingerprint: trailer.fingerprint,
                    base: trailer.base,
                    wasmtime_major: trailer.wasmtime_major,
                    digest: trailer.digest,
                    length: artifact.length,
                };
                (Some(seal), artifact.sections, artifact.length)
            }
            Err(minplat_format::FormatError::NoTrailer) => (None, Sections::default(), length),
            Err(error) => bail!("{error}"),
        };
        let section = elf.section(obj::ELF_WASM_ENGINE).context("it has no section .wasmtime.engine")?;
        let engine = EngineSection::of_section(section.data)?;
        Ok(Self { bytes: image, elf, seal, behind: bytes.len() - end, kept, engine })
    }

    /// Whether it is a component.
    pub fn is_component(&self) -> bool {
        self.elf.flags & obj::EF_WASMTIME_COMPONENT != 0
    }

    /// The code.
    pub fn text(&self) -> Option<Section<'a>> {
        self.elf.section(".text")
    }

    /// Decodes what the image says about the module or component.
    ///
    /// # Errors
    /// It is damaged.
    pub fn contents(&self) -> anyhow::Result<Contents> {
        let info = self.elf.section(obj::ELF_WASMTIME_INFO).context("it has no section .wasmtime.info")?.data;
        if self.is_component() {
            // `wasmtime_environ::component::ComponentArtifacts`, with our own table in it.
            type Info = (TypeComponentIndex, CompiledComponentInfo, Table, ComponentTypes, Modules, WasmChecksum);
            let (component, _, table, types, modules, _): Info =
                guard(|| postcard::from_bytes(info))?.context("the component's description in it is damaged")?;
            return guard(|| {
                let shapes = modules.values().map(|info| Shape::of(&info.module, types.module_types())).collect();
                let outside = Outside::Component(ComponentShape::of(component, &types, shapes));
                let functions = self.functions(&table, &modules, types.module_types(), true);
                Contents { outside, functions, code_section_offset: None }
            });
        }
        type Info = (CompiledModuleInfo, Table, ModuleTypes);
        let (info, table, types): Info =
            guard(|| postcard::from_bytes(info))?.context("the module's description in it is damaged")?;
        guard(|| {
            let outside = Outside::Module(Shape::of(&info.module, &types));
            let code_section_offset = Some(info.meta.code_section_offset);
            let modules = Modules::from_iter([info]);
            let functions = self.functions(&table, &modules, &types, false);
            Contents { outside, functions, code_section_offset }
        })
    }

    /// What the names of functions take of a device; nothing of a component's, whose modules have a list each. Of an image that
    /// was compiled just now: another may make it panic.
    ///
    /// # Errors
    /// It is damaged.
    pub(crate) fn names(&self) -> anyhow::Result<Names> {
        if self.is_component() {
            return Ok(Names::default());
        }
        let info = self.elf.section(obj::ELF_WASMTIME_INFO).context("it has no section .wasmtime.info")?.data;
        let (info, _) = postcard::take_from_bytes::<CompiledModuleInfo>(info)
            .context("the module's description in it is damaged")?;
        let longest = info.func_names.iter().map(|name| name.len).max().unwrap_or(0);
        Ok(Names { count: u32::try_from(info.func_names.len())?, longest })
    }

    /// Where the code of the last function ends in `.text`, bytes. Of an image that was compiled just now, as [`Self::names`].
    ///
    /// # Errors
    /// It is damaged.
    pub(crate) fn code_end(&self) -> anyhow::Result<u64> {
        let functions = self.contents()?.functions;
        Ok(functions.iter().map(|function| u64::from(function.start) + u64::from(function.size)).max().unwrap_or(0))
    }

    /// The functions of a table, with the names that their modules have for them. May panic where something is damaged.
    fn functions(&self, table: &Table, modules: &Modules, types: &ModuleTypes, several: bool) -> Vec<Function> {
        let names = self.elf.data(obj::ELF_NAME_DATA);
        let own = |info: &CompiledModuleInfo, index: u32| {
            let index = FuncIndex::from_u32(index);
            let at = info.func_names.binary_search_by_key(&index, |n| n.idx).ok()?;
            let entry = &info.func_names[at];
            let bytes = names.get(entry.offset as usize..)?.get(..entry.len as usize)?;
            Some(String::from_utf8_lossy(bytes).into_owned())
        };
        let exported = |info: &CompiledModuleInfo, index: u32| {
            info.module.exports.iter().find_map(|(export, entity)| match entity {
                wasmtime_environ::EntityIndex::Function(i) if i.as_u32() == index => {
                    Some(info.module.strings[export].to_string())
                }
                _ => None,
            })
        };
        let info = |module: u32| modules.get(StaticModuleIndex::from_u32(module));
        let mut functions = table.functions(
            |module| info(module).map_or(0, |info| info.module.num_imported_funcs as u32),
            |module, index| own(info(module)?, index).or_else(|| exported(info(module)?, index)),
            |index| {
                let index = EngineOrModuleTypeIndex::Module(ModuleInternedTypeIndex::new(index as usize));
                Some(shape::function_type(types, index))
            },
        );
        if !several {
            functions.iter_mut().for_each(|function| function.module = None);
        }
        functions
    }
}
